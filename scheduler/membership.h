// Membership: who is alive. Pure; the time is an argument.
//
// A node is silent when nothing was heard of it for longer than the timeout; it is reported once.
#pragma once

#include <cstdint>
#include <vector>

#include "common/executor.h"

namespace rookery {

class Membership {
 public:
  Membership(std::size_t nodes, Duration silent_after);
  void OnHeard(std::size_t node, TimePoint now);  // any request of it
  void OnLeft(std::size_t node);                  // it stopped on purpose
  // Nodes that fell silent since the last call.
  [[nodiscard]] std::vector<std::size_t> Expire(TimePoint now);
  [[nodiscard]] Duration SilentFor(std::size_t node, TimePoint now) const;

 private:
  enum class State : std::uint8_t { kMissing, kAlive, kSilent, kLeft };
  struct Node {
    State state = State::kMissing;
    TimePoint heard{};
  };

  Duration silent_after_;
  std::vector<Node> nodes_;
};

}  // namespace rookery
