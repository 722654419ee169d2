// What rank 0 settles before a job starts: where it begins and with which fitted schema.
#pragma once

#include <string>

#include "common/error.h"
#include "data/transform.h"
#include "io/file_system.h"
#include "launch/job_plan.h"
#include "launch/run_job.h"

namespace rookery {

struct PreparedRun {
  FittedSchema fitted;
  std::string load_directory;  // empty: from the start
};

// Refuses a used run directory without resume, and a checkpoint of another job. A run that begins
// with an earlier one's rows gets its first checkpoint here (launch/init_run.h).
[[nodiscard]] StatusOr<PreparedRun> PrepareRun(FileSystem& files, const RunRequest& request,
                                               const JobPlan& plan);

}  // namespace rookery
