// InitRun: `rookery train --init-from`: the first checkpoint of a new run, made of rows and weights
// of an earlier one (launch/init_plan.h decides which). The run then starts from it as a resumed
// one does, on any number of servers; an interruption leaves the whole of it or nothing.
//
// The new run counts epochs and steps from 0; optimizer steps (Adam's t, and with it the learning
// rate's schedule) go on from those of the earlier one, since the state that is taken belongs to
// them.
//
// Threads  one, before any role starts. Prints the differences; they are also in init.json of the
//          run directory.
// Errors   those of CheckpointReader and of MakeInitPlan; then the run has no checkpoint.
#pragma once

#include <string>

#include "common/error.h"
#include "data/transform.h"
#include "io/file_system.h"
#include "launch/job_plan.h"
#include "launch/run_job.h"

namespace rookery {

inline constexpr const char* kInitReportName = "init.json";

// `fitted` is of the new data; statistics of columns that the earlier run knew become its own,
// except in prepared files, which keep what they were made with. Returns the directory to load.
[[nodiscard]] StatusOr<std::string> InitRun(FileSystem& files, const RunRequest& request,
                                            const JobPlan& plan, FittedSchema* fitted);

}  // namespace rookery
