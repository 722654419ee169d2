#include "data/shuffle_window.h"

#include <array>
#include <limits>
#include <numeric>
#include <span>

#include "common/check.h"
#include "common/hash.h"
#include "common/random.h"

namespace rookery {

std::vector<std::uint32_t> ShuffledOrder(const ShuffleOptions& options, std::uint64_t epoch,
                                         const ChunkRun& run, std::size_t examples) {
  ROOKERY_CHECK(examples <= std::numeric_limits<std::uint32_t>::max());
  std::vector<std::uint32_t> order(examples);
  std::iota(order.begin(), order.end(), 0U);
  if (!options.enabled) return order;
  const std::array<std::uint64_t, 4> name = {run.file, run.first, run.stride, run.count};
  const std::uint64_t hash = HashBytes(std::as_bytes(std::span(name)));
  Random random(options.seed, Purpose::kShuffle, epoch, hash);
  Shuffle(std::span(order), random);
  return order;
}

}  // namespace rookery
