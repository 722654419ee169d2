// A scheduler with scripted nodes in one thread and virtual time: fake servers and workers carry
// out orders by the book and write down which ones they got.
//
// A fake epoch has `epoch_steps` steps of 50 ms; a worker beats after each and pauses when told.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/memory_file_system.h"
#include "net/loopback_transport.h"
#include "net/rpc.h"
#include "scheduler/scheduler_client.h"
#include "scheduler/scheduler_node.h"
#include "tests/net/testing/manual_executor.h"

namespace rookery::testing {

inline RpcNames NamesOf(const ClusterShape& cluster) {
  return {VerbName, [cluster](Rank rank) { return cluster.Name(rank); }};
}

// Metrics as decimal text; the first one counts, for all examples and for a group of them.
inline StatusOr<MergedMetrics> MergeText(std::span<const std::string> parts) {
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    const std::map<std::string, double> values = {{"auc", std::stod(part)}};
    return MergedMetrics{part, values, {{"item:unseen", 3, values}}};
  }
  return MergedMetrics{};
}

class FakeCluster {
 public:
  FakeCluster(SchedulerOptions options, MemoryFileSystem* files)
      : options_(Complete(std::move(options))), files_(files), network_(options_.cluster.ranks()) {
    for (std::uint32_t rank = 0; rank < options_.cluster.ranks(); ++rank) {
      rpcs_.push_back(std::make_unique<RpcNode>(&executor_, network_.endpoint(Rank{rank}),
                                                NamesOf(options_.cluster)));
    }
    node_ = std::make_unique<SchedulerNode>(options_, rpcs_[0].get(), files_, &executor_);
    for (const auto& rpc : rpcs_) rpc->Start();
  }

