// Runs a job: all roles in this process, or this rank's role under mpirun.
//
// Rank 0 (or the one process) prepares: looks for the checkpoint to go on from and verifies it,
// else makes the first pass over the training data; writes job.toml. Errors of the user's input end
// the whole job with status 2.
#pragma once

#include <string>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"
#include "launch/job.h"

namespace rookery {

enum class Resume : std::uint8_t {
  kNo,          // the run directory must not hold checkpoints
  kLatest,      // go on from CURRENT; from the start when there is none
  kLatestGood,  // when CURRENT is damaged, from the newest that is whole
};

struct RunRequest {
  Job job;
  std::string run_directory;
  Resume resume = Resume::kNo;
  std::string checkpoint;  // evaluate_only: the one to load
  // A checkpoint or run whose rows and weights a run without checkpoints begins with; empty: none.
  std::string init_from;
  std::vector<std::string> init_policies;  // launch/init_policy.h
  bool profile = false;        // write trace/rank-N.json of each process into the run directory
  bool evaluate_only = false;  // test and valid files of the job; nothing is trained or written
};

// Prints progress and the result to stdout, errors to stderr; the exit status.
[[nodiscard]] int RunJob(FileSystem& files, const RunRequest& request);

}  // namespace rookery
