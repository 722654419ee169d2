// SchedulerService: answers join, next-order, heartbeat and lease. Keeps what the nodes said;
// decides nothing (scheduler/scheduler_node.cc does).
//
// Owner    the scheduler's node. Threads: the executor of `rpc`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/error.h"
#include "common/executor.h"
#include "net/rpc.h"
#include "protocol/scheduler_messages.h"
#include "scheduler/file_collector.h"
#include "scheduler/membership.h"
#include "scheduler/order_book.h"
#include "scheduler/progress.h"
#include "scheduler/scheduler_options.h"
#include "scheduler/work_assigner.h"

namespace rookery {

class SchedulerService {
 public:
  // Nodes are numbered servers first: server s is node s, worker w is node servers + w.
  SchedulerService(const SchedulerOptions* options, RpcNode* rpc);

  [[nodiscard]] std::size_t nodes() const { return options_.cluster.ranks() - 1; }
  [[nodiscard]] std::string NameOf(std::size_t node) const;
  // Complete once everybody has joined and has the reply: a server without it does not know the
  // start of its dense parameters, and workers must not pull yet.
  // OK while joins are awaited; kDeadline lists who is missing once join_within is over; what ended
  // the job before (a refusal, silence, the close of our RPC).
  [[nodiscard]] Status JoinState(TimePoint began, bool* complete) const;
  // Reports nodes that fell silent to the order book.
  void ExpireSilent();
  void ForgetAll();  // they were told to stop
  // The job ends with `failure`, unless it has failed already.
  void Fail(const Status& failure);

  OrderBook orders;
  FileCollector written;
  Progress progress;
  std::array<std::optional<WorkAssigner>, 3> assigners;  // by DataSet; set while it is being read
  bool pause = false;                                    // told to workers in heartbeat replies
  std::uint64_t pause_at_step = 0;  // not lockstep: pause when a worker is there; 0: no limit

 private:
  template <class Request>
  void Handle(VerbId verb, void (SchedulerService::*handler)(std::size_t node, Request request,
                                                             RpcNode::Reply reply));
  void OnJoin(std::size_t node, JoinRequest request, RpcNode::Reply reply);
  void OnNextOrder(std::size_t node, NextOrderRequest request, RpcNode::Reply reply);
  void OnHeartbeat(std::size_t node, Heartbeat request, RpcNode::Reply reply);
  void OnLease(std::size_t node, LeaseRequest request, RpcNode::Reply reply);

  const SchedulerOptions& options_;
  RpcNode* const rpc_;
  Membership members_;
  std::vector<std::string> hosts_;
  std::vector<bool> ready_;  // has its join reply, since it asks for orders
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // the RPC outlives us
};

}  // namespace rookery
