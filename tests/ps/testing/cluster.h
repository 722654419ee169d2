// An in-process cluster of servers for tests: loopback transport, one executor per role, a
// scheduler that gives the orders the test says, and a client per worker. Nothing is shared but the
// transport and the file system.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/hash.h"
#include "io/memory_file_system.h"
#include "net/asio_executor.h"
#include "net/loopback_transport.h"
#include "protocol/archive.h"
#include "protocol/scheduler_messages.h"
#include "ps/ps_client.h"
#include "ps/ps_node.h"

namespace rookery::testing {

inline RpcNames NamesOf(const ClusterShape& cluster) {
  return {VerbName, [cluster](Rank rank) { return cluster.Name(rank); }};
}

// Runs `task` on `executor` and waits for its result.
template <class T>
Task<> SetWhenDone(Task<T> task, std::shared_ptr<std::promise<T>> result) {
  result->set_value(co_await task);
}
template <class T>
T Await(Executor* executor, std::function<Task<T>()> make) {
  const auto result = std::make_shared<std::promise<T>>();
  executor->Post([&] { Spawn(SetWhenDone(make(), result)); });
  return result->get_future().get();
}

// Answers servers as the real scheduler does: one order each, results in the order of servers.
class FakeScheduler {
 public:
  FakeScheduler(Transport* transport, const ClusterShape& cluster)
      : cluster_(cluster),
        executor_("scheduler"),
        rpc_(&executor_, transport, NamesOf(cluster)),
        held_(cluster.servers),
        orders_(cluster.servers) {
    rpc_.Handle(verbs::kJoin, [this](Rank, Buffer body, RpcNode::Reply reply) {
      const auto join = Decode<JoinRequest>(std::as_const(body).body(), "join");
      if (join.ok()) ++joined;
      reply(join.ok() ? StatusOr<Buffer>(Encode(JoinReply{})) : StatusOr<Buffer>(join.status()));
    });
    rpc_.Handle(verbs::kHeartbeat, [this](Rank from, Buffer body, RpcNode::Reply reply) {
      const auto beat = Decode<Heartbeat>(std::as_const(body).body(), "heartbeat");
      const std::lock_guard lock(mutex_);
      if (beat.ok()) last_beat_[cluster_.index(from)] = *beat;
      changed_.notify_all();
      reply(Encode(HeartbeatReply{}));
    });
    rpc_.Handle(verbs::kNextOrder, [this](Rank from, Buffer body, RpcNode::Reply reply) {
      OnNextOrder(cluster_.index(from), std::move(body), std::move(reply));
    });
    last_beat_.resize(cluster.servers);
    rpc_.Start();
  }

  ~FakeScheduler() { executor_.Stop(); }

  // Gives `order` to all servers and waits for their results.
  std::vector<OrderResult> Run(Order order) {
    std::unique_lock lock(mutex_);
    order.id = ++last_id_;
    if (order.kind == OrderKind::kStop) stopping_ = true;
    results_.assign(cluster_.servers, OrderResult());
    missing_ = cluster_.servers;
    std::ranges::fill(orders_, order);
    executor_.Post([this] {
      for (std::uint32_t server = 0; server < cluster_.servers; ++server) Deliver(server);
    });
    changed_.wait(lock, [this] { return missing_ == 0; });
    return results_;
  }
  // After a checkpoint order: what `server` wrote to `directory`.
  WrittenFiles Written(std::uint32_t server, const std::string& directory) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return last_beat_[server].written.directory == directory; });
    return last_beat_[server].written;
  }
  Heartbeat LastBeat(std::uint32_t server) {
    const std::lock_guard lock(mutex_);
    return last_beat_[server];
  }

  std::atomic<std::uint32_t> joined = 0;

 private:
  void OnNextOrder(std::uint32_t server, Buffer body, RpcNode::Reply reply) {
    auto request = Decode<NextOrderRequest>(std::as_const(body).body(), "next order");
    ASSERT_TRUE(request.ok()) << request.status().ToString();
    bool goodbye = false;
    {
      const std::lock_guard lock(mutex_);
      goodbye = stopping_ && request->done.id == last_id_;
      if (last_id_ != 0 && request->done.id == last_id_ && results_[server].id != last_id_) {
        results_[server] = std::move(request->done);
        --missing_;
        changed_.notify_all();
      }
    }
    if (goodbye) return reply(Encode(Order{}));
    held_[server] = std::move(reply);
    Deliver(server);
  }
  void Deliver(std::uint32_t server) {
    if (!held_[server]) return;
    const std::lock_guard lock(mutex_);
    if (orders_[server].id == 0) return;
    RpcNode::Reply reply = std::move(held_[server]);
    held_[server] = RpcNode::Reply();
    reply(Encode(orders_[server]));
    orders_[server] = Order();
  }

  const ClusterShape cluster_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t last_id_ = 0;
  bool stopping_ = false;
  std::uint32_t missing_ = 0;
  std::vector<OrderResult> results_;
  std::vector<Heartbeat> last_beat_;
  AsioExecutor executor_;
  RpcNode rpc_;
  std::vector<RpcNode::Reply> held_;  // on executor_
  std::vector<Order> orders_;
};

