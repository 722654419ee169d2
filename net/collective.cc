#include "net/collective.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "common/bytes.h"
#include "common/check.h"
#include "common/limits.h"
#include "net/ordered_add.h"

namespace rookery {
namespace {

constexpr std::size_t kHeaderBytes = 24;  // of both messages: round, length, slices, zero

enum class Phase : std::uint8_t { kSegments = 0, kSums = 1 };

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

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

struct OrderedSum::State : std::enable_shared_from_this<OrderedSum::State> {
  // What has come from the other members for one round and phase; an empty body has not come.
  struct Inbox {
    std::vector<Buffer> from;  // by member
    std::size_t count = 0;
  };

  void OnMessage(Phase phase, Rank from, Buffer body);
  void Fail(Status status);
  [[nodiscard]] Inbox& InboxOf(Phase phase, std::uint64_t of_round) {
    return inboxes[of_round % 2][static_cast<std::size_t>(phase)];
  }
  [[nodiscard]] Future<Status> Wait(Phase phase);
  void ArmTimer();
  void OnTimer();
  [[nodiscard]] Status Missing() const;

  void CheckArguments(const std::vector<SliceVector>& mine, std::size_t length) const;
  [[nodiscard]] Status CheckSize(std::size_t length) const;
  void SendSegments(const std::vector<SliceVector>& mine, std::size_t length);
  [[nodiscard]] Status SumSegment(const std::vector<SliceVector>& mine, std::span<float> sum);
  void SendSums(std::span<const float> segment, std::size_t length);
  [[nodiscard]] Status TakeSums(std::span<float> sum);
  // The floats of member's message, `count` of them, after its header has been checked.
  [[nodiscard]] StatusOr<std::span<const float>> FloatsOf(Phase phase, std::size_t member,
                                                          std::size_t length, std::size_t count);
  void NextRound();
  [[nodiscard]] std::string Title() const { return StrCat("ordered sum, round ", round); }
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
  Duration deadline{};

