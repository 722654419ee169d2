#include "worker/slice_buffers.h"

namespace rookery {

PooledVector<std::span<float>> SliceBuffers::RowSpans(const StepPlan& plan) {
  rows.resize(plan.tables.size());
  PooledVector<std::span<float>> spans;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    rows[t].resize(plan.tables[t].keys.size() * plan.tables[t].dim);
    spans.emplace_back(rows[t]);
  }
  return spans;
}

PooledVector<std::span<const float>> SliceBuffers::GradientSpans() const {
  return {row_gradients.begin(), row_gradients.end()};
}

PulledWeights SliceBuffers::PulledFor(std::uint16_t push_flags,
                                      std::span<const float> dense) const {
  if ((push_flags & kPushPulled) == 0) return {};
  return {{rows.begin(), rows.end()}, dense};
}

}  // namespace rookery
