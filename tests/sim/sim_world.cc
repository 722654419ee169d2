#include "tests/sim/sim_world.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <vector>

#include "common/hash.h"

namespace rookery::sim {

SimWorld::SimWorld(std::uint64_t seed) : random_(seed, Purpose::kTest, 1) {}

Duration SimWorld::UpTo(Duration most) {
  return Duration(
      static_cast<Duration::rep>(random_.NextBelow(static_cast<std::uint64_t>(most.count()) + 1)));
}

void SimWorld::At(TimePoint when, const void* owner, Work work) {
  const auto tie = static_cast<std::uint32_t>(random_.Next() >> 32U);
  queue_.emplace(Key{std::max(when, now_), {tie, next_number_++}}, Event{owner, std::move(work)});
}

bool SimWorld::RunOne() {
  if (queue_.empty()) return false;
  auto first = queue_.extract(queue_.begin());
  now_ = first.key().first;
  ++events_;
  first.mapped().work();
  return true;
}

void SimWorld::Drop(const void* owner) {
  std::erase_if(queue_, [owner](const auto& event) { return event.second.owner == owner; });
}

void SimWorld::Shift(const void* owner, Duration by) {
  std::vector<decltype(queue_)::node_type> shifted;
  for (auto event = queue_.begin(); event != queue_.end();) {
    const auto next = std::next(event);
    if (event->second.owner == owner) shifted.push_back(queue_.extract(event));
    event = next;
  }
  for (auto& event : shifted) {
    event.key().first += by;
    queue_.insert(std::move(event));
  }
}

void SimWorld::Note(const std::string& words, const std::string& aside) {
  std::ostringstream line;
  line << std::fixed << std::setprecision(6) << std::setw(12)
       << Seconds(now_.time_since_epoch()) - 1000 << "  " << std::setw(7) << events_ << "  "
       << words;
  hash_ = HashText(StrCat(hash_, line.str()));
  notes_.push_back(line.str() + aside);
  if (notes_.size() > kNotesKept) notes_.pop_front();
}

std::string SimWorld::History() const {
  std::string text;
  for (const std::string& note : notes_) text += note + "\n";
  return text;
}

void SimExecutor::Post(Work work) {
  free_at_ = std::max(free_at_, world_->now()) + Duration(1) + world_->UpTo(cost_max_);
  world_->At(free_at_, this, std::move(work));
}

void SimExecutor::PostAt(TimePoint when, Work work) {
  world_->At(std::max(when, world_->now()) + world_->UpTo(cost_max_), this, std::move(work));
}

void SimExecutor::Freeze(TimePoint until) {
  const Duration by = until - world_->now();
  world_->Shift(this, by);
  free_at_ = std::max(free_at_ + by, until);
}

}  // namespace rookery::sim
