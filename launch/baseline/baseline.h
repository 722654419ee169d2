// What `rookery baseline` does: fits methods that need no gradient to a job's data, chooses their
// settings on its valid files, and measures them as the trainer measures its models.
//
// A method is fitted on the training files alone. Of its settings those that are not given are
// tried on a small grid when the job has valid files, for the best of the job's metric; without
// valid files they have their defaults. Equal values: the one tried first.
//
// Owner    everything is kept in memory, by the task. Threads: the caller's and those of the pool;
//          the results do not depend on their number.
// Errors   kInvalidInput: data or names that a method cannot use; kExhausted: a method that needs
//          more memory than there is, before it is taken.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/compute_pool.h"
#include "common/error.h"
#include "common/json.h"
#include "io/file_system.h"
#include "launch/job.h"

namespace rookery {

struct BaselineOptions {
  std::vector<std::string> methods;     // empty: all that the data allow. "a+b": their blend
  std::vector<std::string> settings;    // "METHOD.NAME=VALUE"
  std::vector<std::string> attributes;  // files of lines "item attribute attribute ..."
  std::uint64_t memory_bytes = 0;       // that a method may take; 0: unknown, not checked
  std::function<double()> seconds;      // of a clock; empty: fit_seconds are 0
};

using Settings = std::map<std::string, double>;
using MetricValues = std::map<std::string, double>;

struct BaselineLine {
  std::string method;
  Settings settings;
  double fit_seconds = 0;    // with the settings chosen
  std::uint32_t tried = 1;   // combinations of settings
  MetricValues valid, test;  // empty: the job has no such files
};

struct BaselineReport {
  std::string metric;  // that settings were chosen by
  std::vector<BaselineLine> lines;
};

[[nodiscard]] StatusOr<BaselineReport> RunBaselines(FileSystem& files, const Job& job,
                                                    const BaselineOptions& options,
                                                    ComputePool* pool);

// A line for each method and set; of rankings the metrics at 10.
[[nodiscard]] std::string BaselineText(const BaselineReport& report);
// All metrics.
[[nodiscard]] Json BaselineJson(const BaselineReport& report);

}  // namespace rookery
