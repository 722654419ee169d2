// The scheduler's service, to which nodes send any requests while an epoch is read; then a report
// and a checkpoint's cut are made of what they said.
#include <chrono>
#include <numeric>

#include "models/metrics.h"
#include "protocol/archive.h"
#include "scheduler/scheduler_service.h"
#include "tests/fuzz/peer.h"
#include "tests/fuzz/targets.h"
#include "tests/net/testing/manual_executor.h"

namespace rookery {
namespace {

StatusOr<MergedMetrics> MergeSums(std::span<const std::string> parts) {
  MetricSums sums(TaskKind::kBinary);
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    ROOKERY_ASSIGN_OR_RETURN(const MetricSums more, MetricSums::Decode(part));
    if (more.task() != sums.task()) return Corrupt("metrics of another task");
    sums.Merge(more);
  }
  return MergedMetrics{sums.Encode(), sums.Values()};
}

SchedulerOptions MakeOptions() {
  SchedulerOptions options;
  options.cluster = {.servers = 1, .workers = 2};
  options.job_hash = 42;
  options.version = "0.1.0";
  options.merge_metrics = MergeSums;
  return options;
}

Task<> RunOrder(SchedulerService* service, Order order) {
  std::vector<std::size_t> nodes(service->nodes());
  std::iota(nodes.begin(), nodes.end(), std::size_t{0});
  const auto results = co_await service->orders.Run(std::move(nodes), std::move(order));
  if (!results.ok()) co_return;
  // As the node does before a checkpoint.
  std::vector<InputPosition> positions;
  for (const OrderResult& result : *results) {
    positions.insert(positions.end(), result.positions.begin(), result.positions.end());
  }
  const AssignerState state = service->assigners[0]->Snapshot(positions);
  ROOKERY_CHECK(state.cursors.size() == 2);
}

void LookAtAll(SchedulerService* service, TimePoint now) {
  Progress& progress = service->progress;
  (void)progress.MakeReport({0, 2, 0.5, 10}, now);
  (void)progress.TableRows();
  (void)progress.TableBytes();
  (void)progress.Staleness();
  (void)service->assigners[0]->fraction();
  service->ExpireSilent();
}

}  // namespace

bool FuzzSchedulerPeer(FuzzBytes bytes) {
  ManualExecutor executor;
  const SchedulerOptions options = MakeOptions();
  FuzzTransport transport(Rank{0}, options.cluster.ranks() + 1);  // one rank is nobody
  {
    RpcNode node(&executor, &transport,
                 {VerbName, [&](Rank rank) { return options.cluster.Name(rank); }});
    SchedulerService service(&options, &node);
    service.assigners[0].emplace(AssignerOptions{{0, 1}, 2, true, 4});
    service.progress.BeginEpoch("", executor.Now());
    node.Start();
    Order order;
    order.kind = OrderKind::kTrain;
    Spawn(RunOrder(&service, order));
    FuzzInput input(bytes);
    while (!input.empty()) {
      transport.ArriveNext(&input);
      executor.Advance(std::chrono::milliseconds(100));
    }
    LookAtAll(&service, executor.Now());
    service.ForgetAll();
    executor.Advance(std::chrono::seconds(1));
    service.orders.Fail(Status(Code::kAborted, "the end"));
    node.Close();
    executor.RunReady();
  }
  return transport.good_replies > 0;
}

FuzzSeeds SeedsOfSchedulerPeer() {
  const auto request = [](std::uint8_t from, VerbId verb, const auto& message) {
    return StepOf(from, FrameKind::kRequest, verb, EncodeText(message));
  };
  const std::string joins =
      request(1, verbs::kJoin, JoinRequest{Role::kServer, 0, 42, "0.1.0", "a", 7}) +
      request(2, verbs::kJoin, JoinRequest{Role::kWorker, 0, 42, "0.1.0", "b", 8}) +
      request(3, verbs::kJoin, JoinRequest{Role::kWorker, 1, 42, "0.1.0", "c", 9});
  Heartbeat beat;
  beat.examples = 100;
  beat.loss_sum = 50;
  beat.step = 3;
  beat.warnings = {"a warning"};
  beat.table_rows = beat.table_bytes = beat.staleness = {5, 6};
  MetricSums sums(TaskKind::kBinary);
  sums.Add(std::vector<float>{0.5F}, std::vector<float>{1}, {});
  beat.metrics = sums.Encode();
  NextOrderRequest done;
  done.done.id = 1;
  done.done.step = 3;
  done.done.positions = {{0, 1, 5}};
  std::string orders;
  for (std::uint8_t rank = 1; rank <= 3; ++rank) {
    orders += request(rank, verbs::kNextOrder, NextOrderRequest{});
    orders += request(rank, verbs::kNextOrder, done);
  }
  const std::string leases =
      request(2, verbs::kLease, LeaseRequest{}) +
      request(2, verbs::kLease, LeaseRequest{DataSet::kTrain, 0, 1, true, 0.5, 1});
  return {joins, joins + orders,
          request(1, verbs::kHeartbeat, beat) + request(2, verbs::kHeartbeat, beat),
          leases + orders};
}

}  // namespace rookery
