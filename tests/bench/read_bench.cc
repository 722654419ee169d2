// Reading: raw Criteo text, plain and compressed, and prepared blocks, to shuffled batches of 4096;
// each beside its limit on the same bytes. And how fast made-up rows are written.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "common/check.h"
#include "data/batch_builder.h"
#include "data/input.h"
#include "data/prepare.h"
#include "data/shuffle_window.h"
#include "data/synth.h"
#include "io/compressed_stream.h"
#include "io/memory_file_system.h"
#include "io/posix_file_system.h"

namespace rookery {
namespace {

constexpr std::uint64_t kRows = 400000;
constexpr std::uint32_t kIds = 1000000;
constexpr std::uint64_t kRunChunks = 64;  // a shuffle window of 65,536 examples

// Real files, read through the page cache.
struct Clicks {
  PosixFileSystem files;
  std::string folder;
  FittedSchema fitted;
  std::string text;

  Clicks() {
    folder =
        std::filesystem::temp_directory_path() / ("rookery-read-bench-" + std::to_string(getpid()));
    ROOKERY_CHECK(files.MakeDirectory(folder).ok());
    SynthOptions options;
    options.path = Path("clicks");
    options.rows = kRows;
    options.teacher.ids = kIds;
    options.teacher.zipf = 1.1;
    ROOKERY_CHECK(WriteSynth(files, options).ok());
    text = *ReadWholeFile(files, options.path, ~std::uint64_t{0});
    const auto compressed = CreateCompressed(files, Path("clicks.zst"), Compression::kZstd);
    ROOKERY_CHECK((*compressed)->Append(std::as_bytes(std::span(text))).ok());
    ROOKERY_CHECK((*compressed)->Close().ok());
    Schema schema;
    schema.format = InputFormat::kCriteo;
    auto fit = FitSchema(&files, *ResolveSchema(schema), {{Path("clicks")}, 1024, true}, 10000);
    ROOKERY_CHECK(fit.ok());
    fitted = *std::move(fit);
    Prepare("plain", false);
    Prepare("zstd", true);
  }
  ~Clicks() { (void)files.RemoveTree(folder); }
  void Prepare(const std::string& name, bool compress) {
    PrepareOptions options;
    options.input.files = {Path("clicks")};
    options.prefix = Path(name);
    options.compress = compress;
    ROOKERY_CHECK(PrepareFiles(files, fitted, options).ok());
  }
  [[nodiscard]] std::string Path(const std::string& name) const { return folder + "/" + name; }
};

Clicks& TheClicks() {
  static Clicks clicks;
  return clicks;
}

std::size_t DecodedBytes(const Batch& batch) {
  return batch.examples *
         (sizeof(float) * (1 + batch.numeric_width) + sizeof(Key) * batch.features.size());
}

// Read, (decompress, parse, hash or decode), shuffle, cut into batches of 4096.
void ReadBatches(benchmark::State& state, const std::string& name) {
  Clicks& clicks = TheClicks();
  const auto reader =
      MakeInputReader(&clicks.files, &clicks.fitted, {{clicks.Path(name)}, 1024, true});
  BatchBuilder builder(4096);
  Batch batch;
  Batch used;
  std::size_t bytes = 0;
  for (auto _ : state) {
    ChunkRun run{0, 0, 1, kRunChunks};
    std::size_t examples = 0;
    bytes = 0;
    for (bool more = true; more; run.first += run.count) {
      while (builder.TakeUsed(&used)) reader->Recycle(std::move(used));
      auto read = reader->Read(run);
      ROOKERY_CHECK(read.ok());
      more = !read->end_of_file;
      examples += read->examples.examples;
      bytes += DecodedBytes(read->examples);
      auto order = ShuffledOrder({true, 1}, 0, run, read->examples.examples);
      builder.AddBlock(std::move(read->examples), order);
      while (builder.Next(&batch)) benchmark::DoNotOptimize(batch.labels.data());
    }
    while (builder.Flush(&batch)) benchmark::DoNotOptimize(batch.labels.data());
    ROOKERY_CHECK(examples == kRows);
  }
  const bool blocks = name.ends_with(".blocks");
  state.SetBytesProcessed(
      static_cast<std::int64_t>((blocks ? bytes : clicks.text.size()) * state.iterations()));
  state.SetItemsProcessed(static_cast<std::int64_t>(kRows * state.iterations()));
}

// Where the lines end, of a file that is read as the parser reads it.
void ScanLines(benchmark::State& state) {
  Clicks& clicks = TheClicks();
  std::vector<char> buffer(std::size_t{256} << 10);
  for (auto _ : state) {
    const auto file = clicks.files.OpenSequential(clicks.Path("clicks"));
    std::size_t lines = 0;
    for (std::size_t filled = 1; filled > 0;) {
      filled = *(*file)->Read(std::as_writable_bytes(std::span(buffer)));
      const char* at = buffer.data();
      const char* const end = at + filled;
      while ((at = static_cast<const char*>(
                  std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
        ++lines;
        ++at;
      }
    }
    ROOKERY_CHECK(lines == kRows);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(clicks.text.size() * state.iterations()));
}

void Decompress(benchmark::State& state) {
  Clicks& clicks = TheClicks();
  std::vector<std::byte> buffer(std::size_t{256} << 10);
  for (auto _ : state) {
    const auto file = OpenDecompressed(clicks.files, clicks.Path("clicks.zst"));
    std::size_t bytes = 0;
    for (std::size_t filled = 1; filled > 0; bytes += filled) filled = *(*file)->Read(buffer);
    ROOKERY_CHECK(bytes == clicks.text.size());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(clicks.text.size() * state.iterations()));
}

// The decoded bytes, run by run, from memory to memory.
void CopyDecoded(benchmark::State& state) {
  Clicks& clicks = TheClicks();
  const auto reader = MakeInputReader(&clicks.files, &clicks.fitted,
                                      {{clicks.Path("plain-00000.blocks")}, 1024, true});
  const auto read = reader->Read({0, 0, 1, kRunChunks});
  const std::size_t run_bytes = DecodedBytes(read->examples);
  const std::size_t run_examples = read->examples.examples;
  const std::vector<std::byte> from(run_bytes, std::byte{1});
  std::vector<std::byte> to(run_bytes);
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    for (std::size_t left = kRows; left > 0;) {
      const std::size_t examples = std::min(left, run_examples);
      const std::size_t count = run_bytes / run_examples * examples;
      std::memcpy(to.data(), from.data(), count);
      benchmark::ClobberMemory();
      left -= examples;
      bytes += count;
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes * state.iterations()));
}

void WriteClicks(benchmark::State& state) {
  constexpr std::uint64_t kFewRows = 100000;
  MemoryFileSystem files;
  SynthOptions options;
  options.path = "clicks";
  options.rows = kFewRows;
  for (auto _ : state) ROOKERY_CHECK(WriteSynth(files, options).ok());
  state.SetItemsProcessed(static_cast<std::int64_t>(kFewRows * state.iterations()));
}

BENCHMARK_CAPTURE(ReadBatches, text, "clicks")
    ->Name("read_criteo/ours")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(ScanLines)->Name("read_criteo/limit")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ReadBatches, zstd, "clicks.zst")
    ->Name("read_criteo_zstd/ours")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(Decompress)->Name("read_criteo_zstd/limit")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ReadBatches, blocks, "plain-00000.blocks")
    ->Name("read_blocks/ours")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(CopyDecoded)->Name("read_blocks/limit")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ReadBatches, blocks_zstd, "zstd-00000.blocks")
    ->Name("read_blocks_zstd")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(WriteClicks)->Name("synth")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rookery
