// PushWindow: which pushes were accepted. Each worker numbers its pushes to a server 1, 2, ...; one
// that comes again is answered but not applied again.
//
// Owner    the shard. Threads: its executor.
#pragma once

#include <cstdint>
#include <vector>

namespace rookery {

enum class PushOrder : std::uint8_t {
  kNext = 0,       // the one after the last accepted
  kDuplicate = 1,  // accepted before
  kGap = 2,        // one in between is missing
};

class PushWindow {
 public:
  explicit PushWindow(std::uint32_t workers) : last_(workers, 0) {}

  // REQUIRES (all): worker < workers.
  [[nodiscard]] PushOrder Classify(std::uint32_t worker, std::uint64_t sequence) const {
    if (sequence <= last_[worker]) return PushOrder::kDuplicate;
    return sequence == last_[worker] + 1 ? PushOrder::kNext : PushOrder::kGap;
  }
  void Accept(std::uint32_t worker, std::uint64_t sequence) { last_[worker] = sequence; }
  [[nodiscard]] std::uint64_t last(std::uint32_t worker) const { return last_[worker]; }

 private:
  std::vector<std::uint64_t> last_;
};

}  // namespace rookery
