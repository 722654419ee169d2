#include "net/collective.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "common/bytes.h"
#include "common/check.h"
#include "common/limits.h"
#include "net/ordered_add.h"
#include "net/sum_inbox.h"

namespace rookery {
namespace {

ByteWriter WriteHeader(Buffer& message, std::uint64_t round, std::size_t length,
                       std::uint32_t slices) {
  ByteWriter writer(message.body());
  writer.Put(round);
  writer.Put(static_cast<std::uint64_t>(length));
  writer.Put(slices);
  writer.Put(std::uint32_t{0});
  return writer;
}

}  // namespace

struct OrderedSum::State {
  void CheckArguments(const PooledVector<SliceVector>& mine, std::size_t length) const;
  [[nodiscard]] Status CheckSize(std::size_t length) const;
  void SendSegments(const PooledVector<SliceVector>& mine, std::size_t length);
  [[nodiscard]] Status SumSegment(const PooledVector<SliceVector>& mine, std::span<float> sum);
  void SendSums(std::span<const float> sum);
  [[nodiscard]] Status TakeSums(std::span<float> sum);
  // The floats of member's message, `count` of them, after its header has been checked.
  [[nodiscard]] StatusOr<std::span<const float>> FloatsOf(SumPhase phase, std::size_t member,
                                                          std::size_t length, std::size_t count);
  [[nodiscard]] std::uint32_t slices_each() const {
    return slices / static_cast<std::uint32_t>(members.size());
  }

  // Constant.
  RpcNode* rpc = nullptr;
  std::vector<Rank> members;
  std::size_t self = 0;
  std::uint32_t slices = 0;
  VerbId segment_verb{};
  VerbId sum_verb{};

