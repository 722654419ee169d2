// Scoring with an export in memory, one example and 256 at a time: p50, p99 and examples/s.
//
// ROOKERY_EXPORT names an export of a job in Criteo's format and ROOKERY_ROWS a file for it (as
// tests/bench/compare_onnx.py does); without them DeepFM is trained on made-up clicks here.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "common/check.h"
#include "data/input.h"
#include "io/posix_file_system.h"
#include "launch/commands.h"
#include "models/gemm.h"
#include "models/gemm_bf16.h"
#include "serving/predictor.h"

namespace rookery {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRows = 4096;

std::string JobText(const std::string& folder) {
  return "[data]\nformat = \"criteo\"\ntrain = [\"" + folder + "/train.tsv\"]\n" +
         "[model]\nname = \"deepfm\"\nhidden = [400, 400, 400]\n" +
         "[table.default]\ndim = 16\nupdater = \"adagrad\"\nlearning_rate = 0.02\n" +
         "[dense]\nupdater = \"adam\"\n";
}

// The export and rows to score; made when the environment names none.
struct Export {
  PosixFileSystem files;
  std::string made;
  std::string directory, rows;

  Export() {
    const char* given = std::getenv("ROOKERY_EXPORT");
    const char* data = std::getenv("ROOKERY_ROWS");
    if (given != nullptr && data != nullptr) {
      directory = given;
      rows = data;
      return;
    }
    made = std::filesystem::temp_directory_path() /
           ("rookery-predict-bench-" + std::to_string(::getpid()));
    directory = made + "/export";
    rows = made + "/test.tsv";
    // The commands print what they did where the benchmark prints its table.
    std::ostringstream unread;
    std::streambuf* const kept = std::cout.rdbuf(unread.rdbuf());
    Make();
    std::cout.rdbuf(kept);
  }
  ~Export() {
    if (!made.empty()) (void)files.RemoveTree(made);
  }

 private:
  void Make() {
    ROOKERY_CHECK(files.MakeDirectory(made).ok());
    ROOKERY_CHECK(WriteFileAtomically(files, made + "/job.toml", JobText(made)).ok());
    const std::string train = made + "/train.tsv";
    ROOKERY_CHECK(RunSynth({.rows = 100'000, .ids = 100'000, .output = train}) == kExitDone);
    ROOKERY_CHECK(RunSynth({.rows = kRows, .seed = 2, .ids = 100'000, .output = rows}) ==
                  kExitDone);
    TrainArguments training;
    training.job = made + "/job.toml";
    training.run = made + "/run";
    ROOKERY_CHECK(RunTrain(training) == kExitDone);
    ExportArguments exporting;
    exporting.path = made + "/run";
    exporting.output = directory;
    ROOKERY_CHECK(RunExport(exporting) == kExitDone);
  }
};

Export& TheExport() {
  static Export made;
  return made;
}

std::vector<Batch> ReadBatches(const Predictor& predictor, std::size_t examples) {
  InputOptions options;
  options.files = {TheExport().rows};
  options.chunk_examples = kRows;
  const auto reader =
      MakeInputReader(&TheExport().files, &predictor.schema().fitted, std::move(options));
  const StatusOr<RunResult> all = reader->Read({.count = 1});
  ROOKERY_CHECK(all.ok() && all->examples.examples >= examples) << all.status().ToString();
  std::vector<Batch> batches(all->examples.examples / examples);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    ShapeLike(all->examples, examples, &batches[i]);
    CopyRows(all->examples, i * examples, examples, 0, &batches[i]);
    batches[i].examples = examples;
  }
  return batches;
}

void Predict(benchmark::State& state, std::size_t examples, Dtype dtype) {
  auto predictor = Predictor::Open(&TheExport().files, TheExport().directory, dtype);
  ROOKERY_CHECK(predictor.ok()) << predictor.status().ToString();
  const std::vector<Batch> batches = ReadBatches(**predictor, examples);
  std::vector<float> scores(examples);
  std::vector<double> taken;
  std::size_t next = 0;
  for (auto _ : state) {
    const Clock::time_point begin = Clock::now();
    ROOKERY_CHECK((*predictor)->Score(batches[next++ % batches.size()], scores).ok());
    taken.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    benchmark::DoNotOptimize(scores.data());
  }
  double total = 0;
  for (const double seconds : taken) total += seconds;
  std::sort(taken.begin(), taken.end());
  state.counters["p50_us"] = taken[taken.size() / 2] * 1e6;
  state.counters["p99_us"] = taken[taken.size() * 99 / 100] * 1e6;
  state.counters["examples_per_second"] =
      static_cast<double>(examples) * static_cast<double>(taken.size()) / total;
}
// The products of the tower alone, for what is left to gain: 26 fields of dim 16 and 13 numbers.
void Products(benchmark::State& state, std::size_t examples, Dtype dtype) {
  constexpr std::size_t kWidths[] = {429, 400, 400, 400};
  const std::vector<float> x(examples * kWidths[0], 0.5F);
  const std::vector<float> w(kWidths[0] * kWidths[1], 0.5F);
  std::vector<Bf16> rounded_x(x.size()), rounded_w(w.size());
  ToBf16(x.data(), x.size(), rounded_x.data());
  ToBf16(w.data(), w.size(), rounded_w.data());
  std::vector<float> y(examples * kWidths[1]);
  for (auto _ : state) {
    for (std::size_t layer = 1; layer < std::size(kWidths); ++layer) {
      const std::size_t k = kWidths[layer - 1];
      const std::size_t n = kWidths[layer];
      if (dtype == Dtype::kBf16) {
        GemmBf16({.m = examples, .n = n, .k = k}, rounded_x.data(), rounded_w.data(), y.data());
      } else {
        Gemm(false, false, examples, n, k, 1, x.data(), k, w.data(), n, 0, y.data(), n);
      }
    }
    benchmark::DoNotOptimize(y.data());
  }
  state.counters["examples_per_second"] = benchmark::Counter(
      static_cast<double>(examples * state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(Predict, one, 1, Dtype::kFp32)
    ->Name("predict_1")
    ->Unit(benchmark::kMicrosecond)
    ->MinTime(2);
BENCHMARK_CAPTURE(Predict, one_bf16, 1, Dtype::kBf16)
    ->Name("predict_1_bf16")
    ->Unit(benchmark::kMicrosecond)
    ->MinTime(2);
BENCHMARK_CAPTURE(Predict, many, 256, Dtype::kFp32)
    ->Name("predict_256")
    ->Unit(benchmark::kMicrosecond)
    ->MinTime(2);
BENCHMARK_CAPTURE(Predict, many_bf16, 256, Dtype::kBf16)
    ->Name("predict_256_bf16")
    ->Unit(benchmark::kMicrosecond)
    ->MinTime(2);
BENCHMARK_CAPTURE(Products, fp32, 256, Dtype::kFp32)
    ->Name("predict_256_products")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(Products, bf16, 256, Dtype::kBf16)
    ->Name("predict_256_products_bf16")
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace rookery
