// Scores a data set with the weights as they are: pulls create no rows, nothing is pushed. The sums
// merge exactly, so the result does not depend on which worker scored what.
#pragma once

#include "common/task.h"
#include "protocol/scheduler_messages.h"
#include "worker/worker_parts.h"

namespace rookery {

// Fills metrics of `result`.
[[nodiscard]] Task<Status> Evaluate(WorkerParts* parts, Order order, OrderResult* result);

}  // namespace rookery
