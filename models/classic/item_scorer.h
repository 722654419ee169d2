// ItemScorer: scores all items for a user whose items are known; what the classical methods of
// top-N have in common. No gradient is needed to make one.
//
// Threads  Score from any. The bits of a score do not depend on the threads that fitted or score.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

namespace rookery {

struct Profile {
  static constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();
  std::size_t user = kUnknown;           // the row of the training data
  std::span<const std::uint32_t> items;  // ascending; perhaps more than those of training
};

class ItemScorer {
 public:
  virtual ~ItemScorer() = default;
  // scores: one for each item, all are written.
  virtual void Score(const Profile& profile, std::span<float> scores) const = 0;
};

}  // namespace rookery
