// The part of Table that changes gradients by what came with them, before they are applied.
#include <algorithm>

#include "ps/gradient_adjust.h"
#include "ps/table.h"
#include "ps/updaters/gradient_front.h"

namespace rookery {

Status Table::Adjust(const StepTable& part, float delay_compensation, std::uint64_t t) {
  const bool compensates = delay_compensation > 0 && !part.pulled.empty();
  const bool clips = spec_.updater.clip_cow > 0 && !part.counts.empty();
  if (!compensates && !clips) return OkStatus();
  const std::size_t dim = spec_.dim;
  ROOKERY_RETURN_IF_ERROR(LocateAll(part.keys, true));
  if (updater_->catches_up()) CatchUpFound(t - 1);
  for (std::size_t i = 0; i < found_.size(); ++i) {
    const std::span<float> gradient = part.gradients.subspan(i * dim, dim);
    // What Push is going to drop or refuse stays as it is.
    if (found_[i] == nullptr || !Acceptable(gradient)) continue;
    if (compensates) {
      CompensateDelay(delay_compensation, found_[i], part.pulled.data() + i * dim, gradient);
    }
    if (clips) ClipByCount(spec_.updater, part.counts[i], found_[i], gradient);
  }
  return OkStatus();
}

}  // namespace rookery
