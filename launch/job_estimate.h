// JobEstimate: what a job will take: memory of servers and workers, messages of a step, disk of a
// checkpoint. From the job and a sample of its data; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/json.h"
#include "launch/data_sample.h"
#include "launch/job_plan.h"

namespace rookery {

struct TableEstimate {
  std::string name;
  DistinctRange rows;            // of all servers
  std::uint64_t row_bytes = 0;   // weights and updater state
  std::uint64_t bytes = 0;       // of all servers, as summary.json says
  std::uint64_t bytes_high = 0;  // if there are as many rows as may be
  double keys_per_step = 0;      // pulled and pushed
};

struct StepTraffic {  // bytes of all workers together; as summary.json says
  double pull = 0;
  double push = 0;
  double sum = 0;
};

struct JobEstimate {
  ClusterShape cluster;
  std::vector<TableEstimate> tables;
  std::uint64_t dense_floats = 0;
  std::uint64_t examples = 0;  // of an epoch
  bool examples_known = false;
  std::uint64_t steps = 0;  // of an epoch; of each worker where they run freely
  StepTraffic traffic;      // the mean over an epoch
  // Of one server: its tables and dense segment; the same at the high end; the messages of a step.
  std::uint64_t server_bytes = 0;
  std::uint64_t server_bytes_high = 0;
  std::uint64_t server_message_bytes = 0;
  std::uint64_t worker_bytes = 0;  // roughly: dense parameters, batches, rows of a step
  std::uint64_t checkpoint_bytes = 0;
};

[[nodiscard]] StatusOr<JobEstimate> EstimateJob(const JobPlan& plan, const DataSample& sample);

// What a process of Rookery under Open MPI has before it does anything, roughly.
inline constexpr std::uint64_t kProcessBytes = std::uint64_t{60} << 20U;

// What there is, and whether the job fits.
struct Room {
  std::uint64_t memory_limit = 0;  // of a server; 0: none
  double memory_soft = 0.9;
  std::uint64_t ram = 0;  // free on this machine; 0: not known
  std::uint64_t disk = 0;
  std::uint32_t checkpoints = 0;  // that are kept
};
enum class Verdict : std::uint8_t { kOk, kWarn, kFail };
struct Finding {
  Verdict verdict = Verdict::kOk;
  std::string what;
};
// Of memory_limit, memory and disk, in that order.
[[nodiscard]] std::vector<Finding> CheckRoom(const JobEstimate& estimate, const Room& room);

[[nodiscard]] std::string EstimateText(const JobEstimate& estimate,
                                       const std::vector<Finding>& findings);
[[nodiscard]] Json EstimateJson(const JobEstimate& estimate, const std::vector<Finding>& findings);
// "1.4 GB"
[[nodiscard]] std::string BytesText(double bytes);

}  // namespace rookery