  // Touched only on the executor.
  std::uint64_t round = 0;
  std::array<std::array<Inbox, 2>, 2> inboxes;  // [round % 2][phase]: members are ahead by one
  Status broken;                                // not ok: for good
  std::optional<Promise<Status>> waiter;
  Phase waits_for = Phase::kSegments;
  TimePoint wait_begun{};
  bool timer_set = false;
};

void OrderedSum::State::OnMessage(Phase phase, Rank from, Buffer body) {
  const auto found = std::ranges::find(members, from);
  if (found == members.end()) {
    return Fail(Corrupt(Title(), ": message from ", rpc->names().rank(from), ", not a member"));
  }
  const auto member = static_cast<std::size_t>(found - members.begin());
  const auto its_round = ByteReader(body.body()).Get<std::uint64_t>();
  const bool near = its_round == round || (its_round == round + 1 && phase == Phase::kSegments);
  Inbox& inbox = InboxOf(phase, its_round);
  if (member == self || body.size() < kHeaderBytes || !near || inbox.from[member].size() != 0) {
    return Fail(Corrupt(Title(), ": message of round ", its_round, " with ", body.size(),
                        " bytes from ", rpc->names().rank(from), " is out of turn"));
  }
  inbox.from[member] = std::move(body);
  ++inbox.count;
  const bool waited_for = waiter && waits_for == phase && its_round == round;
  if (waited_for && inbox.count + 1 == members.size()) {
    std::exchange(waiter, std::nullopt)->Set(OkStatus());
  }
}

void OrderedSum::State::Fail(Status status) {
  if (broken.ok()) broken = std::move(status);
  if (waiter) std::exchange(waiter, std::nullopt)->Set(broken);
}

Future<Status> OrderedSum::State::Wait(Phase phase) {
  Promise<Status> promise(rpc->executor());
  if (!broken.ok()) {
    promise.Set(broken);
  } else if (InboxOf(phase, round).count + 1 == members.size()) {
    promise.Set(OkStatus());
  } else {
    waiter = promise;
    waits_for = phase;
    wait_begun = rpc->executor()->Now();
    ArmTimer();
  }
  return promise.future();
}

// One timer serves all waits: it looks again when it finds that the wait it was set for is over.
void OrderedSum::State::ArmTimer() {
  if (timer_set) return;
  timer_set = true;
  rpc->executor()->PostAt(wait_begun + deadline, [weak = weak_from_this()] {
    if (const std::shared_ptr<State> state = weak.lock()) state->OnTimer();
  });
}

void OrderedSum::State::OnTimer() {
  timer_set = false;
  if (!waiter) return;
  if (rpc->executor()->Now() < wait_begun + deadline) return ArmTimer();
  Fail(Missing());
}

Status OrderedSum::State::Missing() const {
  const Inbox& inbox = inboxes[round % 2][static_cast<std::size_t>(waits_for)];
  std::string names;
  for (std::size_t member = 0; member < members.size(); ++member) {
    if (member == self || inbox.from[member].size() != 0) continue;
    names += StrCat(names.empty() ? "" : ", ", rpc->names().rank(members[member]));
  }
  return {Code::kDeadline,
          StrCat(Title(), ": nothing from ", names, " for ", Seconds(deadline), " s")};
}

void OrderedSum::State::CheckArguments(const std::vector<SliceVector>& mine,
                                       std::size_t length) const {
  ROOKERY_CHECK(mine.size() == slices_each());
  for (std::size_t i = 0; i < mine.size(); ++i) {
    ROOKERY_CHECK(Raw(mine[i].slice) == self + i * members.size());
    ROOKERY_CHECK(mine[i].values.size() == length);
  }
}

Status OrderedSum::State::CheckSize(std::size_t length) const {
  const std::size_t floats = SegmentOf(0, members.size(), length).size() * slices_each();
  if (floats <= (kMessageBytesMax - kHeaderBytes) / sizeof(float)) return OkStatus();
  return {Code::kExhausted, StrCat(Title(), ": ", length, " floats need a message of more than ",
                                   kMessageBytesMax, " bytes")};
}

void OrderedSum::State::SendSegments(const std::vector<SliceVector>& mine, std::size_t length) {
  for (std::size_t i = 1; i < members.size(); ++i) {  // the next member first: spreads the load
    const std::size_t member = (self + i) % members.size();
    const FloatRange range = SegmentOf(member, members.size(), length);
    Buffer message(kHeaderBytes + mine.size() * range.size() * sizeof(float));
    ByteWriter writer = WriteHeader(message, round, length, slices_each());
    std::span<float> room = writer.Reserve<float>(mine.size() * range.size());
    for (const SliceVector& slice : mine) {
      std::ranges::copy(slice.values.subspan(range.begin, range.size()), room.begin());
      room = room.subspan(range.size());
    }
    rpc->Tell(members[member], segment_verb, std::move(message));
  }
}

StatusOr<std::span<const float>> OrderedSum::State::FloatsOf(Phase phase, std::size_t member,
                                                             std::size_t length,
                                                             std::size_t count) {
  ByteReader reader(std::as_const(InboxOf(phase, round).from[member]).body());
  const auto its_round = reader.Get<std::uint64_t>();
  const auto its_length = reader.Get<std::uint64_t>();
  const auto its_slices = reader.Get<std::uint32_t>();
  const auto zero = reader.Get<std::uint32_t>();
  const std::string who = StrCat(Title(), ": message from ", rpc->names().rank(members[member]));
  const std::uint32_t its_slices_expected = phase == Phase::kSegments ? slices_each() : 0;
  if (its_round != round || its_length != length || its_slices != its_slices_expected ||
      zero != 0) {
    return Corrupt(who, " has ", its_length, " floats and ", its_slices, " slices, expected ",
                   length, " and ", its_slices_expected);
  }
  const std::span<const float> floats = reader.GetArray<float>(count);
  ROOKERY_RETURN_IF_ERROR(reader.Finish(who));
  return floats;
}

Status OrderedSum::State::SumSegment(const std::vector<SliceVector>& mine, std::span<float> sum) {
  const FloatRange range = SegmentOf(self, members.size(), sum.size());
  std::vector<const float*> in_order(slices);
  for (std::size_t member = 0; member < members.size(); ++member) {
    std::span<const float> floats;
    if (member != self) {
      ROOKERY_ASSIGN_OR_RETURN(
          floats, FloatsOf(Phase::kSegments, member, sum.size(), slices_each() * range.size()));
    }
    for (std::size_t i = 0; i < slices_each(); ++i) {
      in_order[member + i * members.size()] =
          member == self ? mine[i].values.data() + range.begin : floats.data() + i * range.size();
    }
  }
  AddInOrder(in_order, sum.subspan(range.begin, range.size()));
  return OkStatus();
}

void OrderedSum::State::SendSums(std::span<const float> segment, std::size_t length) {
  for (std::size_t i = 1; i < members.size(); ++i) {
    Buffer message(kHeaderBytes + segment.size_bytes());
    WriteHeader(message, round, length, 0).PutArray(segment);
    rpc->Tell(members[(self + i) % members.size()], sum_verb, std::move(message));
  }
}

Status OrderedSum::State::TakeSums(std::span<float> sum) {
  for (std::size_t member = 0; member < members.size(); ++member) {
    if (member == self) continue;
    const FloatRange range = SegmentOf(member, members.size(), sum.size());
    ROOKERY_ASSIGN_OR_RETURN(const std::span<const float> floats,
                             FloatsOf(Phase::kSums, member, sum.size(), range.size()));
    std::ranges::copy(floats, sum.begin() + static_cast<std::ptrdiff_t>(range.begin));
  }
  return OkStatus();
}

void OrderedSum::State::NextRound() {
  for (Inbox& inbox : inboxes[round % 2]) {
    for (Buffer& body : inbox.from) body = Buffer();
    inbox.count = 0;
  }
  ++round;
}

namespace {

// The sum of slices that are all here.
void SumAlone(const std::vector<SliceVector>& mine, std::span<float> sum) {
  std::vector<const float*> in_order;
  for (const SliceVector& slice : mine) in_order.push_back(slice.values.data());
  AddInOrder(in_order, sum);
}

}  // namespace

Task<Status> OrderedSum::Run(std::shared_ptr<State> state, std::vector<SliceVector> mine,
                             std::span<float> sum) {
  state->CheckArguments(mine, sum.size());
  if (state->members.size() == 1) {
    SumAlone(mine, sum);
    co_return OkStatus();
  }
  ROOKERY_CO_RETURN_IF_ERROR(state->broken);
  ROOKERY_CO_RETURN_IF_ERROR(state->CheckSize(sum.size()));
  state->SendSegments(mine, sum.size());
  Status status = co_await state->Wait(Phase::kSegments);
  if (status.ok()) status = state->SumSegment(mine, sum);
  if (status.ok()) {
    const FloatRange range = SegmentOf(state->self, state->members.size(), sum.size());
    state->SendSums(sum.subspan(range.begin, range.size()), sum.size());
    status = co_await state->Wait(Phase::kSums);
  }
  if (status.ok()) status = state->TakeSums(sum);
  if (status.ok()) {
    state->NextRound();
  } else {
    state->Fail(status);
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
  state_->members = std::move(members);
  state_->self = self_index;
  state_->slices = slices;
  state_->segment_verb = segment_verb;
  state_->sum_verb = sum_verb;
  state_->deadline = deadline;
  for (auto& of_round : state_->inboxes) {
    for (State::Inbox& inbox : of_round) inbox.from.resize(state_->members.size());
  }
  for (const Phase phase : {Phase::kSegments, Phase::kSums}) {
    rpc->HandleOneWay(phase == Phase::kSegments ? segment_verb : sum_verb,
                      [weak = std::weak_ptr(state_), phase](Rank from, Buffer body) {
                        const std::shared_ptr<State> state = weak.lock();
                        if (state) state->OnMessage(phase, from, std::move(body));
                      });
  }
}

OrderedSum::~OrderedSum() = default;

Task<Status> OrderedSum::Sum(std::vector<SliceVector> mine, std::span<float> sum) {
  return Run(state_, std::move(mine), sum);
}

}  // namespace rookery
