// RecentRows: where the rows of the last few pulls lie, so that the push of the same keys, which
// soon follows, does not look them up again.
//
// Owner    the table; rows keep their address until it is cleared. Threads: the table's.
// Memory   16 bytes a key of the last kPulls pulls, 20 with numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/types.h"

namespace rookery {

class RecentRows {
 public:
  static constexpr std::size_t kPulls = 4;
  static constexpr std::size_t kKeyBytes = sizeof(Key) + sizeof(float*);

  struct Room {
    std::span<float*> rows;            // [K]
    std::span<std::uint32_t> numbers;  // [K], or empty
  };
  struct Found {
    std::span<float* const> rows;
    std::span<const std::uint32_t> numbers;
  };

  // Room for the rows of `keys`, and their numbers if wished, instead of those of the oldest pull.
  // The caller fills it, or calls Forget.
  [[nodiscard]] Room Remember(std::span<const Key> keys, bool numbers);
  // The rows of exactly these keys, in their order; empty when they are not known.
  [[nodiscard]] Found Find(std::span<const Key> keys) const;
  void Forget();
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Pull {
    std::vector<Key> keys;
    std::vector<float*> rows;
    std::vector<std::uint32_t> numbers;
  };
  std::array<Pull, kPulls> pulls_;
  std::size_t oldest_ = 0;
};

}  // namespace rookery
