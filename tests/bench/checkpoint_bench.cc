// A server's rows of a table (4M rows, dim 16 with Adagrad state: 512 MB and the keys) written as
// one file of a checkpoint and synced (by CheckpointSaver, as a server does), beside plain writes
// of as many bytes; the same file loaded from the page cache into an empty table, beside plain
// reads of it. Both writers replace a file in a folder of their own, which is removed in the end.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/check.h"
#include "common/random.h"
#include "io/posix_file_system.h"
#include "io/record_file.h"
#include "net/asio_executor.h"
#include "ps/checkpoint_reader.h"
#include "ps/checkpoint_saver.h"
#include "ps/huge_pages.h"
#include "ps/table.h"
#include "tests/bench/bench_table.h"

namespace rookery {
namespace {

constexpr std::uint64_t kRows = std::uint64_t{4} << 20U;
constexpr std::uint32_t kBuckets = kBenchBuckets;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

// Rows as after a while of training: weights of their own, a state that is not zero.
void Train(Table* table) {
  const std::vector<Key> keys = BenchKeys(0, kRows);
  Random noise(2, Purpose::kTest);
  std::vector<float> gradients(kBenchBatch * kBenchDim);
  RefusedGradients refused;
  for (std::uint64_t row = 0; row < kRows; row += kBenchBatch) {
    for (float& value : gradients) value = noise.NextFloat() - 0.5F;
    ROOKERY_CHECK(table->Push({keys.data() + row, kBenchBatch}, gradients, 1, &refused).ok());
  }
  ROOKERY_CHECK(table->rows() == kRows && refused.count == 0);
}

// Made once: the table, a folder, and a checkpoint of the table in it.
class World {
 public:
  World() {
    std::string name = "/tmp/checkpoint_bench.XXXXXX";
    ROOKERY_CHECK(mkdtemp(name.data()) != nullptr);
    folder_ = name;
    checkpoint_ = JoinPath(folder_, "checkpoint");
    raw_ = JoinPath(folder_, "raw");
    ROOKERY_CHECK(files_.MakeDirectory(checkpoint_).ok());
    Train(&shard_.table(0));
    CheckpointManifest manifest;
    manifest.buckets = kBuckets;
    manifest.shards = 1;
    manifest.tables = {BenchTableSpec()};
    const CheckpointFile file = Write();
    bytes_ = file.bytes;
    rows_path_ = JoinPath(checkpoint_, file.name);
    manifest.files = {file};
    const std::string path = JoinPath(checkpoint_, kManifestName);
    ROOKERY_CHECK(WriteFileAtomically(files_, path, ManifestToJson(manifest)).ok());
  }
  ~World() {
    background_.Stop();
    home_.Stop();
    (void)files_.RemoveTree(folder_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  CheckpointFile Write() {
    std::promise<void> done;
    home_.Post([&] { Spawn(Save(&done)); });
    done.get_future().wait();
    const WrittenFiles& written = saver_.written();
    ROOKERY_CHECK(written.code == Code::kOk) << written.message;
    return written.files.at(0);
  }
  // Then it is in the page cache, which a checkpoint is written past.
  void ReadOnce() { ROOKERY_CHECK(HashWholeFile(files_, rows_path_).ok()); }
  void Load(Table* table) {
    const auto reader = CheckpointReader::Open(&files_, checkpoint_);
    ROOKERY_CHECK(reader.ok()) << reader.status().ToString();
    const Status status = LoadTable(**reader, table);
    ROOKERY_CHECK(status.ok()) << status.ToString();
  }
  [[nodiscard]] std::int64_t bytes() const { return static_cast<std::int64_t>(bytes_); }
  [[nodiscard]] const std::string& raw() const { return raw_; }
  [[nodiscard]] const std::string& rows_path() const { return rows_path_; }

 private:
  static PsOptions Options() {
    PsOptions options;
    options.cluster = {1, 1};
    options.buckets = kBuckets;
    options.tables = {BenchTableSpec()};
    return options;
  }
  Task<> Save(std::promise<void>* done) {
    Order order;
    order.directory = checkpoint_;
    OrderResult result;
    ROOKERY_CHECK(saver_.Cut(order, &result).ok());
    co_await saver_.Save();
    done->set_value();
  }

  const PsOptions options_ = Options();
  PosixFileSystem files_;
  AsioExecutor home_{"server"}, background_{"background"};
  Shard shard_{options_};
  CheckpointSaver saver_{&options_, &home_, &background_, &files_, &shard_};
  std::string folder_;
  std::string checkpoint_;
  std::string raw_;
  std::string rows_path_;
  std::uint64_t bytes_ = 0;
};

World& TheWorld() {
  static const auto world = std::make_unique<World>();
  return *world;
}

void Count(benchmark::State& state) {
  state.SetBytesProcessed(TheWorld().bytes() * state.iterations());
}

void CheckpointWrite(benchmark::State& state) {
  World& world = TheWorld();
  for (auto _ : state) {
    ROOKERY_CHECK(static_cast<std::int64_t>(world.Write().bytes) == world.bytes());
  }
  Count(state);
}
BENCHMARK(CheckpointWrite)
    ->Name("checkpoint_write/ours")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void PlainWrite(benchmark::State& state) {
  World& world = TheWorld();
  const std::vector<char> piece(kPieceBytes, 'x');
  for (auto _ : state) {
    const int file = open(world.raw().c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ROOKERY_CHECK(file >= 0);
    for (std::int64_t left = world.bytes(); left > 0;) {
      const ssize_t count = write(file, piece.data(), std::min<std::size_t>(kPieceBytes, left));
      ROOKERY_CHECK(count > 0);
      left -= count;
    }
    ROOKERY_CHECK(fsync(file) == 0 && close(file) == 0);
  }
  Count(state);
}
BENCHMARK(PlainWrite)->Name("checkpoint_write/limit")->UseRealTime()->Unit(benchmark::kMillisecond);

// Both loads get pages that were in use just before.
void Warm(benchmark::State& state) {
  state.PauseTiming();
  WarmMemory(static_cast<std::size_t>(TheWorld().bytes()) / 4 * 5);
  state.ResumeTiming();
}

void CheckpointLoad(benchmark::State& state) {
  World& world = TheWorld();
  world.ReadOnce();
  for (auto _ : state) {
    Warm(state);
    Table table(BenchTableSpec(), kBuckets, 0, kBuckets);
    world.Load(&table);
    state.PauseTiming();  // the end of a table is not measured
    ROOKERY_CHECK(table.rows() == kRows);
    table.Clear();
    state.ResumeTiming();
  }
  Count(state);
}
BENCHMARK(CheckpointLoad)->Name("checkpoint_load/ours")->Unit(benchmark::kMillisecond);

// Into memory for all of it, which the system gives as it gives it to a table.
void PlainRead(benchmark::State& state) {
  World& world = TheWorld();
  world.ReadOnce();
  for (auto _ : state) {
    Warm(state);
    HugeMapping buffer(static_cast<std::size_t>(world.bytes()), 0);
    ROOKERY_CHECK(buffer.begin() != nullptr);
    const int file = open(world.rows_path().c_str(), O_RDONLY);
    ROOKERY_CHECK(file >= 0);
    std::size_t done = 0;
    while (true) {
      const ssize_t count = read(file, buffer.begin() + done, kPieceBytes);
      ROOKERY_CHECK(count >= 0);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    ROOKERY_CHECK(static_cast<std::int64_t>(done) == world.bytes() && close(file) == 0);
    state.PauseTiming();
    buffer = HugeMapping(kPieceBytes, 0);
    state.ResumeTiming();
  }
  Count(state);
}
BENCHMARK(PlainRead)->Name("checkpoint_load/limit")->Unit(benchmark::kMillisecond);

// The same, a piece at a time into the caches, for comparison.
void PlainReadPieces(benchmark::State& state) {
  World& world = TheWorld();
  std::vector<char> piece(kPieceBytes);
  for (auto _ : state) {
    const int file = open(world.rows_path().c_str(), O_RDONLY);
    ROOKERY_CHECK(file >= 0);
    while (read(file, piece.data(), piece.size()) > 0) benchmark::ClobberMemory();
    ROOKERY_CHECK(close(file) == 0);
  }
  Count(state);
}
BENCHMARK(PlainReadPieces)->Name("checkpoint_load_one_piece")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rookery

BENCHMARK_MAIN();
