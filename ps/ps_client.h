// PsClient: a worker's access to all servers: one coalesced pull and push per server and step.
//
// Owner    the worker's node. Threads: its executor (the spans are used until the task is done).
// Errors   the first error of any server, with verb, rank and time waited.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/error.h"
#include "common/executor.h"
#include "common/task.h"
#include "common/types.h"
#include "net/rpc.h"
#include "protocol/ps_messages.h"
#include "ps/dense_table.h"
#include "ps/ps_options.h"

namespace rookery {

// The unique keys of one table that one step touches, ascending by MixKey(key); so the keys of
// server s are keys[server_begin[s] .. server_begin[s + 1]).
struct TablePlan {
  TableId table{};
  std::uint32_t dim = 1;
  std::vector<Key> keys;                    // [U]
  std::vector<std::uint32_t> server_begin;  // [servers + 1]
  std::vector<std::uint32_t> counts = {};   // [U] occurrences in the batch; with kPushCounts
};

// server_begin from sorted keys. REQUIRES: buckets is a power of two.
void SplitByServer(std::uint32_t servers, std::uint32_t buckets, TablePlan* plan);

struct PsClientOptions {
  ClusterShape cluster;
  std::uint32_t worker = 0;
  std::uint32_t buckets = kBucketsDefault;
  std::uint64_t dense_floats = 0;  // P when dense = "server", else 0
  Duration deadline = std::chrono::seconds(120);
  std::uint16_t push_flags = 0;  // of every push
};

// What gradients were computed from, as it was pulled. Empty without kPushPulled.
struct PulledWeights {
  PooledVector<std::span<const float>> rows;  // [t][U_t, dim_t]
  std::span<const float> dense;               // [dense_floats] or empty
};

// Messages of training to and from the servers, with the headers of their frames.
struct PsTraffic {
  std::uint64_t steps = 0;
  std::uint64_t pull_bytes = 0;
  std::uint64_t push_bytes = 0;
};

class PsClient {
 public:
  PsClient(RpcNode* rpc, PsClientOptions options);

  // rows[t] is [U_t, dim_t]; dense is [dense_floats] or empty (then it is not asked for).
  // present[t] is [U_t], 1 where the key has a row, else 0; or present is empty: not asked for, as
  // it must be with `create`.
  [[nodiscard]] Task<Status> Pull(std::span<const TablePlan> plans, Step step, bool create,
                                  PooledVector<std::span<float>> rows, std::span<float> dense,
                                  PooledVector<std::span<std::uint8_t>> present = {});
  // gradients[t] is [U_t, dim_t]; dense_gradient is [dense_floats] or empty. Every server gets a
  // push, also an empty one: it is the worker's clock. `pulled`: with kPushPulled. Returns when all
  // have applied it; in sync mode that is when the whole step is applied.
  [[nodiscard]] Task<Status> Push(std::span<const TablePlan> plans, Step step, Slice slice,
                                  std::uint32_t examples,
                                  PooledVector<std::span<const float>> gradients,
                                  std::span<const float> dense_gradient, PulledWeights pulled = {});
  // The dense parameters with their updater state, for dense.bin. REQUIRES: dense_floats > 0.
  [[nodiscard]] Task<StatusOr<DenseState>> PullDenseState();
  // No more pushes from this worker in this epoch: it no longer holds the staleness bound back. Its
  // next push brings it back.
  [[nodiscard]] Task<Status> Retire();
  // Since this was made.
  [[nodiscard]] const PsTraffic& traffic() const { return traffic_; }

 private:
  [[nodiscard]] std::uint32_t servers() const { return options_.cluster.servers; }
  [[nodiscard]] Future<StatusOr<Buffer>> Call(std::uint32_t server, VerbId verb, Buffer body) const;

  RpcNode* const rpc_;
  const PsClientOptions options_;
  std::uint64_t next_sequence_ = 1;
  PsTraffic traffic_;
  Step last_pushed_{};
};

}  // namespace rookery
