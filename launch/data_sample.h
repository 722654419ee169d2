// DataSample: what the training data of a job need of its tables, seen in their first part or, if
// wanted, in all of them.
//
// Threads  the caller's. Memory: the keys of the sampled examples, and one read-ahead window.
// Errors   those of the data: file:line:column.
#pragma once

#include <cstdint>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"
#include "launch/distinct_count.h"
#include "launch/job_plan.h"

namespace rookery {

struct SampleOptions {
  std::uint64_t examples_max = 200'000;
  bool full = false;  // also count the keys of all the rest
};

struct TableSample {
  DistinctRange rows;  // keys in all of the data
  // Different keys of one push, in a full step and in the last one of an epoch.
  double keys_per_push = 0;
  double keys_in_last = 0;
};

struct DataSample {
  std::uint64_t examples = 0;  // seen
  double examples_total = 0;   // in the training files; estimated unless `whole`
  bool whole = false;
  double example_bytes = 0;         // in memory, mean
  std::vector<TableSample> tables;  // as the plan's
  FittedSchema fitted;
};

// Examples of one push of a full step, and how many pushes a step has.
[[nodiscard]] std::uint32_t ExamplesPerPush(const JobPlan& plan);
[[nodiscard]] std::uint32_t PushesPerStep(const JobPlan& plan);

[[nodiscard]] StatusOr<DataSample> SampleData(FileSystem& files, const JobPlan& plan,
                                              const SampleOptions& options);

}  // namespace rookery
