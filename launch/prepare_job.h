// What `rookery prepare` does: the files of a job, encoded as the job says, in a new directory.
//
// Threads  the caller's. Errors: kInvalidInput for a directory that exists, a job that has nothing
//          to prepare, and what reading the text finds (file:line:column). After an error the
//          directory is not there; what was written so far is beside it, as OUTPUT.tmp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "data/prepare.h"
#include "io/file_system.h"
#include "launch/job.h"

namespace rookery {

struct PrepareJobOptions {
  std::string output;
  std::string like;  // a prepared file whose statistics are used; empty: of this job's train files
  bool compress = false;
  std::uint64_t shuffle_bytes = 0;  // of the training data; 0: keep the order
  std::function<void(std::string_view set, const PrepareProgress&)> progress;
};

struct PreparedSet {
  std::string name;  // "train", "valid", "test"
  PrepareReport report;
  std::uint64_t input_bytes = 0;
};

[[nodiscard]] StatusOr<std::vector<PreparedSet>> PrepareJob(FileSystem& files, const Job& job,
                                                            const PrepareJobOptions& options);

}  // namespace rookery
