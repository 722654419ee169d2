// Ranks items of the catalog for each user of a data set, with the weights as they are: pulls
// create no rows, nothing is pushed. The items' rows are pulled once. The sums merge exactly, so
// the result does not depend on which worker ranked for whom.
//
// data/ranking_case.h says what is ranked for a user: all items but those that the user has, or
// some that are drawn, whose rankings have no lists to recommend and thus none of their metrics.
// Memory: the vectors of all items, 4 (W + 1) bytes each.
#pragma once

#include "common/task.h"
#include "protocol/scheduler_messages.h"
#include "worker/worker_parts.h"

namespace rookery {

// Fills metrics of `result` with RankingSums. REQUIRES: a catalog, and a model that ranks.
[[nodiscard]] Task<Status> EvaluateRanking(WorkerParts* parts, Order order, OrderResult* result);

}  // namespace rookery
