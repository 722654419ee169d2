// The schema of a job that reads prepared files (data.format = "blocks"): it comes from them.
#pragma once

#include <string>
#include <vector>

#include "common/error.h"
#include "data/transform.h"
#include "io/file_system.h"
#include "launch/job.h"

namespace rookery {

// Of the first of `train_files`; the job gets its columns and chunk size. kInvalidInput when that
// is no prepared file.
[[nodiscard]] StatusOr<FittedSchema> TakeBlockSchema(FileSystem& files,
                                                     const std::vector<std::string>& train_files,
                                                     Job* job);

// Refuses prepared files among `paths` that were made with another schema. Others are text, in the
// format that was prepared.
[[nodiscard]] Status CheckBlockFiles(FileSystem& files, const FittedSchema& fitted,
                                     const std::vector<std::string>& paths);

}  // namespace rookery
