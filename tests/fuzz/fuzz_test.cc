// Every fuzz body over its seeds, the committed corpus and mutations of both from a fixed seed, so
// that a decoder that once broke stays mended with every compiler.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "common/log.h"
#include "tests/fuzz/fuzz.h"

extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace rookery {
namespace {

constexpr std::uint64_t kSeed = 20240607;
constexpr std::size_t kMutations = 300;

// What is being tried, for the last words of a crash.
char now_trying[256] = "";

void LastWords() {
  const std::string_view text = now_trying;
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

void OnSignal(int signal_number) {
  LastWords();
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void WatchForDeath() {
  std::signal(SIGABRT, OnSignal);
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(LastWords);
  } else {
    std::signal(SIGSEGV, OnSignal);
  }
}

struct Input {
  std::string name;
  std::string bytes;
};

std::vector<Input> InputsOf(const FuzzTarget& target) {
  std::vector<Input> inputs;
  for (std::string& seed : target.seeds()) {
    inputs.push_back({"seed " + std::to_string(inputs.size()), std::move(seed)});
  }
  const std::filesystem::path folder = std::filesystem::path(ROOKERY_FUZZ_CORPUS) / target.name;
  if (!std::filesystem::exists(folder)) return inputs;
  const std::size_t seeds = inputs.size();
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs.push_back({entry.path().filename().string(),
                      {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}});
  }
  std::sort(inputs.begin() + static_cast<std::ptrdiff_t>(seeds), inputs.end(),
            [](const Input& a, const Input& b) { return a.name < b.name; });
  return inputs;
}

class Mutator {
 public:
  [[nodiscard]] std::string Mutate(std::string bytes, const std::string& other) {
    for (std::size_t edits = 1 + Below(4); edits > 0; --edits) Edit(other, &bytes);
    return bytes;
  }
  [[nodiscard]] std::size_t Below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

 private:
  void Edit(const std::string& other, std::string* bytes) {
    constexpr unsigned char kTelling[] = {0, 1, 0x7f, 0x80, 0xff};
    const std::size_t at = Below(bytes->size() + 1);
    const std::size_t length = Below(std::min<std::size_t>(bytes->size() - at, 16) + 1);
    switch (Below(6)) {
      case 0:
        if (at < bytes->size()) (*bytes)[at] = static_cast<char>((*bytes)[at] ^ 1 << Below(8));
        break;
      case 1:
        if (at < bytes->size()) (*bytes)[at] = static_cast<char>(kTelling[Below(5)]);
        break;
      case 2:
        bytes->erase(at, length);
        break;
      case 3:
        bytes->insert(at, bytes->substr(at, length));
        break;
      case 4:
        bytes->resize(at);
        break;
      default:
        bytes->insert(at, other.substr(Below(other.size() + 1), length));
        break;
    }
  }
  std::mt19937_64 random_{kSeed};
};

class Target : public ::testing::TestWithParam<std::size_t> {
 protected:
  Target() {
    FLAGS_logtostderr = true;
    FLAGS_minloglevel = google::GLOG_FATAL;
    WatchForDeath();
  }
  [[nodiscard]] static const FuzzTarget& target() { return FuzzTargets()[GetParam()]; }
  // Whether it was accepted.
  static bool Try(const std::string& what, const std::string& bytes) {
    std::snprintf(now_trying, sizeof(now_trying), "\nfuzz target %s, %s (mutations of seed %llu)\n",
                  std::string(target().name).c_str(), what.c_str(),
                  static_cast<unsigned long long>(kSeed));
    return target().body(BytesOfText(bytes));
  }
};

TEST_P(Target, AcceptsItsSeeds) {
  std::size_t number = 0;
  for (const std::string& seed : target().seeds()) {
    EXPECT_TRUE(Try("seed " + std::to_string(number), seed)) << "seed " << number;
    ++number;
  }
  EXPECT_GT(number, 0U);
}

TEST_P(Target, StandsDamage) {
  const std::vector<Input> inputs = InputsOf(target());
  for (const Input& input : inputs) Try(input.name, input.bytes);
  Try("nothing", "");
  Mutator mutator;
  for (std::size_t i = 0; i < kMutations; ++i) {
    const Input& base = inputs[mutator.Below(inputs.size())];
    const Input& other = inputs[mutator.Below(inputs.size())];
    Try("mutation " + std::to_string(i) + " of " + base.name,
        mutator.Mutate(base.bytes, other.bytes));
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Target, ::testing::Range(std::size_t{0}, FuzzTargets().size()),
                         [](const auto& info) {
                           return std::string(FuzzTargets()[info.param].name);
                         });

}  // namespace
}  // namespace rookery
