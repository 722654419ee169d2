// All roles of a job in this process, over the in-process transport.
#pragma once

#include <cstdint>
#include <string>

#include "common/error.h"
#include "io/file_system.h"
#include "launch/job_plan.h"
#include "scheduler/scheduler_node.h"

namespace rookery {

// Runs the job to its end and returns the summary as JSON. Each worker computes on `threads`
// threads. The first role that fails ends the others, and its error is the result. Blocks.
[[nodiscard]] StatusOr<std::string> RunLocalCluster(const JobPlan& plan, SchedulerOptions scheduler,
                                                    std::uint32_t threads, FileSystem* files);

}  // namespace rookery