// One server on its own thread, running from construction.
class ServerThread {
 public:
  ServerThread(PsOptions options, Transport* transport, FileSystem* files)
      : executor_("server"),
        background_("background"),
        rpc_(&executor_, transport, NamesOf(options.cluster)),
        node_(options, &rpc_, files, &background_) {
    rpc_.Start();
    executor_.Post([this] { Spawn(SetWhenDone(node_.Run(), ended_)); });
  }
  ~ServerThread() {
    background_.Stop();
    executor_.Stop();
  }
  // After the stop order.
  Status Join() { return ended_->get_future().get(); }

 private:
  AsioExecutor executor_, background_;
  RpcNode rpc_;
  PsNode node_;
  const std::shared_ptr<std::promise<Status>> ended_ = std::make_shared<std::promise<Status>>();
};

class WorkerThread {
 public:
  WorkerThread(const PsOptions& options, std::uint32_t worker, Transport* transport)
      : executor("worker"),
        rpc(&executor, transport, NamesOf(options.cluster)),
        client(&rpc,
               {options.cluster, worker, options.buckets,
                options.dense_on_server ? options.dense.size() : 0, std::chrono::seconds(20)}),
        options_(options) {
    rpc.Start();
  }
  ~WorkerThread() { executor.Stop(); }

  std::vector<TablePlan> Plan(std::vector<Key> keys) const {
    std::ranges::sort(keys, {}, MixKey);
    TablePlan plan{options_.tables[0].id, options_.tables[0].dim, std::move(keys), {}};
    SplitByServer(options_.cluster.servers, options_.buckets, &plan);
    return {plan};
  }
  Status Push(std::vector<TablePlan> plans, Step step, Slice slice, std::vector<float> gradients,
              std::uint32_t examples = 1, std::vector<float> dense = {}) {
    return Await<Status>(
        &executor, [&] { return client.Push(plans, step, slice, examples, {gradients}, dense); });
  }
  StatusOr<std::vector<float>> Pull(std::vector<TablePlan> plans, Step step, bool create) {
    std::vector<float> rows(plans[0].keys.size() * plans[0].dim, -1.0F);
    const Status status =
        Await<Status>(&executor, [&] { return client.Pull(plans, step, create, {rows}, {}); });
    if (!status.ok()) return status;
    return rows;
  }

  AsioExecutor executor;
  RpcNode rpc;
  PsClient client;

 private:
  const PsOptions options_;
};

class Cluster {
 public:
  Cluster(PsOptions options, FileSystem* files)
      : network_(options.cluster.ranks()),
        scheduler(network_.endpoint(options.cluster.scheduler()), options.cluster) {
    options.heartbeat_every = std::chrono::milliseconds(5);
    for (std::uint32_t i = 0; i < options.cluster.servers; ++i) {
      options.index = i;
      Transport* transport = network_.endpoint(options.cluster.server(i));
      servers.push_back(std::make_unique<ServerThread>(options, transport, files));
    }
    for (std::uint32_t i = 0; i < options.cluster.workers; ++i) {
      Transport* transport = network_.endpoint(options.cluster.worker(i));
      workers.push_back(std::make_unique<WorkerThread>(options, i, transport));
    }
  }
  void Stop() {
    Order stop;
    stop.kind = OrderKind::kStop;
    for (const OrderResult& result : scheduler.Run(stop)) EXPECT_EQ(result.code, Code::kOk);
    for (auto& server : servers) {
      const Status status = server->Join();
      EXPECT_TRUE(status.ok()) << status.ToString();
    }
  }

 private:
  LoopbackNetwork network_;

 public:
  FakeScheduler scheduler;
  std::vector<std::unique_ptr<ServerThread>> servers;
  std::vector<std::unique_ptr<WorkerThread>> workers;
};

}  // namespace rookery::testing
