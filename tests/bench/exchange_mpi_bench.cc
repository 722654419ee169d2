// One pull and one push of 512 KB of rows between a worker and a server on two ranks, beside the
// same bytes as plain MPI messages with the same work of the table between them.
//   mpirun -n 3 exchange_mpi_bench         scheduler (idle), server, worker
//   mpirun -n 3 exchange_mpi_bench --raw   the limit: MPI alone, same ranks
// The worker's rank prints Google Benchmark's report.
#include <benchmark/benchmark.h>
#include <malloc.h>
#define OMPI_SKIP_MPICXX 1  // the C interface only
#include <mpi.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <future>
#include <numeric>
#include <string_view>
#include <thread>
#include <vector>

#include "common/check.h"
#include "common/hash.h"
#include "net/mpi_transport.h"
#include "ps/ps_client.h"
#include "ps/ps_service.h"

namespace rookery {
namespace {

constexpr std::uint32_t kDim = 16;
constexpr std::size_t kKeys = 8192;  // 512 KB of weights
constexpr std::uint64_t kTableRows = std::uint64_t{1} << 20U;
constexpr ClusterShape kCluster{1, 1};
constexpr int kServer = 1, kWorker = 2;  // ranks
constexpr Duration kDeadline = std::chrono::seconds(60);

std::vector<TableSpec> Tables() {
  TableSpec spec;
  spec.id = TableId{0};
  spec.name = "default";
  spec.dim = kDim;
  return {spec};
}

// Of the same keys every time: the table's cache misses are part of both.
std::vector<Key> Keys() {
  std::vector<Key> keys(kKeys);
  for (std::size_t i = 0; i < kKeys; ++i) keys[i] = i * (kTableRows / kKeys);
  std::ranges::sort(keys, {}, [](Key key) { return MixKey(key); });
  return keys;
}

void Fill(Table* table) {
  std::vector<Key> keys(kTableRows);
  std::iota(keys.begin(), keys.end(), Key{0});
  std::ranges::sort(keys, {}, [](Key key) { return MixKey(key); });
  std::vector<float> rows(keys.size() * kDim);
  ROOKERY_CHECK(table->Pull(keys, true, 0, rows).ok());
}

// ---- ours ----

class ServerRank {
 public:
  explicit ServerRank(Transport* transport)
      : options_(Options()),
        shard_(options_),
        rpc_(transport->executor(), transport,
             {VerbName, [](Rank rank) { return kCluster.Name(rank); }}),
        service_(&options_, &shard_, &rpc_) {
    Fill(&shard_.table(0));
    rpc_.Handle(verbs::kPull, [this](Rank from, Buffer body, RpcNode::Reply reply) {
      service_.OnPull(from, std::move(body), std::move(reply));
    });
    rpc_.Handle(verbs::kPush, [this](Rank from, Buffer body, RpcNode::Reply reply) {
      service_.OnPush(from, std::move(body), std::move(reply));
    });
    rpc_.Start();
  }

