// Trains one epoch, or up to a pause, at the worker's own pace: bounded and async mode when no
// dense parameters are summed over workers.
//
// While a batch is computed the next one, if it is read, is already being pulled, and the push of
// the one before is on its way: that is one step of staleness of the worker's own, and the servers
// count it like any other when they hold the bound.
#pragma once

#include "common/task.h"
#include "protocol/scheduler_messages.h"
#include "worker/worker_parts.h"

namespace rookery {

// Fills epoch_end, step and positions of `result`.
[[nodiscard]] Task<Status> TrainFreely(WorkerParts* parts, Order order, OrderResult* result);

}  // namespace rookery
