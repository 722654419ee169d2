// What a checkpoint costs a server that goes on: a table of 10M rows (dim 16 with Adagrad state:
// 1.3 GB), steps that pull and push 32,768 of its rows, without and with a checkpoint beside them.
//
//   stall/ours   the longest step while one is written, by 20 ms and twice the median step;
//                alone_ms is the longest without one in as many seconds, before and after it;
//                cpu_ms and alone_cpu_ms are of CPU time, so without what other processes took
//   share/ours   time lost and CPU taken by one checkpoint, by 30 s, of which a job may lose 3 %
//   delta/ours   bytes of a delta after 1 % of the rows changed, by those of the whole
//
// Each gives its own ratio; for the first two the limit is 1.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/check.h"
#include "common/random.h"
#include "io/posix_file_system.h"
#include "net/asio_executor.h"
#include "ps/checkpoint_saver.h"
#include "tests/bench/bench_table.h"

namespace rookery {
namespace {

constexpr std::uint64_t kRows = 10'000'000;
constexpr std::size_t kStepKeys = 32768;
constexpr std::size_t kBatches = 64;  // different steps
constexpr double kEverySeconds = 30;
constexpr double kShareMax = 0.03;

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

double CpuSeconds() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ThreadCpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

PsOptions Options() {
  PsOptions options;
  options.cluster = {1, 1};
  options.tables = {BenchTableSpec()};
  options.mode = TrainMode::kAsync;
  options.track_changes = true;
  return options;
}

// Frequent rows are more frequent, as in data: the square of a uniform number.
std::vector<Key> StepKeys(Random* random) {
  std::vector<Key> keys(kStepKeys);
  for (Key& key : keys) {
    const double u = random->NextFloat();
    key = BenchKey(static_cast<std::uint64_t>(u * u * static_cast<double>(kRows - 1)));
  }
  std::ranges::sort(keys, {}, MixKey);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

struct Measured {
  std::vector<double> steps;  // seconds
  double longest_cpu = 0;     // of a step, in seconds of its thread
  double seconds = 0;
  double cpu_seconds = 0;
  std::uint64_t bytes = 0;  // of rows files

  [[nodiscard]] double Median() {
    std::ranges::nth_element(steps, steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2));
    return steps[steps.size() / 2];
  }
};

// One server's tables and what writes their checkpoints. Steps are tasks of its executor, one
// posted by the other, as requests of a busy worker are.
class Server {
 public:
  Server() : shard_(options_), saver_(&options_, &home_, &background_, &files_, &shard_) {
    std::string name = "/tmp/stall_bench.XXXXXX";
    ROOKERY_CHECK(mkdtemp(name.data()) != nullptr);
    folder_ = name;
    Random random(3, Purpose::kTest);
    for (std::size_t i = 0; i < kBatches; ++i) keys_.push_back(StepKeys(&random));
    rows_.resize(kStepKeys * kBenchDim);
    gradients_.resize(kStepKeys * kBenchDim);  // trained rows are noise
    for (float& gradient : gradients_) gradient = random.NextFloat() - 0.5F;
    const std::vector<Key> keys = BenchKeys(0, kRows);
    for (std::uint64_t row = 0; row < kRows; row += kBenchBatch) {
      const std::size_t count = std::min<std::uint64_t>(kBenchBatch, kRows - row);
      Push({keys.data() + row, count});
    }
  }
  ~Server() {
    background_.Stop();
    home_.Stop();
    (void)files_.RemoveTree(folder_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  Measured RunSteps(double seconds) {
    return Run([&](const Measured& so_far) { return so_far.seconds >= seconds; }, "");
  }
  // Steps until the checkpoint `name` is written.
  Measured RunBeside(const std::string& name) {
    return Run([&](const Measured&) { return !saver_.saving(); }, name);
  }
  // A checkpoint alone, whose rows are those that changed since `base`.
  std::uint64_t WriteDelta(const std::string& name, const std::string& base) {
    std::promise<void> done;
    home_.Post([&] { Spawn(Save(name, base, &done)); });
    done.get_future().wait();
    return Written();
  }
  void Push(std::span<const Key> keys) {
    ROOKERY_CHECK(
        shard_.table(0)
            .Push(keys, std::span(gradients_).first(keys.size() * kBenchDim), 1, &refused_)
            .ok());
  }

 private:
  Task<> Save(std::string name, std::string base, std::promise<void>* done) {
    Order order;
    order.directory = JoinPath(folder_, name + ".tmp");
    order.base = std::move(base);
    ROOKERY_CHECK(files_.RemoveTree(order.directory).ok());
    ROOKERY_CHECK(files_.MakeDirectory(order.directory).ok());
    OrderResult result;
    ROOKERY_CHECK(saver_.Cut(order, &result).ok());
    co_await saver_.Save();
    if (done != nullptr) done->set_value();
  }
  std::uint64_t Written() const {
    ROOKERY_CHECK(saver_.written().code == Code::kOk) << saver_.written().message;
    std::uint64_t bytes = 0;
    for (const CheckpointFile& file : saver_.written().files) bytes += file.bytes;
    return bytes;
  }
  // The time from one step's end to the next one's: what waited in between counts.
  void Step() {
    const std::vector<Key>& keys = keys_[step_++ % kBatches];
    const auto out = std::span(rows_).first(keys.size() * kBenchDim);
    ROOKERY_CHECK(shard_.table(0).Pull(keys, true, 0, out).ok());
    Push(keys);
    measured_.steps.push_back(SecondsSince(last_));
    last_ = Clock::now();
    const double cpu = ThreadCpuSeconds();
    measured_.longest_cpu = std::max(measured_.longest_cpu, cpu - std::exchange(last_cpu_, cpu));
    measured_.seconds = SecondsSince(began_);
    if (ended_(measured_)) return done_->set_value();
    home_.Post([this] { Step(); });
  }
  Measured Run(std::function<bool(const Measured&)> ended, const std::string& name) {
    std::promise<void> done;
    const double cpu = CpuSeconds();
    home_.Post([&] {
      ended_ = std::move(ended);
      done_ = &done;
      measured_ = Measured();
      measured_.steps.reserve(1 << 16U);
      began_ = last_ = Clock::now();
      last_cpu_ = ThreadCpuSeconds();
      if (!name.empty()) Spawn(Save(name, "", nullptr));
      Step();
    });
    done.get_future().wait();
    measured_.cpu_seconds = CpuSeconds() - cpu;
    if (!name.empty()) measured_.bytes = Written();
    return std::move(measured_);
  }

  const PsOptions options_ = Options();
  PosixFileSystem files_;
  AsioExecutor home_{"server"}, background_{"background"};
  Shard shard_;
  CheckpointSaver saver_;
  std::string folder_;
  std::vector<std::vector<Key>> keys_;
  std::vector<float> rows_, gradients_;
  RefusedGradients refused_;
  std::function<bool(const Measured&)> ended_;
  std::promise<void>* done_ = nullptr;
  Measured measured_;
  Clock::time_point began_, last_;
  double last_cpu_ = 0;
  std::size_t step_ = 0;
};

struct Figures {
  double stall, median, longest, longest_alone, longest_cpu, longest_alone_cpu, share, seconds,
      cpu_seconds, delta;
};

const Figures& TheFigures() {
  static const Figures figures = [] {
    Server server;
    (void)server.RunSteps(1);
    (void)server.RunBeside("0");  // as in a job, where it is not the first one
    Measured alone = server.RunSteps(3);
    Measured beside = server.RunBeside("1");
    const Measured after = server.RunSteps(std::max(beside.seconds - 3, 1.0));
    const auto steps = static_cast<double>(beside.steps.size());
    const auto alone_steps = static_cast<double>(alone.steps.size());
    Figures made{};
    made.median = alone.Median();
    made.longest = *std::ranges::max_element(beside.steps);
    made.longest_alone =
        std::max(*std::ranges::max_element(alone.steps), *std::ranges::max_element(after.steps));
    made.longest_cpu = beside.longest_cpu;
    made.longest_alone_cpu = std::max(alone.longest_cpu, after.longest_cpu);
    made.stall = made.longest / (0.020 + 2 * made.median);
    made.seconds = beside.seconds;
    const double lost = beside.seconds - steps * alone.seconds / alone_steps;
    // Of the CPU: what the same steps would not have taken, of two cores.
    made.cpu_seconds = beside.cpu_seconds - steps * alone.cpu_seconds / alone_steps;
    made.share = std::max(lost, made.cpu_seconds / 2) / kEverySeconds / kShareMax;
    (void)server.WriteDelta("2", "1");
    Random random(9, Purpose::kTest);
    std::vector<Key> touched(kRows / 100);
    for (Key& key : touched) key = BenchKey(random.NextBelow(kRows));
    std::ranges::sort(touched, {}, MixKey);
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    for (std::size_t i = 0; i < touched.size(); i += kBenchBatch) {
      server.Push(std::span(touched).subspan(i, std::min(kBenchBatch, touched.size() - i)));
    }
    made.delta =
        static_cast<double>(server.WriteDelta("3", "2")) / static_cast<double>(beside.bytes);
    return made;
  }();
  return figures;
}

void Stall(benchmark::State& state) {
  const Figures& figures = TheFigures();
  for (auto _ : state) state.SetIterationTime(figures.longest);
  state.counters["ratio"] = figures.stall;
  state.counters["median_ms"] = figures.median * 1e3;
  state.counters["alone_ms"] = figures.longest_alone * 1e3;
  state.counters["cpu_ms"] = figures.longest_cpu * 1e3;
  state.counters["alone_cpu_ms"] = figures.longest_alone_cpu * 1e3;
}
BENCHMARK(Stall)->Name("stall/ours")->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

void Share(benchmark::State& state) {
  const Figures& figures = TheFigures();
  for (auto _ : state) state.SetIterationTime(figures.seconds);
  state.counters["ratio"] = figures.share;
  state.counters["cpu_seconds"] = figures.cpu_seconds;
}
BENCHMARK(Share)->Name("share/ours")->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

void Delta(benchmark::State& state) {
  const Figures& figures = TheFigures();
  for (auto _ : state) state.SetIterationTime(1);
  state.counters["ratio"] = figures.delta;
}
BENCHMARK(Delta)->Name("delta/ours")->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rookery

BENCHMARK_MAIN();
