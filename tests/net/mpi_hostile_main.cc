// A server role under mpirun, a worker that needs it, and ranks that each do it some harm:
//   mpirun -n 11 mpi_hostile
// Rank 1 is the server, rank 2 the worker, every later one an attack of its own. The server must
// name each of them in its log and go on serving. Exit status 1 and a line per fault otherwise.
// Messages longer than the receive that MPI has for them are no part of it: Open MPI 4.1 itself
// does not survive those (docs/consistency_and_failures.md).
#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <iostream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/log.h"
#include "net/asio_executor.h"
#include "net/mpi_transport.h"
#include "net/rpc.h"
#include "ps/ps_service.h"
#include "tests/net/mpi_attacks.h"

namespace rookery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Errors = std::vector<std::string>;

constexpr std::uint32_t kWorker = 2;
constexpr std::uint32_t kFirstAttacker = 3;
constexpr VerbId kWait{200};  // answered when all attacks have been named
constexpr VerbId kBye{201};

// ---- the server ----

// Which attackers the log of this process has named, with the right reason.
class LogWatch final : public google::LogSink {
 public:
  void send(google::LogSeverity, const char*, const char*, int, const google::LogMessageTime&,
            const char* text, std::size_t bytes) override {
    const std::string line(text, bytes);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < Attacks().size(); ++i) {
      const bool names = line.find(StrCat("rank ", kFirstAttacker + i)) != std::string::npos;
      if (names && line.find(Attacks()[i].named) != std::string::npos) seen_.insert(i);
    }
  }
  [[nodiscard]] std::set<std::size_t> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::size_t> seen_;
};

PsOptions ServerOptions(const ClusterShape& cluster) {
  PsOptions options;
  options.cluster = cluster;
  options.mode = TrainMode::kAsync;
  options.tables.resize(1);
  options.tables[0].name = "t";
  options.tables[0].dim = 1;
  options.tables[0].updater.kind = UpdaterKind::kSgd;
  options.tables[0].updater.learning_rate.rate = 1;
  options.tables[0].initializer.kind = InitializerKind::kZeros;
  return options;
}

RpcNames NamesOf(const ClusterShape& cluster) {
  return {VerbName, [cluster](Rank rank) { return cluster.Name(rank); }};
}

Errors RunServer(MpiTransport* transport, const ClusterShape& cluster) {
  LogWatch watch;
  google::AddLogSink(&watch);
  const PsOptions options = ServerOptions(cluster);
  AsioExecutor executor("server");
  RpcNode node(&executor, transport, NamesOf(cluster));
  Shard shard(options);
  PsService service(&options, &shard, &node);
  node.Handle(verbs::kPull, [&](Rank from, Buffer body, RpcNode::Reply reply) {
    service.OnPull(from, std::move(body), std::move(reply));
  });
  node.Handle(verbs::kPush, [&](Rank from, Buffer body, RpcNode::Reply reply) {
    service.OnPush(from, std::move(body), std::move(reply));
  });
  node.Handle(verbs::kRetire, [&](Rank from, Buffer body, RpcNode::Reply reply) {
    service.OnRetire(from, std::move(body), std::move(reply));
  });
  std::promise<RpcNode::Reply> waiting;
  node.Handle(kWait,
              [&](Rank, Buffer, RpcNode::Reply reply) { waiting.set_value(std::move(reply)); });
  std::promise<void> worker_done;
  node.Handle(kBye, [&](Rank, Buffer body, RpcNode::Reply reply) {
    reply(std::move(body));
    worker_done.set_value();
  });
  node.Start();
  auto reply = std::make_shared<RpcNode::Reply>(waiting.get_future().get());
  for (int i = 0; i < 1000 && watch.seen().size() < Attacks().size(); ++i) {
    std::this_thread::sleep_for(milliseconds(20));
  }
  executor.Post([reply] { (*reply)(Buffer(0)); });
  worker_done.get_future().wait_for(seconds(60));
  transport->Stop();
  executor.Stop();
  google::RemoveLogSink(&watch);
  Errors errors;
  for (std::size_t i = 0; i < Attacks().size(); ++i) {
    if (watch.seen().contains(i)) continue;
    errors.push_back(StrCat("attack ", i, " was not named: ", Attacks()[i].named));
  }
  return errors;
}

// ---- the worker ----

