#include <algorithm>
#include <cstdio>

#include "common/check.h"
#include "common/limits.h"
#include "common/log.h"
#include "net/rpc_state.h"

namespace rookery {
namespace {

constexpr std::size_t kErrorTextMax = std::size_t{64} << 10;

std::string OneDecimal(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f s", Seconds(duration));
  return text;
}

std::string TextOf(const Buffer& body) {
  const std::span<const std::byte> bytes = body.body();
  return {reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kErrorTextMax)};
}

}  // namespace

Future<StatusOr<Buffer>> RpcNode::State::Call(Rank to, VerbId verb, Buffer body,
                                              Duration deadline) {
  ROOKERY_CHECK(Raw(to) < peers.size()) << "call to rank " << Raw(to) << " of " << peers.size();
  Promise<StatusOr<Buffer>> promise(executor);
  if (closed) {
    promise.Set(Status(Code::kAborted, StrCat(Describe(verb, to), ": this side is closed")));
    return promise.future();
  }
  if (body.size() > kMessageBytesMax) {
    promise.Set(Status(Code::kExhausted, StrCat(Describe(verb, to), ": message of ", body.size(),
                                                " bytes, at most ", kMessageBytesMax)));
    return promise.future();
  }
  const std::uint64_t id = next_id++;
  const TimePoint now = executor->Now();
  Pending& added =
      pending.emplace(id, Pending{promise, to, verb, now, now + deadline}).first->second;
  deadlines.emplace(added.deadline, id);
  ArmTimer();
  Peer& peer = peers[Raw(to)];
  if (peer.in_flight < kRequestsInFlightMax) {
    SendRequest(id, added, std::move(body));
  } else {
    peer.waiting.push_back(Waiting{id, std::move(body)});
  }
  return promise.future();
}

void RpcNode::State::SendRequest(std::uint64_t id, Pending& request, Buffer body) {
  request.sent = true;
  ++peers[Raw(request.to)].in_flight;
  Send(request.to, FrameKind::kRequest, request.verb, id, Code::kOk, std::move(body));
}

void RpcNode::State::SendWaiting(Rank to) {
  Peer& peer = peers[Raw(to)];
  while (peer.in_flight < kRequestsInFlightMax && !peer.waiting.empty()) {
    Waiting next = std::move(peer.waiting.front());
    peer.waiting.pop_front();
    const auto found = pending.find(next.id);
    if (found != pending.end()) SendRequest(next.id, found->second, std::move(next.body));
  }
}

void RpcNode::State::OnReply(Rank from, Frame frame) {
  const auto found = pending.find(frame.request_id);
  if (found == pending.end()) return;  // it came after its deadline
  const Pending& request = found->second;
  if (request.to != from || request.verb != frame.verb || !request.sent) {
    ROOKERY_LOG(ERROR) << "reply to request " << frame.request_id << " from " << names.rank(from)
                       << " does not answer " << Describe(request.verb, request.to);
    return;
  }
  if (frame.status == Code::kOk) {
    Finish(frame.request_id, std::move(frame.body));
  } else {
    Finish(frame.request_id,
           Status(frame.status, StrCat(Describe(request.verb, from), ": ", TextOf(frame.body))));
  }
}

void RpcNode::State::Finish(std::uint64_t id, StatusOr<Buffer> result) {
  const auto found = pending.find(id);
  const Pending request = std::move(found->second);
  pending.erase(found);
  deadlines.erase({request.deadline, id});
  if (request.sent) --peers[Raw(request.to)].in_flight;
  request.promise.Set(std::move(result));
  SendWaiting(request.to);
}

void RpcNode::State::ArmTimer() {
  if (deadlines.empty() || deadlines.begin()->first >= timer_at) return;
  timer_at = deadlines.begin()->first;
  executor->PostAt(timer_at, [weak = weak_from_this()] {
    if (const std::shared_ptr<State> state = weak.lock()) state->OnTimer();
  });
}

void RpcNode::State::OnTimer() {
  const TimePoint now = executor->Now();
  if (now < timer_at) return;  // an earlier timer took its place
  timer_at = TimePoint::max();
  while (!deadlines.empty() && deadlines.begin()->first <= now) {
    const std::uint64_t id = deadlines.begin()->second;
    Finish(id, MissedDeadline(pending.at(id)));
  }
  ArmTimer();
}

Status RpcNode::State::MissedDeadline(const Pending& request) const {
  std::string text = StrCat(Describe(request.verb, request.to), ": no answer after ",
                            OneDecimal(executor->Now() - request.begun), " (limit ",
                            Seconds(request.deadline - request.begun), " s)");
  if (!request.sent) {
    text += StrCat("; it was never sent: ", peers[Raw(request.to)].in_flight,
                   " requests before it have no answer");
  }
  return {Code::kDeadline, std::move(text)};
}

void RpcNode::State::FailAll() {
  for (Peer& peer : peers) peer.waiting.clear();
  while (!deadlines.empty()) {
    const std::uint64_t id = deadlines.begin()->second;
    const Pending& request = pending.at(id);
    Finish(id, Status(Code::kAborted, StrCat(Describe(request.verb, request.to),
                                             ": given up, this side is closing")));
  }
}

std::string RpcNode::State::DescribeInFlight() const {
  std::string text;
  const TimePoint now = executor->Now();
  for (std::uint32_t rank = 0; rank < peers.size(); ++rank) {
    std::size_t sent = 0;
    std::size_t waiting = 0;
    const Pending* oldest = nullptr;
    for (const auto& [deadline, id] : deadlines) {
      const Pending& request = pending.at(id);
      if (Raw(request.to) != rank) continue;
      ++(request.sent ? sent : waiting);
      if (oldest == nullptr || request.begun < oldest->begun) oldest = &request;
    }
    if (oldest == nullptr) continue;
    text += StrCat(names.rank(Rank{rank}), ": ", sent, " sent, ", waiting, " waiting, oldest ",
                   names.verb(oldest->verb), " for ", OneDecimal(now - oldest->begun), "\n");
  }
  return text;
}

}  // namespace rookery
