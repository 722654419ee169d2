// SumInbox: what the other members of an OrderedSum (net/collective.h) have sent for this round and
// the next, and waiting for it with a deadline.
//
// Owner    OrderedSum's state, by shared_ptr. Threads: the node's executor.
// Errors   sticky: after the first one every wait returns it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/buffer.h"
#include "common/task.h"
#include "net/rpc.h"

namespace rookery {

enum class SumPhase : std::uint8_t { kSegments = 0, kSums = 1 };

inline constexpr std::size_t kSumHeaderBytes = 24;  // round, length, slices, zero

class SumInbox : public std::enable_shared_from_this<SumInbox> {
 public:
  SumInbox(RpcNode* rpc, std::vector<Rank> members, std::size_t self, Duration deadline);

  // Keeps the message of a member for its round (the first 8 bytes of `body`). kCorrupt for all
  // later waits when it is out of turn: twice, of a round that is neither this nor, for segments,
  // the next. What comes from somebody else is logged and dropped.
  void Add(SumPhase phase, Rank from, Buffer body);
  // Until every other member's message of this round is here. One wait at a time.
  [[nodiscard]] Future<Status> Wait(SumPhase phase);
  void Fail(Status status);
  void NextRound();

  // REQUIRES: Wait(phase) was ok in this round.
  [[nodiscard]] const Buffer& from(SumPhase phase, std::size_t member) const {
    return BoxOf(phase, round_).bodies[member];
  }
  [[nodiscard]] std::uint64_t round() const { return round_; }
  [[nodiscard]] const Status& broken() const { return broken_; }
  [[nodiscard]] std::string Title() const;  // "ordered sum, round 3"

 private:
  struct Box {
    std::vector<Buffer> bodies;  // by member; an empty one has not come
    std::size_t count = 0;
  };
  [[nodiscard]] const Box& BoxOf(SumPhase phase, std::uint64_t round) const {
    return boxes_[round % 2][static_cast<std::size_t>(phase)];
  }
  [[nodiscard]] bool Complete(SumPhase phase) const {
    return BoxOf(phase, round_).count + 1 == members_.size();
  }
  void ArmTimer();
  void OnTimer();
  [[nodiscard]] Status Missing() const;

  RpcNode* const rpc_;
  const std::vector<Rank> members_;
  const std::size_t self_;
  const Duration deadline_;

  std::uint64_t round_ = 0;
  std::array<std::array<Box, 2>, 2> boxes_;  // [round % 2][phase]: members are ahead by one
  Status broken_;
  std::optional<Promise<Status>> waiter_;
  SumPhase waits_for_ = SumPhase::kSegments;
  TimePoint wait_begun_{};
  bool timer_set_ = false;
};

}  // namespace rookery
