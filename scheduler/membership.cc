#include "scheduler/membership.h"

namespace rookery {

Membership::Membership(std::size_t nodes, Duration silent_after)
    : silent_after_(silent_after), nodes_(nodes) {}

void Membership::OnHeard(std::size_t node, TimePoint now) {
  if (nodes_[node].state == State::kLeft) return;
  nodes_[node] = {State::kAlive, now};
}

void Membership::OnLeft(std::size_t node) {
  nodes_[node].state = State::kLeft;
}

std::vector<std::size_t> Membership::Expire(TimePoint now) {
  std::vector<std::size_t> silent;
  for (std::size_t node = 0; node < nodes_.size(); ++node) {
    if (nodes_[node].state != State::kAlive || SilentFor(node, now) <= silent_after_) continue;
    nodes_[node].state = State::kSilent;
    silent.push_back(node);
  }
  return silent;
}

Duration Membership::SilentFor(std::size_t node, TimePoint now) const {
  return now - nodes_[node].heard;
}

}  // namespace rookery
