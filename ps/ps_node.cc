#include "ps/ps_node.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/log.h"
#include "ps/checkpoint_saver.h"
#include "ps/ps_service.h"
#include "ps/server_orders.h"
#include "ps/shard.h"
#include "scheduler/scheduler_client.h"

namespace rookery {
namespace {

// How long the answer to "stopped" is waited for: the scheduler may be gone by then.
constexpr Duration kGoodbyeDeadline = std::chrono::seconds(2);

}  // namespace

struct PsNode::State {
  State(PsOptions given, RpcNode* rpc_node, FileSystem* file_system, Executor* background)
      : options(std::move(given)),
        rpc(rpc_node),
        files(file_system),
        shard(options),
        service(&options, &shard, rpc),
        saver(&options, rpc->executor(), background, files, &shard,
              [this] { return service.Resume(); }),
        scheduler(rpc, options.cluster.scheduler(), options.deadline),
        wake(rpc->executor()),
        beats_ended(rpc->executor()),
        saved(rpc->executor()) {}

  const PsOptions options;
  RpcNode* const rpc;
  FileSystem* const files;
  Shard shard;
  PsService service;
  CheckpointSaver saver;
  SchedulerClient scheduler;

  // The heartbeat loop.
  bool stopping = false;
  bool warned_of_memory = false;
  Promise<bool> wake;  // ends its present pause
  Promise<bool> beats_ended;
  bool news = false;    // to be told without a pause
  Promise<bool> saved;  // when the saver has ended

  [[nodiscard]] JoinRequest MakeJoinRequest() const;
  [[nodiscard]] Heartbeat MakeHeartbeat();
  Task<> BeatLoop();
  Task<> SaveAndTell(Promise<bool> done);
  [[nodiscard]] Task<OrderResult> CarryOut(Order order);
  [[nodiscard]] Task<Status> OrderLoop();
};

JoinRequest PsNode::State::MakeJoinRequest() const {
  JoinRequest join;
  join.role = Role::kServer;
  join.index = options.index;
  join.job_hash = options.job_hash;
  join.version = options.version;
  join.host = options.host;
  join.process = static_cast<std::uint32_t>(getpid());
  return join;
}

Heartbeat PsNode::State::MakeHeartbeat() {
  Heartbeat beat;
  beat.step = Raw(shard.next_step());
  for (std::size_t i = 0; i < shard.tables(); ++i) {
    beat.table_rows.push_back(shard.table(i).rows());
    beat.table_bytes.push_back(shard.table(i).bytes());
  }
  beat.warnings = shard.TakeRefusedExamples();
  MemoryBudget& memory = shard.memory();
  memory.Observe();
  if (!memory.admits() && !warned_of_memory) {
    beat.warnings.push_back(StrCat("server ", options.index, ": ", memory.Describe(),
                                   ": from now on keys without a row get none, they read zeros and "
                                   "their gradients are dropped; more servers, a larger limit or a "
                                   "smaller dim would help"));
  }
  warned_of_memory = !memory.admits();
  if (memory.must_end())
    beat.memory_end = StrCat("server ", options.index, ": ", memory.Describe());
  beat.memory_bytes = memory.bytes_max();
  beat.unadmitted_gradients = shard.unadmitted();
  beat.refused_gradients = shard.refused_count();
  beat.staleness = shard.staleness();
  beat.written = saver.written();
  return beat;
}

Task<> PsNode::State::BeatLoop() {
  Executor* executor = rpc->executor();
  while (!stopping) {
    news = false;
    Heartbeat beat = MakeHeartbeat();
    const StatusOr<HeartbeatReply> reply = co_await scheduler.Beat(std::move(beat));
    if (stopping) break;
    if (news) continue;
    // Not the end: the order loop finds out whether the scheduler is gone.
    if (!reply.ok()) ROOKERY_LOG(WARNING) << reply.status().ToString();
    wake = Promise<bool>(executor);
    executor->PostAt(executor->Now() + options.heartbeat_every, [pause = wake] {
      if (!pause.done()) pause.Set(true);
    });
    co_await wake.future();
  }
  beats_ended.Set(true);
}

Task<> PsNode::State::SaveAndTell(Promise<bool> done) {
  co_await saver.Save();
  news = true;
  if (!wake.done()) wake.Set(true);
  done.Set(true);
}

Task<OrderResult> PsNode::State::CarryOut(Order order) {
  const ServerParts parts{&options, rpc->executor(), files, &shard, &service};
  OrderResult result;
  result.id = order.id;
  Status status;
  switch (order.kind) {
    case OrderKind::kLoad:
      status = co_await LoadCheckpoint(parts, order.directory);
      if (status.ok()) saver.OnLoaded(order.directory);
      break;
    case OrderKind::kCheckpoint:
      status = saver.Cut(order, &result);
      if (!status.ok()) break;
      saved = Promise<bool>(rpc->executor());
      Spawn(SaveAndTell(saved));
      break;
    case OrderKind::kStop:
      break;
    default:
      status = Internal("order ", static_cast<int>(order.kind), " is not for servers");
  }
  result.code = status.code();
  result.message = status.message();
  co_return result;
}

Task<Status> PsNode::State::OrderLoop() {
  OrderResult done;
  while (true) {
    StatusOr<Order> order = co_await scheduler.NextOrder(std::move(done));
    if (!order.ok()) co_return order.status();
    done = OrderResult();
    if (order->kind == OrderKind::kWait) continue;
    const bool stop = order->kind == OrderKind::kStop;
    done = co_await CarryOut(std::move(*order));
    // The scheduler knows all rows and counts before it goes on. Lost: the next request says so.
    Heartbeat beat = MakeHeartbeat();
    const StatusOr<HeartbeatReply> beaten = co_await scheduler.Beat(std::move(beat));
    if (!stop) continue;
    SchedulerClient goodbye(rpc, options.cluster.scheduler(), kGoodbyeDeadline);
    const StatusOr<Order> ignored = co_await goodbye.NextOrder(std::move(done));
    co_return OkStatus();
  }
}

PsNode::PsNode(PsOptions options, RpcNode* rpc, FileSystem* files, Executor* background)
    : state_(std::make_unique<State>(std::move(options), rpc, files, background)) {
  PsService* service = &state_->service;
  rpc->Handle(verbs::kPull, [service](Rank from, Buffer body, RpcNode::Reply reply) {
    service->OnPull(from, std::move(body), std::move(reply));
  });
  rpc->Handle(verbs::kPush, [service](Rank from, Buffer body, RpcNode::Reply reply) {
    service->OnPush(from, std::move(body), std::move(reply));
  });
  rpc->Handle(verbs::kRetire, [service](Rank from, Buffer body, RpcNode::Reply reply) {
    service->OnRetire(from, std::move(body), std::move(reply));
  });
}

PsNode::~PsNode() = default;

Task<Status> PsNode::Run() {
  State& state = *state_;
  const StatusOr<JoinReply> joined = co_await state.scheduler.Join(state.MakeJoinRequest());
  Status status = joined.status();
  if (status.ok()) {
    if (DenseTable* dense = state.shard.dense()) {
      dense->SetStart(state.options.initial_dense(joined->label_means));
    }
    state.saved.Set(true);
    Spawn(state.BeatLoop());
    status = co_await state.OrderLoop();
    state.stopping = true;
    state.saver.Stop();
    state.service.Refuse(StrCat("server ", state.options.index, " has stopped"));
    state.rpc->Close();
    if (!state.wake.done()) state.wake.Set(true);
    co_await state.beats_ended.future();
    co_await state.saved.future();
  }
  state.rpc->Close();
  co_return status;
}

}  // namespace rookery
