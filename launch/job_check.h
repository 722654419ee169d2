// The rules between options that no single option's limits can say.
#pragma once

#include "launch/job.h"
#include "launch/job_reader.h"

namespace rookery {

// `job` was filled by `reader`, whose places the errors name.
[[nodiscard]] Status CheckJob(const JobReader& reader, const Job& job);

}  // namespace rookery
