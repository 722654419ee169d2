#include "ps/ps_service.h"

#include <algorithm>
#include <utility>

#include "common/bytes.h"
#include "common/log.h"

namespace rookery {

PsService::PsService(const PsOptions* options, Shard* shard, RpcNode* rpc)
    : options_(options), shard_(shard), rpc_(rpc) {}

Status PsService::CheckSender(Rank from, std::uint32_t worker) const {
  const ClusterShape& cluster = options_->cluster;
  if (cluster.role(from) == Role::kWorker && cluster.index(from) == worker) return OkStatus();
  return Corrupt("says it is of worker ", worker);
}

void PsService::Fail(Rank from, const Status& status, RpcNode::Reply reply) {
  const Status named = Annotate(status, "request of ", rpc_->names().rank(from));
  ROOKERY_LOG(WARNING) << "server " << options_->index << ": " << named.ToString();
  reply(named);
}

void PsService::OnPull(Rank from, Buffer body, RpcNode::Reply reply) {
  Take({Kind::kPull, from, std::move(body), std::move(reply)});
}

void PsService::OnPush(Rank from, Buffer body, RpcNode::Reply reply) {
  Take({Kind::kPush, from, std::move(body), std::move(reply)});
}

void PsService::Take(Waiting request) {
  if (!refusal_.empty()) return request.reply(Status(Code::kUnavailable, refusal_));
  if (!waiting_.empty() || !MayKeep(request.kind, request.body)) {
    return waiting_.push_back(std::move(request));
  }
  if (request.kind == Kind::kPull) {
    AnswerPull(request.from, std::move(request.body), std::move(request.reply));
  } else {
    AnswerPush(request.from, std::move(request.body), std::move(request.reply));
  }
}

bool PsService::MayKeep(Kind kind, const Buffer& body) const {
  if (!shard_->keeps_rows()) return true;
  if (kind == Kind::kPull) {
    const StatusOr<PullRequest> pull = ParsePullRequest(body.body(), shard_->dim_of());
    return !pull.ok() || shard_->MayKeep(*pull);
  }
  const StatusOr<PushRequest> push = ParsePushRequest(body.body(), shard_->dim_of());
  return !push.ok() || shard_->MayKeep(*push);
}

bool PsService::Resume() {
  std::deque<Waiting> waiting = std::exchange(waiting_, {});
  while (!waiting.empty() && MayKeep(waiting.front().kind, waiting.front().body)) {
    Waiting request = std::move(waiting.front());
    waiting.pop_front();
    Take(std::move(request));
  }
  // What came to wait meanwhile is from a pull that was held longer.
  for (Waiting& request : waiting) waiting_.push_back(std::move(request));
  return !waiting_.empty();
}

void PsService::AnswerPull(Rank from, Buffer body, RpcNode::Reply reply) {
  StatusOr<PullRequest> parsed = ParsePullRequest(std::as_const(body).body(), shard_->dim_of());
  if (!parsed.ok()) return Fail(from, parsed.status(), std::move(reply));
  const Status sender = CheckSender(from, parsed->worker);
  if (!sender.ok()) return Fail(from, sender, std::move(reply));
  if (!shard_->MayPull(*parsed)) {
    held_.push_back({from, std::move(body), std::move(*parsed), std::move(reply)});
    return;
  }
  StatusOr<Buffer> answer = Pull(*parsed);
  if (!answer.ok()) return Fail(from, answer.status(), std::move(reply));
  reply(std::move(answer));
}

StatusOr<Buffer> PsService::Pull(const PullRequest& request) {
  if ((request.flags & kPullDenseState) != 0) return PullDenseState(request);
  ROOKERY_ASSIGN_OR_RETURN(PullReplyRoom room, shard_->Pull(request));
  return std::move(room.buffer);
}

StatusOr<Buffer> PsService::PullDenseState(const PullRequest& request) {
  const DenseTable* dense = shard_->dense();
  if (dense == nullptr || !request.tables.empty() || request.flags != kPullDenseState) {
    return Corrupt("pull request: dense state is pulled alone, from servers that have it");
  }
  const std::size_t floats = dense->weights().size() + dense->state().size();
  ROOKERY_ASSIGN_OR_RETURN(PullReplyRoom room,
                           MakePullReply(request, shard_->dim_of(), floats, shard_->updates()));
  const auto middle = std::ranges::copy(dense->weights(), room.dense.begin()).out;
  std::ranges::copy(dense->state(), middle);
  return std::move(room.buffer);
}

void PsService::AnswerPush(Rank from, Buffer body, RpcNode::Reply reply) {
  Step step{};
  const StatusOr<PushResult> result = Push(from, std::move(body), &step);
  if (!result.ok()) {
    const bool shard_is_whole = result.status().code() == Code::kCorrupt;
    Fail(from, result.status(), std::move(reply));
    if (!shard_is_whole) {
      Refuse(StrCat("server ", options_->index, " failed: ", result.status().message()));
    }
    return;
  }
  if (result->state == PushState::kWaiting) {
    pushes_[step].push_back(std::move(reply));
  } else {
    reply(Buffer(0));
  }
  if (result->completed) AnswerStep(*result->completed, OkStatus());
  AnswerHeldPulls();
}

StatusOr<PushResult> PsService::Push(Rank from, Buffer body, Step* step) {
  ROOKERY_ASSIGN_OR_RETURN(PushRequest push,
                           ParsePushRequest(std::as_const(body).body(), shard_->dim_of()));
  ROOKERY_RETURN_IF_ERROR(CheckSender(from, push.worker));
  *step = push.step;
  return shard_->Push(std::move(body), std::move(push));
}

void PsService::OnRetire(Rank from, Buffer body, RpcNode::Reply reply) {
  if (!refusal_.empty()) return reply(Status(Code::kUnavailable, refusal_));
  ByteReader reader(std::as_const(body).body());
  const auto worker = reader.Get<std::uint32_t>();
  Status status = reader.Finish("retire request");
  if (status.ok()) status = CheckSender(from, worker);
  if (status.ok()) status = shard_->Retire(worker);
  if (!status.ok()) return Fail(from, status, std::move(reply));
  reply(Buffer(0));
  AnswerHeldPulls();
}

void PsService::AnswerHeldPulls() {
  PooledVector<HeldPull> held = std::exchange(held_, {});
  for (HeldPull& pull : held) {
    if (!shard_->MayPull(pull.request)) {
      held_.push_back(std::move(pull));
      continue;
    }
    if (!shard_->MayKeep(pull.request)) {
      waiting_.push_back({Kind::kPull, pull.from, std::move(pull.body), std::move(pull.reply)});
      continue;
    }
    StatusOr<Buffer> answer = Pull(pull.request);
    if (answer.ok()) {
      pull.reply(std::move(answer));
    } else {
      Fail(pull.from, answer.status(), std::move(pull.reply));
    }
  }
}

void PsService::AnswerStep(Step step, const Status& status) {
  auto waiting = pushes_.extract(step);
  if (waiting.empty()) return;
  for (RpcNode::Reply& reply : waiting.mapped()) {
    reply(status.ok() ? StatusOr<Buffer>(Buffer(0)) : StatusOr<Buffer>(status));
  }
}

void PsService::Refuse(std::string reason) {
  refusal_ = std::move(reason);
  const Status status(Code::kUnavailable, refusal_);
  while (!pushes_.empty()) AnswerStep(pushes_.begin()->first, status);
  for (HeldPull& pull : std::exchange(held_, {})) pull.reply(status);
  for (Waiting& request : std::exchange(waiting_, {})) request.reply(status);
}

}  // namespace rookery
