// fuzz --target=NAME [options of libFuzzer] [corpus folders]; launch/fuzz builds and runs it.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "common/log.h"
#include "tests/fuzz/fuzz.h"

namespace {

const rookery::FuzzTarget* target = nullptr;  // libFuzzer keeps nothing between its two functions

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** words) {
  constexpr std::string_view kFlag = "--target=";
  FLAGS_logtostderr = true;
  FLAGS_minloglevel = google::GLOG_FATAL;
  for (int i = 1; i < *count; ++i) {
    const std::string_view word = (*words)[i];
    if (!word.starts_with(kFlag)) continue;
    for (const rookery::FuzzTarget& each : rookery::FuzzTargets()) {
      if (each.name == word.substr(kFlag.size())) target = &each;
    }
  }
  if (target != nullptr) return 0;
  std::cerr << "fuzz: say --target=NAME, one of";
  for (const rookery::FuzzTarget& each : rookery::FuzzTargets()) std::cerr << ' ' << each.name;
  std::cerr << '\n';
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // -1: not added to the corpus. All are welcome.
  (void)target->body(std::as_bytes(std::span(data, size)));
  return 0;
}
