#include "net/sum_inbox.h"

#include <algorithm>

#include "common/bytes.h"
#include "common/log.h"

namespace rookery {

SumInbox::SumInbox(RpcNode* rpc, std::vector<Rank> members, std::size_t self, Duration deadline)
    : rpc_(rpc), members_(std::move(members)), self_(self), deadline_(deadline) {
  for (auto& of_round : boxes_) {
    for (Box& box : of_round) box.bodies.resize(members_.size());
  }
}

std::string SumInbox::Title() const {
  return StrCat("ordered sum, round ", round_);
}

void SumInbox::Add(SumPhase phase, Rank from, Buffer body) {
  const auto found = std::ranges::find(members_, from);
  if (found == members_.end()) {
    ROOKERY_LOG(ERROR) << Title() << ": message from " << rpc_->names().rank(from)
                       << ", which is not a member, is dropped";
    return;
  }
  const auto member = static_cast<std::size_t>(found - members_.begin());
  const auto round = ByteReader(body.body()).Get<std::uint64_t>();
  const bool near = round == round_ || (round == round_ + 1 && phase == SumPhase::kSegments);
  Box& box = boxes_[round % 2][static_cast<std::size_t>(phase)];
  if (member == self_ || body.size() < kSumHeaderBytes || !near || box.bodies[member].size() != 0) {
    return Fail(Corrupt(Title(), ": message of round ", round, " with ", body.size(),
                        " bytes from ", rpc_->names().rank(from), " is out of turn"));
  }
  box.bodies[member] = std::move(body);
  ++box.count;
  if (waiter_ && Complete(waits_for_)) std::exchange(waiter_, std::nullopt)->Set(OkStatus());
}

void SumInbox::Fail(Status status) {
  if (broken_.ok()) broken_ = std::move(status);
  if (waiter_) std::exchange(waiter_, std::nullopt)->Set(broken_);
}

void SumInbox::NextRound() {
  for (Box& box : boxes_[round_ % 2]) {
    for (Buffer& body : box.bodies) body = Buffer();
    box.count = 0;
  }
  ++round_;
}

Future<Status> SumInbox::Wait(SumPhase phase) {
  Promise<Status> promise(rpc_->executor());
  if (!broken_.ok()) {
    promise.Set(broken_);
  } else if (Complete(phase)) {
    promise.Set(OkStatus());
  } else {
    waiter_ = promise;
    waits_for_ = phase;
    wait_begun_ = rpc_->executor()->Now();
    ArmTimer();
  }
  return promise.future();
}

// One timer serves all waits: it looks again when it finds that the wait it was set for is over.
void SumInbox::ArmTimer() {
  if (timer_set_) return;
  timer_set_ = true;
  rpc_->executor()->PostAt(wait_begun_ + deadline_, [weak = weak_from_this()] {
    if (const std::shared_ptr<SumInbox> inbox = weak.lock()) inbox->OnTimer();
  });
}

void SumInbox::OnTimer() {
  timer_set_ = false;
  if (!waiter_) return;
  if (rpc_->executor()->Now() < wait_begun_ + deadline_) return ArmTimer();
  Fail(Missing());
}

Status SumInbox::Missing() const {
  std::string names;
  for (std::size_t member = 0; member < members_.size(); ++member) {
    if (member == self_ || from(waits_for_, member).size() != 0) continue;
    names += StrCat(names.empty() ? "" : ", ", rpc_->names().rank(members_[member]));
  }
  return {Code::kDeadline,
          StrCat(Title(), ": nothing from ", names, " for ", Seconds(deadline_), " s")};
}

}  // namespace rookery
