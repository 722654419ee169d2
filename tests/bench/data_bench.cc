// How fast raw Criteo text becomes batches, beside a bare count of the same lines; and how fast
// made-up rows are written.
#include <benchmark/benchmark.h>

#include <string>

#include "common/check.h"
#include "data/batch_builder.h"
#include "data/input.h"
#include "data/shuffle_window.h"
#include "data/synth.h"
#include "io/line_reader.h"
#include "io/memory_file_system.h"

namespace rookery {
namespace {

constexpr std::uint64_t kRows = 100000;

struct Clicks {
  MemoryFileSystem files;
  FittedSchema fitted;
  std::uint64_t bytes = 0;

  explicit Clicks(Compression compression) {
    SynthOptions options;
    options.path = "clicks";
    options.rows = kRows;
    options.compression = compression;
    ROOKERY_CHECK(WriteSynth(files, options).ok());
    Schema schema;
    schema.format = InputFormat::kCriteo;
    auto fit = FitSchema(&files, *ResolveSchema(schema), {{"clicks"}, 1024, true}, 10000);
    ROOKERY_CHECK(fit.ok());
    fitted = *std::move(fit);
    const auto lines = OpenLines(files, "clicks");
    std::string_view line;
    while ((*lines)->Next(line)) bytes = (*lines)->next_offset();
  }
};

void CountLines(benchmark::State& state) {
  Clicks clicks(Compression::kNone);
  for (auto _ : state) {
    const auto lines = OpenLines(clicks.files, "clicks");
    std::string_view line;
    while ((*lines)->Next(line)) benchmark::DoNotOptimize(line);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(clicks.bytes * state.iterations()));
}
BENCHMARK(CountLines)->Unit(benchmark::kMillisecond);

// Read, split, hash, transform, shuffle, cut into batches of 4096.
void ReadBatches(benchmark::State& state) {
  Clicks clicks(static_cast<Compression>(state.range(0)));
  for (auto _ : state) {
    const auto reader = MakeInputReader(&clicks.files, &clicks.fitted, {{"clicks"}, 1024, true});
    BatchBuilder builder(4096);
    Batch batch;
    ChunkRun run{0, 0, 1, 4};
    std::size_t examples = 0;
    for (bool more = true; more; run.first += run.count) {
      auto read = reader->Read(run);
      ROOKERY_CHECK(read.ok());
      more = !read->end_of_file;
      examples += read->examples.examples;
      auto order = ShuffledOrder({true, 1}, 0, run, read->examples.examples);
      builder.AddBlock(std::move(read->examples), std::move(order));
      while (builder.Next(&batch)) benchmark::DoNotOptimize(batch.labels.data());
    }
    ROOKERY_CHECK(examples == kRows);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(clicks.bytes * state.iterations()));
  state.SetItemsProcessed(static_cast<std::int64_t>(kRows * state.iterations()));
}
BENCHMARK(ReadBatches)
    ->Arg(static_cast<int>(Compression::kNone))
    ->Arg(static_cast<int>(Compression::kGzip))
    ->Arg(static_cast<int>(Compression::kZstd))
    ->Unit(benchmark::kMillisecond);

void WriteClicks(benchmark::State& state) {
  MemoryFileSystem files;
  SynthOptions options;
  options.path = "clicks";
  options.rows = kRows;
  for (auto _ : state) ROOKERY_CHECK(WriteSynth(files, options).ok());
  state.SetItemsProcessed(static_cast<std::int64_t>(kRows * state.iterations()));
}
BENCHMARK(WriteClicks)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rookery

BENCHMARK_MAIN();
