// CatalogSums: the gradient of a catalog's rows (models/model.h CatalogRows), which is too large to
// have one for each part: parts in a row add to the same sum, and at most kSumsMax of these are
// added in turn. So the bits depend on the number of parts, never on that of threads; and so many
// threads are of use.
//
// Owner    StepCompute; keeps its memory. Threads: one call at a time, inside on those of the pool.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "common/compute_pool.h"

namespace rookery {

class CatalogSums {
 public:
  static constexpr std::size_t kSumsMax = 8;

  // Calls train(part, thread, sum) once for each part in [0, parts), which adds its gradient to
  // `sum`, as long as `total`. `total` gets that of all parts.
  template <class F>
  void Train(ComputePool* pool, std::size_t parts, std::span<float> total, const F& train) {
    const std::size_t sums = std::clamp<std::size_t>(parts, 1, kSumsMax);
    others_.resize((sums - 1) * total.size());
    pool->Run(sums, [&](std::size_t s, std::size_t thread) {
      float* sum = s == 0 ? total.data() : others_.data() + (s - 1) * total.size();
      std::fill_n(sum, total.size(), 0.0F);
      const std::size_t end = parts * (s + 1) / sums;
      for (std::size_t p = parts * s / sums; p < end; ++p) train(p, thread, sum);
    });
    AddOthers(pool, total);
  }

 private:
  void AddOthers(ComputePool* pool, std::span<float> total) const;

  std::vector<float> others_;  // all sums but the first, which is `total`
};

}  // namespace rookery
