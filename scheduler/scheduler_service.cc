#include "scheduler/scheduler_service.h"

#include "common/log.h"
#include "protocol/archive.h"

namespace rookery {
namespace {

constexpr Duration kOrderHold = std::chrono::milliseconds(500);

}  // namespace

SchedulerService::SchedulerService(const SchedulerOptions* options, RpcNode* rpc)
    : orders(
          rpc->executor(), options->cluster.ranks() - 1,
          [this](std::size_t node) { return NameOf(node); }, kOrderHold),
      written(rpc->executor(), [this](std::size_t node) { return NameOf(node); }),
      progress(options->cluster.servers, options->cluster.workers, options->merge_metrics),
      options_(*options),
      rpc_(rpc),
      members_(nodes(), options->silent_after),
      hosts_(nodes()),
      ready_(nodes()) {
  Handle<JoinRequest>(verbs::kJoin, &SchedulerService::OnJoin);
  Handle<NextOrderRequest>(verbs::kNextOrder, &SchedulerService::OnNextOrder);
  Handle<Heartbeat>(verbs::kHeartbeat, &SchedulerService::OnHeartbeat);
  Handle<LeaseRequest>(verbs::kLease, &SchedulerService::OnLease);
  rpc_->OnClose([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) Fail({Code::kAborted, "given up, this side is closing"});
  });
}

template <class Request>
void SchedulerService::Handle(VerbId verb, void (SchedulerService::*handler)(std::size_t, Request,
                                                                             RpcNode::Reply)) {
  rpc_->Handle(verb, [this, verb, handler](Rank from, Buffer body, RpcNode::Reply reply) {
    StatusOr<Request> request = Decode<Request>(
        std::as_const(body).body(), VerbName(verb) + " from " + options_.cluster.Name(from));
    if (!request.ok()) {
      reply(request.status());
      return;
    }
    const std::size_t node = Raw(from) - 1;  // rank 0 is ourselves and does not call
    if (Raw(from) == 0 || node >= nodes()) {
      reply(Corrupt(VerbName(verb), " from rank ", Raw(from), ": not a server or worker"));
      return;
    }
    members_.OnHeard(node, rpc_->executor()->Now());
    (this->*handler)(node, std::move(*request), std::move(reply));
  });
}

std::string SchedulerService::NameOf(std::size_t node) const {
  std::string name = options_.cluster.Name(Rank{static_cast<std::uint32_t>(node + 1)});
  if (!hosts_[node].empty()) name += " on " + hosts_[node];
  return name;
}

Status SchedulerService::JoinState(TimePoint began, bool* complete) const {
  std::vector<std::size_t> missing;
  for (std::size_t node = 0; node < nodes(); ++node) {
    if (!ready_[node]) missing.push_back(node);
  }
  *complete = missing.empty();
  ROOKERY_RETURN_IF_ERROR(orders.failure());  // refused, silent already, or given up
  if (*complete || rpc_->executor()->Now() - began < options_.join_within) return OkStatus();
  std::string names;
  for (std::size_t node : missing) names += (names.empty() ? "" : ", ") + NameOf(node);
  return {Code::kDeadline, StrCat("start: after ", Seconds(options_.join_within),
                                  " s nothing was heard of ", names)};
}

void SchedulerService::ExpireSilent() {
  const TimePoint now = rpc_->executor()->Now();
  for (std::size_t node : members_.Expire(now)) {
    Fail({Code::kUnavailable,
          StrCat(NameOf(node), " has been silent for ", Seconds(members_.SilentFor(node, now)),
                 " s (limit ", Seconds(options_.silent_after), " s)")});
  }
}

void SchedulerService::ForgetAll() {
  for (std::size_t node = 0; node < nodes(); ++node) members_.OnLeft(node);
}

void SchedulerService::Fail(const Status& failure) {
  orders.Fail(failure);
  written.Fail(failure);
}

void SchedulerService::OnJoin(std::size_t node, JoinRequest request, RpcNode::Reply reply) {
  if (ready_[node]) {  // and works: this is not of it
    ROOKERY_LOG(WARNING) << NameOf(node) << " joins again; refused";
    reply(Corrupt(NameOf(node), " has joined before"));
    return;
  }
  hosts_[node] = StrCat(request.host, " (process ", request.process, ")");
  const Rank rank{static_cast<std::uint32_t>(node + 1)};
  const bool same_role =
      request.role == options_.cluster.role(rank) && request.index == options_.cluster.index(rank);
  Status refusal;
  if (request.version != options_.version) {
    refusal = InvalidInput(NameOf(node), " runs version ", request.version, ", the scheduler ",
                           options_.version, "; install the same build on all hosts");
  } else if (request.job_hash != options_.job_hash) {
    refusal = InvalidInput(
        NameOf(node), " runs another job than the scheduler; give all ranks the same job file");
  } else if (!same_role) {
    refusal = InvalidInput(NameOf(node), " believes to be ",
                           request.role == Role::kServer ? "server " : "worker ", request.index,
                           "; give all ranks the same cluster.servers");
  }
  if (!refusal.ok()) {
    Fail(refusal);
    reply(refusal);
    return;
  }
  reply(Encode(JoinReply{options_.features_json, options_.label_means}));
}

void SchedulerService::OnNextOrder(std::size_t node, NextOrderRequest request,
                                   RpcNode::Reply reply) {
  ready_[node] = true;
  orders.OnRequest(node, std::move(request.done), std::move(reply));
}

void SchedulerService::OnHeartbeat(std::size_t node, Heartbeat request, RpcNode::Reply reply) {
  const Rank rank{static_cast<std::uint32_t>(node + 1)};
  written.OnWritten(node, std::move(request.written));
  progress.OnHeartbeat(options_.cluster.role(rank), options_.cluster.index(rank),
                       std::move(request));
  if (pause_at_step != 0 && progress.steps() >= pause_at_step) pause = true;
  reply(Encode(HeartbeatReply{pause}));
}

void SchedulerService::OnLease(std::size_t node, LeaseRequest request, RpcNode::Reply reply) {
  const auto set = static_cast<std::size_t>(request.set);
  if (set >= assigners.size() || !assigners[set]) {
    reply(Corrupt("lease from ", NameOf(node), ": no input of set ", set, " is being read"));
    return;
  }
  StatusOr<LeaseReply> lease = assigners[set]->Next(request);
  if (!lease.ok()) {
    reply(Annotate(lease.status(), NameOf(node)));
    return;
  }
  reply(Encode(*lease));
}

}  // namespace rookery