  // Touched only on the executor.
  std::shared_ptr<SumInbox> inbox;
  std::uint64_t sent_bytes = 0;
};

void OrderedSum::State::CheckArguments(const PooledVector<SliceVector>& mine,
                                       std::size_t length) const {
  ROOKERY_CHECK(mine.size() == slices_each());
  for (std::size_t i = 0; i < mine.size(); ++i) {
    ROOKERY_CHECK(Raw(mine[i].slice) == self + i * members.size());
    ROOKERY_CHECK(mine[i].values.size() == length);
  }
}

Status OrderedSum::State::CheckSize(std::size_t length) const {
  const std::size_t floats = SegmentOf(0, members.size(), length).size() * slices_each();
  if (floats <= (kMessageBytesMax - kSumHeaderBytes) / sizeof(float)) return OkStatus();
  return {Code::kExhausted,
          StrCat(inbox->Title(), ": ", length, " floats need a message of more than ",
                 kMessageBytesMax, " bytes")};
}

void OrderedSum::State::SendSegments(const PooledVector<SliceVector>& mine, std::size_t length) {
  for (std::size_t i = 1; i < members.size(); ++i) {  // the next member first: spreads the load
    const std::size_t member = (self + i) % members.size();
    const FloatRange range = SegmentOf(member, members.size(), length);
    Buffer message(kSumHeaderBytes + mine.size() * range.size() * sizeof(float));
    ByteWriter writer = WriteHeader(message, inbox->round(), length, slices_each());
    std::span<float> room = writer.Reserve<float>(mine.size() * range.size());
    for (const SliceVector& slice : mine) {
      std::ranges::copy(slice.values.subspan(range.begin, range.size()), room.begin());
      room = room.subspan(range.size());
    }
    sent_bytes += message.size() + kFrameHeaderBytes;
    rpc->Tell(members[member], segment_verb, std::move(message));
  }
}

StatusOr<std::span<const float>> OrderedSum::State::FloatsOf(SumPhase phase, std::size_t member,
                                                             std::size_t length,
                                                             std::size_t count) {
  ByteReader reader(inbox->from(phase, member).body());
  const auto its_round = reader.Get<std::uint64_t>();
  const auto its_length = reader.Get<std::uint64_t>();
  const auto its_slices = reader.Get<std::uint32_t>();
  const auto zero = reader.Get<std::uint32_t>();
  const std::string who =
      StrCat(inbox->Title(), ": message from ", rpc->names().rank(members[member]));
  const std::uint32_t its_slices_expected = phase == SumPhase::kSegments ? slices_each() : 0;
  if (its_round != inbox->round() || its_length != length || its_slices != its_slices_expected ||
      zero != 0) {
    return Corrupt(who, " has ", its_length, " floats and ", its_slices, " slices, expected ",
                   length, " and ", its_slices_expected);
  }
  const std::span<const float> floats = reader.GetArray<float>(count);
  ROOKERY_RETURN_IF_ERROR(reader.Finish(who));
  return floats;
}

Status OrderedSum::State::SumSegment(const PooledVector<SliceVector>& mine, std::span<float> sum) {
  const FloatRange range = SegmentOf(self, members.size(), sum.size());
  PooledVector<const float*> in_order(slices);
  for (std::size_t member = 0; member < members.size(); ++member) {
    std::span<const float> floats;
    if (member != self) {
      ROOKERY_ASSIGN_OR_RETURN(
          floats, FloatsOf(SumPhase::kSegments, member, sum.size(), slices_each() * range.size()));
    }
    for (std::size_t i = 0; i < slices_each(); ++i) {
      in_order[member + i * members.size()] =
          member == self ? mine[i].values.data() + range.begin : floats.data() + i * range.size();
    }
  }
  AddInOrder(in_order, sum.subspan(range.begin, range.size()));
  return OkStatus();
}

void OrderedSum::State::SendSums(std::span<const float> sum) {
  const FloatRange range = SegmentOf(self, members.size(), sum.size());
  const std::span<const float> segment = sum.subspan(range.begin, range.size());
  for (std::size_t i = 1; i < members.size(); ++i) {
    Buffer message(kSumHeaderBytes + segment.size_bytes());
    WriteHeader(message, inbox->round(), sum.size(), 0).PutArray(segment);
    sent_bytes += message.size() + kFrameHeaderBytes;
    rpc->Tell(members[(self + i) % members.size()], sum_verb, std::move(message));
  }
}

Status OrderedSum::State::TakeSums(std::span<float> sum) {
  for (std::size_t member = 0; member < members.size(); ++member) {
    if (member == self) continue;
    const FloatRange range = SegmentOf(member, members.size(), sum.size());
    ROOKERY_ASSIGN_OR_RETURN(const std::span<const float> floats,
                             FloatsOf(SumPhase::kSums, member, sum.size(), range.size()));
    std::ranges::copy(floats, sum.begin() + static_cast<std::ptrdiff_t>(range.begin));
  }
  return OkStatus();
}

namespace {

// The sum of slices that are all here.
void SumAlone(const PooledVector<SliceVector>& mine, std::span<float> sum) {
  PooledVector<const float*> in_order;
  for (const SliceVector& slice : mine) in_order.push_back(slice.values.data());
  AddInOrder(in_order, sum);
}

}  // namespace

Task<Status> OrderedSum::Run(std::shared_ptr<State> state, PooledVector<SliceVector> mine,
                             std::span<float> sum) {
  state->CheckArguments(mine, sum.size());
  if (state->members.size() == 1) {
    SumAlone(mine, sum);
    co_return OkStatus();
  }
  const std::shared_ptr<SumInbox> inbox = state->inbox;
  ROOKERY_CO_RETURN_IF_ERROR(inbox->broken());
  Status status = state->CheckSize(sum.size());
  if (status.ok()) {
    state->SendSegments(mine, sum.size());
    status = co_await inbox->Wait(SumPhase::kSegments);
  }
  if (status.ok()) status = state->SumSegment(mine, sum);
  if (status.ok()) {
    state->SendSums(sum);
    status = co_await inbox->Wait(SumPhase::kSums);
  }
  if (status.ok()) status = state->TakeSums(sum);
  if (status.ok()) {
    inbox->NextRound();
  } else {
    inbox->Fail(status);
  }
  co_return status;
}

OrderedSum::OrderedSum(RpcNode* rpc, std::vector<Rank> members, std::size_t self_index,
                       std::uint32_t slices, VerbId segment_verb, VerbId sum_verb,
                       Duration deadline)
    : state_(std::make_shared<State>()) {
  ROOKERY_CHECK(self_index < members.size() && members[self_index] == rpc->rank());
  ROOKERY_CHECK(slices > 0 && slices % members.size() == 0);
  state_->rpc = rpc;
  state_->inbox = std::make_shared<SumInbox>(rpc, members, self_index, deadline);
  state_->members = std::move(members);
  state_->self = self_index;
  state_->slices = slices;
  state_->segment_verb = segment_verb;
  state_->sum_verb = sum_verb;
  for (const SumPhase phase : {SumPhase::kSegments, SumPhase::kSums}) {
    rpc->HandleOneWay(phase == SumPhase::kSegments ? segment_verb : sum_verb,
                      [weak = std::weak_ptr(state_->inbox), phase](Rank from, Buffer body) {
                        const std::shared_ptr<SumInbox> inbox = weak.lock();
                        if (inbox) inbox->Add(phase, from, std::move(body));
                      });
  }
  rpc->OnClose([weak = std::weak_ptr(state_->inbox)] {
    const std::shared_ptr<SumInbox> inbox = weak.lock();
    if (inbox) {
      inbox->Fail({Code::kAborted, StrCat(inbox->Title(), ": given up, this side is closing")});
    }
  });
}

OrderedSum::~OrderedSum() = default;

std::uint64_t OrderedSum::sent_bytes() const {
  return state_->sent_bytes;
}

Task<Status> OrderedSum::Sum(PooledVector<SliceVector> mine, std::span<float> sum) {
  return Run(state_, std::move(mine), sum);
}

}  // namespace rookery
