// SimNetwork: ranks that exchange frames in virtual time. Frames of one pair stay in order; frames
// of different pairs overtake each other. What NetworkFaults say goes wrong, at random.
//
// Owner    one per run of the job's processes; endpoints are owned by it.
// Threads  one. A handler is called from an event of the world, never inside Send().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "net/transport.h"
#include "protocol/verbs.h"
#include "tests/sim/sim_world.h"

namespace rookery::sim {

struct NetworkFaults {
  Duration delay_max = std::chrono::microseconds(300);
  std::uint64_t duplicate_one_in = 0;  // requests, delivered again a little later; 0: never
  std::uint64_t repeat_one_in = 0;     // pushes that their worker sends again; 0: never
  std::uint64_t drop_frame = 0;        // the n-th frame is lost; 0: none
  std::uint64_t partition_at = 0;      // from the n-th frame on nothing passes between two ranks
  Duration partition_for = Duration::zero();
  std::int64_t slow_rank = -1;          // its frames take long
  std::uint64_t reuse_sequence_at = 0;  // a deliberate fault: the n-th push has the number before
};

class SimNetwork {
 public:
  // Sends a copy of a push once more from its worker, as a client that had no answer would.
  using Repeat = std::function<void(Rank from, Rank to, Buffer body)>;

  SimNetwork(SimWorld* world, const ClusterShape& cluster, const NetworkFaults& faults);
  ~SimNetwork();
  [[nodiscard]] Transport* endpoint(Rank rank);
  void OnRepeat(Repeat repeat) { repeat_ = std::move(repeat); }
  // The rank is dead: nothing of it arrives, nothing reaches it.
  void Cut(Rank rank);
  [[nodiscard]] std::uint64_t frames() const { return frames_; }
  [[nodiscard]] std::uint64_t pushes() const { return pushes_; }
  [[nodiscard]] bool partitioned() const { return partitioned_; }

 private:
  class Endpoint;
  using Pair = std::pair<std::uint32_t, std::uint32_t>;

  void Send(Rank from, Rank to, Frame frame);
  void SpoilPush(Rank from, Rank to, Frame* frame);
  [[nodiscard]] TimePoint ArrivalOf(Pair pair);
  void Deliver(TimePoint when, Rank from, Rank to, std::shared_ptr<Frame> frame);

  SimWorld* const world_;
  const ClusterShape cluster_;
  const NetworkFaults faults_;
  Repeat repeat_;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  std::map<Pair, TimePoint> last_arrival_;
  std::uint64_t frames_ = 0;
  std::uint64_t pushes_ = 0;
  Pair parted_{};
  TimePoint parted_until_{};
  bool partitioned_ = false;
};

}  // namespace rookery::sim
