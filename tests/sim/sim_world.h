// SimWorld: one thread, virtual time, one queue of events. Events at the same time run in an order
// that the seed decides; the same seed runs the same events in the same order.
//
// Owner    one per simulated job. Threads: one.
// History  what happened is noted, hashed, and the last of it kept for people.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "common/executor.h"
#include "common/random.h"
#include "tests/sim/coverage.h"

namespace rookery::sim {

class SimWorld {
 public:
  using Work = Executor::Work;

  explicit SimWorld(std::uint64_t seed);

  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] Random& random() { return random_; }
  // Up to `most`, at least zero.
  [[nodiscard]] Duration UpTo(Duration most);
  [[nodiscard]] bool OneIn(std::uint64_t n) { return n != 0 && random_.NextBelow(n) == 0; }

  // Runs `work` at `when`, or now if that has passed. `owner` is a name for Drop and Shift.
  void At(TimePoint when, const void* owner, Work work);
  // False when nothing is left to run.
  bool RunOne();
  void Drop(const void* owner);
  // The owner's events come later by so much, in their order.
  void Shift(const void* owner, Duration by);
  [[nodiscard]] std::uint64_t events() const { return events_; }

  // The words go into the history that is hashed; `aside` is for people only.
  void Note(const std::string& words, const std::string& aside = {});
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] std::string History() const;  // the last notes, a line each

  Coverage coverage;

 private:
  static constexpr std::size_t kNotesKept = 40;
  struct Event {
    const void* owner;
    Work work;
  };
  using Key = std::pair<TimePoint, std::pair<std::uint32_t, std::uint64_t>>;  // tie, number

  Random random_;
  TimePoint now_{std::chrono::seconds(1000)};
  std::map<Key, Event> queue_;
  std::uint64_t next_number_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t hash_ = 0;
  std::deque<std::string> notes_;
};

// What runs on it never overlaps and runs in the order of posting; each task takes a little time.
class SimExecutor final : public Executor {
 public:
  SimExecutor(SimWorld* world, Duration cost_max) : world_(world), cost_max_(cost_max) {}
  ~SimExecutor() override { world_->Drop(this); }

  [[nodiscard]] TimePoint Now() const override { return world_->now(); }
  void Post(Work work) override;
  void PostAt(TimePoint when, Work work) override;
  // Nothing runs until `until`.
  void Freeze(TimePoint until);
  void set_cost_max(Duration cost_max) { cost_max_ = cost_max; }

 private:
  SimWorld* const world_;
  Duration cost_max_;
  TimePoint free_at_{};
};

}  // namespace rookery::sim
