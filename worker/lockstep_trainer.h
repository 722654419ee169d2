// Trains one epoch, or up to a pause, with all workers in step: sync mode, and bounded or async
// mode with dense = "allreduce".
//
// A step: batches of my slices -> pulls (all at once) -> compute, slice after slice -> ordered sum
// of dense gradients and of the control values over the workers -> pushes -> dense update. The
// control values are the step's number of examples (0: the epoch is over for everybody) and a wish
// to pause; all workers see the same sums, so they end at the same step. A worker without data goes
// on with empty slices.
#pragma once

#include "common/task.h"
#include "protocol/scheduler_messages.h"
#include "worker/worker_parts.h"

namespace rookery {

// Fills epoch_end, step and positions of `result`.
[[nodiscard]] Task<Status> TrainInLockstep(WorkerParts* parts, Order order, OrderResult* result);

}  // namespace rookery