  // Runs the job to its end.
  Status Run() {
    Spawn(RunScheduler());
    for (std::uint32_t rank = 1; rank < rpcs_.size(); ++rank) {
      if (Rank{rank} != absent) Spawn(RunNode(Rank{rank}));
    }
    for (int i = 0; i < 100'000 && !result_; ++i) {
      executor_.Advance(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(result_.has_value()) << "the job does not end";
    const Status result = result_.value_or(Internal("no end"));
    for (const auto& rpc : rpcs_) rpc->Close();    // after a failure nodes would ask for ever
    executor_.Advance(std::chrono::seconds(300));  // whoever still waits gives up
    return result;
  }
  [[nodiscard]] const std::string& summary() const { return node_->summary_json(); }
  // The orders of "server 0" or "worker 1".
  [[nodiscard]] std::vector<std::string>& log(const std::string& node) { return log_[node]; }
  [[nodiscard]] const std::vector<std::string>& printed() const { return *printed_; }
  [[nodiscard]] Duration Elapsed() const { return executor_.Now() - began_; }

  std::uint64_t epoch_steps = 5;
  std::vector<std::string> valid_metrics;  // of one evaluation after the other
  std::optional<Rank> absent, dies_in_training, dies_after_cut, write_fails;
  std::vector<std::string> bases;  // that checkpoint orders named, of all servers
  bool adds_to_base = false;       // what servers say to one
  Duration write_takes = std::chrono::milliseconds(20);
  Status training_failure;  // of worker 1
  std::string memory_end;   // what servers say of their memory

 private:
  SchedulerOptions Complete(SchedulerOptions options) {
    options.run_directory = "run";
    options.merge_metrics = MergeText;
    options.print = [printed = printed_](const std::string& line, bool lasting) {
      if (lasting) printed->push_back(line);
    };
    if (options.train_files == 0) options.train_files = 1;
    return options;
  }
  Task<> RunScheduler() {
    Status status = co_await node_->Run();
    result_ = status;
  }
  Task<> RunNode(Rank rank) {
    SchedulerClient scheduler(rpcs_[Raw(rank)].get(), Rank{0}, std::chrono::seconds(60));
    JoinRequest join;
    join.role = options_.cluster.role(rank);
    join.index = options_.cluster.index(rank);
    join.version = options_.version;
    join.job_hash = options_.job_hash;
    join.host = "host";
    StatusOr<JoinReply> joined = co_await scheduler.Join(join);
    if (!joined.ok()) co_return;
    if (join.role == Role::kServer && !memory_end.empty()) {
      Heartbeat beat;
      beat.memory_end = memory_end;
      StatusOr<HeartbeatReply> reply = co_await scheduler.Beat(beat);
    }
    OrderResult done;
    while (true) {
      StatusOr<Order> order = co_await scheduler.NextOrder(std::move(done));
      if (!order.ok()) co_return;
      done = OrderResult{};
      if (order->kind == OrderKind::kWait) continue;
      done.id = order->id;
      Note(rank, *order);
      if (order->kind == OrderKind::kTrain) {
        if (dies_in_training == rank) co_return;
        co_await Train(&scheduler, *order, &done);
        if (options_.cluster.index(rank) == 1) {
          done.code = training_failure.code();
          done.message = training_failure.message();
        }
      }
      if (order->kind == OrderKind::kEvaluate) done.metrics = Metrics(rank, order->set);
      if (order->kind == OrderKind::kCheckpoint) {
        if (join.role == Role::kServer) {
          bases.push_back(order->base);
          done.adds_to_base = adds_to_base && !order->base.empty();
        }
        if (dies_after_cut == rank) {
          StatusOr<Order> next = co_await scheduler.NextOrder(std::move(done));
          co_return;
        }
        Spawn(Write(&scheduler, rank, order->directory));
      }
      if (order->kind == OrderKind::kStop) {
        StatusOr<Order> farewell = co_await scheduler.NextOrder(std::move(done));
        co_return;
      }
    }
  }
  Task<> Write(SchedulerClient* scheduler, Rank rank, std::string directory) {
    co_await Delay(&executor_, write_takes);
    Heartbeat beat;
    beat.written.directory = directory;
    if (write_fails == rank) {
      beat.written.code = Code::kIo;
      beat.written.message = "the disk is full";
    }
    StatusOr<HeartbeatReply> reply = co_await scheduler->Beat(beat);
  }
  Task<> Train(SchedulerClient* scheduler, Order order, OrderResult* done) {
    bool pause = false;
    std::uint64_t step = order.step;
    const std::uint64_t end = (order.epoch + 1) * epoch_steps;
    while (step < end && !pause && (order.until_step == 0 || step < order.until_step)) {
      co_await Delay(&executor_, std::chrono::milliseconds(50));
      Heartbeat beat;
      beat.step = ++step;
      beat.examples = 10;
      StatusOr<HeartbeatReply> reply = co_await scheduler->Beat(beat);
      pause = reply.ok() && reply->pause;
    }
    done->epoch_end = step == end && !pause;
    done->step = step;
  }
  std::string Metrics(Rank rank, DataSet set) {
    if (options_.cluster.index(rank) != 0) return "";
    if (set == DataSet::kTest) return "0.5";
    return evaluations_ < valid_metrics.size() ? valid_metrics[evaluations_++] : "0.25";
  }
  void Note(Rank rank, const Order& order) {
    const char* role = options_.cluster.role(rank) == Role::kServer ? "server " : "worker ";
    std::string text;
    switch (order.kind) {
      case OrderKind::kLoad:
        text = "load " + order.directory;
        break;
      case OrderKind::kTrain:
        text = StrCat("train epoch ", order.epoch, " from ", order.step, " to ", order.until_step);
        break;
      case OrderKind::kEvaluate:
        text = order.set == DataSet::kValid ? "valid" : "test";
        break;
      case OrderKind::kCheckpoint:
        text = StrCat("checkpoint at ", order.step);
        break;
      case OrderKind::kStop:
        text = "stop";
        break;
      case OrderKind::kWait:
        break;
    }
    log_[StrCat(role, options_.cluster.index(rank))].push_back(text);
  }

  std::shared_ptr<std::vector<std::string>> printed_ = std::make_shared<std::vector<std::string>>();
  const SchedulerOptions options_;
  MemoryFileSystem* const files_;
  ManualExecutor executor_;
  const TimePoint began_ = executor_.Now();
  LoopbackNetwork network_;
  std::vector<std::unique_ptr<RpcNode>> rpcs_;
  std::unique_ptr<SchedulerNode> node_;
  std::optional<Status> result_;
  std::map<std::string, std::vector<std::string>> log_;
  std::size_t evaluations_ = 0;
};

}  // namespace rookery::testing
