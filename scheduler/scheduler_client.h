// SchedulerClient: how servers and workers talk to the scheduler.
//
// Owner    the node. Threads: its executor. Errors: the call's, with verb, rank and time waited.
#pragma once

#include "common/error.h"
#include "common/executor.h"
#include "common/task.h"
#include "net/rpc.h"
#include "protocol/scheduler_messages.h"

namespace rookery {

class SchedulerClient {
 public:
  SchedulerClient(RpcNode* rpc, Rank scheduler, Duration deadline);

  [[nodiscard]] Task<StatusOr<JoinReply>> Join(JoinRequest request);
  // Reports `done` (id 0: nothing yet) and waits a while for the next order; kWait: ask again.
  [[nodiscard]] Task<StatusOr<Order>> NextOrder(OrderResult done);
  [[nodiscard]] Task<StatusOr<HeartbeatReply>> Beat(Heartbeat heartbeat);
  [[nodiscard]] Task<StatusOr<LeaseReply>> Lease(LeaseRequest request);

 private:
  template <class Reply, class Request>
  Task<StatusOr<Reply>> Call(VerbId verb, Request request);

  RpcNode* const rpc_;
  const Rank scheduler_;
  const Duration deadline_;
};

}  // namespace rookery