 private:
  static PsOptions Options() {
    PsOptions options;
    options.cluster = kCluster;
    options.tables = Tables();
    options.mode = TrainMode::kAsync;
    return options;
  }
  PsOptions options_;
  Shard shard_;
  RpcNode rpc_;
  PsService service_;
};

struct Client {
  PsClient* ps;
  const std::vector<TablePlan>* plans;
  std::vector<float>* rows;
  std::uint64_t step = 0;
};

// Steps for as long as `wanted` says, one after the other on the worker's executor, as a trainer
// takes them.
Task<> PullAndPush(Client* client, std::function<bool()> wanted, std::promise<void>* done) {
  while (wanted()) {
    const Step step{client->step++};
    PooledVector<std::span<float>> targets(1, *client->rows);
    Status status = co_await client->ps->Pull(*client->plans, step, true, targets, {});
    ROOKERY_CHECK(status.ok()) << status.ToString();
    PooledVector<std::span<const float>> gradients(1, *client->rows);
    status = co_await client->ps->Push(*client->plans, step, Slice{0}, 1, gradients, {});
    ROOKERY_CHECK(status.ok()) << status.ToString();
  }
  done->set_value();
}

void BenchmarkOurs(Transport* transport) {
  StoppableExecutor* const executor = transport->executor();  // as in a worker under mpirun
  RpcNode rpc(executor, transport, {VerbName, [](Rank rank) { return kCluster.Name(rank); }});
  rpc.Start();
  PsClientOptions options;
  options.cluster = kCluster;
  options.deadline = kDeadline;
  PsClient client(&rpc, options);
  std::vector<TablePlan> plans(1);
  plans[0] = {TableId{0}, kDim, Keys(), {}};
  SplitByServer(1, options.buckets, &plans[0]);
  std::vector<float> rows(kKeys * kDim);
  Client state_of_client{&client, &plans, &rows};
  const auto run = [&](const std::function<bool()>& wanted) {
    std::promise<void> done;
    executor->Post([&] { Spawn(PullAndPush(&state_of_client, wanted, &done)); });
    done.get_future().wait();
  };
  run([first = true]() mutable { return std::exchange(first, false); });  // the table is filled now
  const auto body = [&](benchmark::State& state) { run([&state] { return state.KeepRunning(); }); };
  benchmark::RegisterBenchmark("mpi_pull_push/ours", body)
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
  benchmark::RunSpecifiedBenchmarks();
  executor->Stop();
}

int RunOurs() {
  StatusOr<std::unique_ptr<MpiTransport>> transport = MpiTransport::Create({});
  ROOKERY_CHECK(transport.ok()) << transport.status().ToString();
  ROOKERY_CHECK((*transport)->ranks() == kCluster.ranks()) << "mpirun -n 3 is needed";
  std::unique_ptr<ServerRank> server;
  switch (Raw((*transport)->rank())) {
    case kWorker:
      BenchmarkOurs(transport->get());
      (*transport)->AbortJob(0);  // the others serve until then
    case kServer:
      server = std::make_unique<ServerRank>(transport->get());
      break;
    default:
      (*transport)->Start([](Rank, Frame) {});
  }
  std::promise<void>().get_future().wait();
  return 0;
}

// ---- the limit ----

void Send(const void* data, std::size_t bytes, int to) {
  MPI_Send(data, static_cast<int>(bytes), MPI_BYTE, to, 0, MPI_COMM_WORLD);
}

std::size_t Receive(void* data, std::size_t bytes, int from) {
  MPI_Status status;
  int count = 0;
  MPI_Recv(data, static_cast<int>(bytes), MPI_BYTE, from, 0, MPI_COMM_WORLD, &status);
  MPI_Get_count(&status, MPI_BYTE, &count);
  return static_cast<std::size_t>(count);
}

constexpr std::size_t kKeyBytes = kKeys * sizeof(Key);
constexpr std::size_t kRowBytes = kKeys * kDim * sizeof(float);

void ServeRaw() {
  Table table(Tables()[0], kBucketsDefault, 0, kBucketsDefault);
  Fill(&table);
  std::vector<Key> keys(kKeys);
  std::vector<float> rows(kKeys * kDim);
  RefusedGradients refused;
  std::uint64_t t = 0;
  MPI_Barrier(MPI_COMM_WORLD);
  while (Receive(keys.data(), kKeyBytes, kWorker) == kKeyBytes) {
    ROOKERY_CHECK(table.Pull(keys, true, t, rows).ok());
    Send(rows.data(), kRowBytes, kWorker);
    Receive(keys.data(), kKeyBytes, kWorker);
    Receive(rows.data(), kRowBytes, kWorker);
    ROOKERY_CHECK(table.Push(keys, rows, ++t, &refused).ok());
    Send(rows.data(), 1, kWorker);
  }
}

void BenchmarkRaw() {
  const std::vector<Key> keys = Keys();
  std::vector<float> rows(kKeys * kDim);
  MPI_Barrier(MPI_COMM_WORLD);
  benchmark::RegisterBenchmark("mpi_pull_push/limit",
                               [&](benchmark::State& state) {
                                 for (auto _ : state) {
                                   Send(keys.data(), kKeyBytes, kServer);
                                   Receive(rows.data(), kRowBytes, kServer);
                                   Send(keys.data(), kKeyBytes, kServer);
                                   Send(rows.data(), kRowBytes, kServer);
                                   Receive(rows.data(), 1, kServer);
                                 }
                               })
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
  benchmark::RunSpecifiedBenchmarks();
  Send(keys.data(), 1, kServer);  // the end
}

int RunRaw() {
  MPI_Init(nullptr, nullptr);
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == kServer) ServeRaw();
  if (rank == kWorker) BenchmarkRaw();
  if (rank == 0) MPI_Barrier(MPI_COMM_WORLD);
  // Rank 0 would poll while the others work.
  int ended = 0;
  MPI_Request request;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  while (ended == 0) {
    MPI_Test(&request, &ended, MPI_STATUS_IGNORE);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return MPI_Finalize();
}

}  // namespace
}  // namespace rookery

int main(int argc, char** argv) {
  const auto raw = std::find(argv, argv + argc, std::string_view("--raw"));
  const bool is_raw = raw != argv + argc;
  if (is_raw) argc = static_cast<int>(std::remove(argv, argv + argc, *raw) - argv);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // as launch/run_job.cc does
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  benchmark::Initialize(&argc, argv);
  return is_raw ? rookery::RunRaw() : rookery::RunOurs();
}