constexpr std::array<Key, 1> kKeys = {5};

Task<StatusOr<float>> PullOne(RpcNode* node) {
  PullRequest pull{Step{0}, 0, kPullCreate, {}};
  pull.tables = {{TableId{0}, kKeys}};
  Buffer body = EncodePullRequest(pull);
  const StatusOr<Buffer> answer =
      co_await node->Call(Rank{kAttacked}, verbs::kPull, std::move(body), seconds(30));
  if (!answer.ok()) co_return answer.status();
  const DimOf dim = [](TableId) { return 1U; };
  const StatusOr<PullReply> reply = ParsePullReply(answer->body(), pull, dim);
  if (!reply.ok()) co_return reply.status();
  co_return reply->rows[0][0];
}

Task<Status> PushOne(RpcNode* node, std::uint64_t sequence) {
  const std::array<float, 1> gradient = {-1};
  PushRequest push{Step{0}, sequence, 0, Slice{0}, 1, {}, {}};
  push.tables = {{TableId{0}, kKeys, gradient}};
  Buffer body = EncodePushRequest(push);
  const StatusOr<Buffer> answer =
      co_await node->Call(Rank{kAttacked}, verbs::kPush, std::move(body), seconds(30));
  co_return answer.status();
}

// The row counts the pushes: before the attacks, while they come, and after the last one.
Task<> Work(RpcNode* node, Errors* errors, std::promise<void>* done) {
  constexpr std::uint64_t kPushes = 50;
  for (std::uint64_t push = 1; push <= kPushes; ++push) {
    const Status status = co_await PushOne(node, push);
    if (!status.ok()) errors->push_back(status.ToString());
    if (push == kPushes / 2) {
      Buffer nothing(0);
      (void)co_await node->Call(Rank{kAttacked}, kWait, std::move(nothing), seconds(60));
    }
  }
  const StatusOr<float> row = co_await PullOne(node);
  if (!row.ok()) errors->push_back(row.status().ToString());
  if (row.ok() && *row != float{kPushes}) errors->push_back(StrCat("the row is ", *row));
  Buffer nothing(0);
  const StatusOr<Buffer> bye =
      co_await node->Call(Rank{kAttacked}, kBye, std::move(nothing), seconds(30));
  if (!bye.ok()) errors->push_back(bye.status().ToString());
  done->set_value();
}

Errors RunWorker(MpiTransport* transport, const ClusterShape& cluster) {
  Errors errors;
  AsioExecutor executor("worker");
  RpcNode node(&executor, transport, NamesOf(cluster));
  node.Start();
  std::promise<void> done;
  executor.Post([&] { Spawn(Work(&node, &errors, &done)); });
  done.get_future().wait();
  transport->Stop();
  executor.Stop();
  return errors;
}

Errors RunAttacker(MpiTransport* transport, void (*attack)()) {
  transport->Start([](Rank, Frame) {});  // answers are dropped
  std::promise<void> sent;
  transport->executor()->Post([&] {
    attack();
    sent.set_value();
  });
  sent.get_future().wait();
  transport->Stop();
  return {};
}

Errors RunRank(MpiTransport* transport) {
  const std::uint32_t rank = Raw(transport->rank());
  const ClusterShape cluster{.servers = 1, .workers = transport->ranks() - 2};
  if (transport->ranks() != kFirstAttacker + Attacks().size()) {
    return {StrCat("run me with ", kFirstAttacker + Attacks().size(), " ranks")};
  }
  if (rank == kAttacked) return RunServer(transport, cluster);
  if (rank == kWorker) return RunWorker(transport, cluster);
  if (rank >= kFirstAttacker) return RunAttacker(transport, Attacks()[rank - kFirstAttacker].run);
  return RunAttacker(transport, [] {});
}

}  // namespace
}  // namespace rookery

int main() {
  rookery::InitLog("mpi_hostile");
  auto created = rookery::MpiTransport::Create({});
  if (!created.ok()) {
    std::cerr << created.status().ToString() << "\n";
    return 1;
  }
  const std::unique_ptr<rookery::MpiTransport> transport = std::move(*created);
  const rookery::Errors errors = rookery::RunRank(transport.get());
  for (const std::string& error : errors) {
    std::cerr << "rank " << Raw(transport->rank()) << ": " << error << "\n";
  }
  return errors.empty() ? 0 : 1;
}
