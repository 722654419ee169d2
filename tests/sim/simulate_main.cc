// simulate: runs seeds; launch/simulate builds and calls it.
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

#include "common/log.h"
#include "tests/sim/sim_job.h"

namespace rookery::sim {
namespace {

struct Request {
  std::uint64_t first = 1;
  std::uint64_t seeds = 200;
  bool verbose = false;
};

constexpr std::string_view kHelp =
    "simulate [--seeds N] [--first S] [--seed S] [--verbose]\n"
    "  --seeds N   how many seeds (default 200)\n"
    "  --first S   the first of them (default 1)\n"
    "  --seed S    this one alone, with its history's hash\n"
    "  --verbose   the options of every seed\n";

bool Parse(int count, char** words, Request* request) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--verbose") {
      request->verbose = true;
      continue;
    }
    if (i + 1 == count) return false;
    const std::string_view value = words[++i];
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) return false;
    if (word == "--seeds") {
      request->seeds = number;
    } else if (word == "--first") {
      request->first = number;
    } else if (word == "--seed") {
      *request = {number, 1, true};
    } else {
      return false;
    }
  }
  return true;
}

int Run(const Request& request) {
  Coverage coverage;
  std::uint64_t failed = 0;
  std::uint64_t events = 0;
  double virtual_seconds = 0;
  for (std::uint64_t seed = request.first; seed < request.first + request.seeds; ++seed) {
    const SimOptions options = OptionsOf(seed);
    if (request.verbose) std::cout << options.ToString() << std::endl;
    const SimResult result = Simulate(options);
    coverage.Add(result.coverage);
    events += result.events;
    virtual_seconds += result.virtual_seconds;
    if (request.verbose) {
      std::cout << "  history " << std::hex << result.hash << std::dec << ", " << result.events
                << " events, " << result.virtual_seconds << " virtual seconds" << std::endl;
    }
    if (result.violation.empty()) continue;
    ++failed;
    std::cout << "FAILED " << result.options << "\n"
              << result.history << result.violation << "again: launch/simulate --seed " << seed
              << std::endl;
  }
  std::cout << "reached:\n" << coverage.ToString();
  std::cout << request.seeds - failed << " seeds passed, " << failed << " failed; " << events
            << " events, " << virtual_seconds << " virtual seconds" << std::endl;
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace rookery::sim

int main(int count, char** words) {
  rookery::sim::Request request;
  if (!rookery::sim::Parse(count, words, &request)) {
    std::cout << rookery::sim::kHelp;
    return count == 2 && std::string_view(words[1]) == "--help" ? 0 : 2;
  }
  FLAGS_minloglevel = google::GLOG_FATAL;  // the roles' warnings are expected
  return rookery::sim::Run(request);
}
