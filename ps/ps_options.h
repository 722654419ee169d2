// What one server is. Built by launch/job; the same on all servers but for `index`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/limits.h"
#include "protocol/privacy_spec.h"
#include "protocol/ps_messages.h"
#include "protocol/table_spec.h"
#include "protocol/verbs.h"
#include "ps/memory_budget.h"

namespace rookery {

enum class TrainMode : std::uint8_t { kSync = 0, kBounded = 1, kAsync = 2 };

struct PsOptions {
  ClusterShape cluster;
  std::uint32_t index = 0;
  std::uint32_t buckets = kBucketsDefault;  // a power of two
  std::vector<TableSpec> tables;
  DenseSpec dense;
  bool dense_on_server = false;
  // Start values of the whole vector, once the label mean of the training data is known; empty
  // unless dense_on_server.
  std::function<std::vector<float>(const std::vector<double>& label_means)> initial_dense;
  TrainMode mode = TrainMode::kSync;
  std::uint32_t slices = 1;        // sync: pushes that make one step
  std::uint32_t staleness = 0;     // bounded
  std::uint16_t push_flags = 0;    // of every push: PushFlagsOf
  bool staleness_scaling = false;  // not sync: a push of age k gets 1 / (1 + k) of the rates
  float delay_compensation = 0;    // not sync: lambda of ps/gradient_adjust.h; 0: off
  PrivacySpec privacy;             // sync only
  MemoryLimit memory;
  // What this process takes of the system; empty when the server shares it with other roles.
  std::function<std::uint64_t()> process_bytes;
  bool track_changes = false;         // checkpoints may leave out rows that did not change
  std::uint64_t checkpoint_rate = 0;  // bytes a second; 0: as fast as it goes
  bool checkpoint_compress = false;
  std::uint64_t job_hash = 0;
  std::string version;
  std::string host;
  Duration heartbeat_every = std::chrono::seconds(1);
  Duration deadline = std::chrono::seconds(60);  // of calls to the scheduler
};

// What every push of a job carries beside gradients.
[[nodiscard]] inline std::uint16_t PushFlagsOf(const std::vector<TableSpec>& tables,
                                               float delay_compensation) {
  std::uint16_t flags = delay_compensation > 0 ? kPushPulled : 0;
  for (const TableSpec& table : tables) {
    if (table.updater.clip_cow > 0) flags |= kPushCounts;
  }
  return flags;
}

// Buckets [begin, end) of server s of n: contiguous, so that key order is server order.
[[nodiscard]] constexpr std::uint32_t FirstBucketOf(std::uint32_t server, std::uint32_t servers,
                                                    std::uint32_t buckets) {
  return static_cast<std::uint32_t>(std::uint64_t{buckets} * server / servers);
}
[[nodiscard]] constexpr std::uint32_t ServerOfBucket(std::uint32_t bucket, std::uint32_t servers,
                                                     std::uint32_t buckets) {
  return static_cast<std::uint32_t>(((std::uint64_t{bucket} + 1) * servers - 1) / buckets);
}
// Server s of n has the dense floats [SegmentBegin(P, s, n), SegmentBegin(P, s + 1, n)).
[[nodiscard]] constexpr std::uint64_t SegmentBegin(std::uint64_t floats, std::uint32_t server,
                                                   std::uint32_t servers) {
  return floats * server / servers;
}

}  // namespace rookery
