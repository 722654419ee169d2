#include "scheduler/scheduler_client.h"

#include "protocol/archive.h"
#include "protocol/verbs.h"

namespace rookery {

SchedulerClient::SchedulerClient(RpcNode* rpc, Rank scheduler, Duration deadline)
    : rpc_(rpc), scheduler_(scheduler), deadline_(deadline) {}

template <class Reply, class Request>
Task<StatusOr<Reply>> SchedulerClient::Call(VerbId verb, Request request) {
  Buffer body = Encode(request);
  StatusOr<Buffer> reply = co_await rpc_->Call(scheduler_, verb, std::move(body), deadline_);
  if (!reply.ok()) co_return reply.status();
  co_return Decode<Reply>(std::as_const(*reply).body(), VerbName(verb) + " reply");
}

Task<StatusOr<JoinReply>> SchedulerClient::Join(JoinRequest request) {
  return Call<JoinReply>(verbs::kJoin, std::move(request));
}

Task<StatusOr<Order>> SchedulerClient::NextOrder(OrderResult done) {
  return Call<Order>(verbs::kNextOrder, NextOrderRequest{std::move(done)});
}

Task<StatusOr<HeartbeatReply>> SchedulerClient::Beat(Heartbeat heartbeat) {
  return Call<HeartbeatReply>(verbs::kHeartbeat, std::move(heartbeat));
}

Task<StatusOr<LeaseReply>> SchedulerClient::Lease(LeaseRequest request) {
  return Call<LeaseReply>(verbs::kLease, request);
}

}  // namespace rookery
