// The files of the checkpoint that a run begins with when it takes rows and weights of an earlier
// one, as an InitPlan says.
//
// Threads  one. Memory: one bucket, and the dense parameters.
#pragma once

#include <cstdint>
#include <string>

#include "common/error.h"
#include "io/file_system.h"
#include "launch/init_plan.h"
#include "ps/checkpoint_reader.h"

namespace rookery {

// The rows file of one of the job's tables, as if a single server had written it.
[[nodiscard]] StatusOr<CheckpointFile> WriteInitRows(FileSystem& files,
                                                     const std::string& directory,
                                                     const CheckpointReader& from,
                                                     const TableInit& table, std::uint32_t buckets);

// dense.bin
[[nodiscard]] StatusOr<CheckpointFile> WriteInitDense(FileSystem& files,
                                                      const std::string& directory,
                                                      const CheckpointReader& from,
                                                      const InitPlan& plan, const DenseSpec& dense);

}  // namespace rookery
