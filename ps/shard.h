// Shard: everything one server holds: its buckets of every table, its dense segment, and the rules
// when a push is applied and when a pull may read. No RPC: ps_node's service is in front of it.
//
// Owner    ps_node. Threads: its executor.
// Errors   kCorrupt for a request that cannot be right (unknown worker or table, a key of a bucket
//          of another server, wrong sizes, a gap in the sequence numbers): nothing of it is
//          applied. kExhausted when a reply would be too large.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/buffer.h"
#include "common/error.h"
#include "common/types.h"
#include "protocol/ps_messages.h"
#include "ps/dense_table.h"
#include "ps/ps_options.h"
#include "ps/pull_ages.h"
#include "ps/push_window.h"
#include "ps/slice_aggregator.h"
#include "ps/staleness_gate.h"
#include "ps/table.h"

namespace rookery {

enum class PushState : std::uint8_t {
  kApplied = 0,    // answer now
  kWaiting = 1,    // answer when its step is completed
  kDuplicate = 2,  // was applied before: answer now
};

struct PushResult {
  PushState state = PushState::kApplied;
  // Sync: this push completed the step; all waiting pushes of it can be answered.
  std::optional<Step> completed;
};

class Shard {
 public:
  explicit Shard(const PsOptions& options);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // For the Parse functions of protocol/ps_messages.h: 0 for an unknown table. Valid while the
  // shard lives.
  [[nodiscard]] DimOf dim_of() const;

  // Evaluation (no kPullCreate) may always read. After a push or a retirement the answer may change
  // from no to yes.
  [[nodiscard]] bool MayPull(const PullRequest& pull) const;
  // REQUIRES: MayPull(pull).
  [[nodiscard]] StatusOr<PullReplyRoom> Pull(const PullRequest& pull);
  // The spans of `push` point into `body`.
  [[nodiscard]] StatusOr<PushResult> Push(Buffer body, PushRequest push);
  [[nodiscard]] Status Retire(std::uint32_t worker);

  // Whether there is a limit, and a checkpoint is being written.
  [[nodiscard]] bool keeps_rows() const;
  // False: a checkpoint that is being written would have to keep more rows as they were than there
  // is memory for; true again once it has copied some.
  [[nodiscard]] bool MayKeep(const PushRequest& push) const;
  [[nodiscard]] bool MayKeep(const PullRequest& pull) const;

  // Optimizer steps applied: t of the last one. Part of the checkpoint.
  [[nodiscard]] std::uint64_t updates() const { return updates_; }
  // Sync: the step that is being collected.
  [[nodiscard]] Step next_step() const { return aggregator_.current(); }
  // After a load. Forgets slices of an incomplete step.
  void SetProgress(Step next_step, std::uint64_t updates);

  // In the order of PsOptions::tables.
  [[nodiscard]] std::size_t tables() const { return tables_.size(); }
  [[nodiscard]] Table& table(std::size_t i) { return *tables_[i]; }
  [[nodiscard]] const Table& table(std::size_t i) const { return *tables_[i]; }
  [[nodiscard]] DenseTable* dense() { return dense_.get(); }  // null unless dense_on_server
  [[nodiscard]] std::uint64_t dense_floats() const;

  [[nodiscard]] std::uint64_t refused_count() const { return refused_.count; }
  // The first few since the last call.
  [[nodiscard]] std::vector<std::string> TakeRefusedExamples();
  [[nodiscard]] const std::vector<std::uint64_t>& staleness() const { return gate_.histogram(); }
  [[nodiscard]] MemoryBudget& memory() { return memory_; }
  // Gradients that were dropped because their key had no row.
  [[nodiscard]] std::uint64_t unadmitted() const;

 private:
  [[nodiscard]] Table* Find(TableId table) const;
  [[nodiscard]] Status CheckWorker(std::uint32_t worker) const;
  [[nodiscard]] Status CheckKeys(TableId table, std::span<const Key> keys) const;
  [[nodiscard]] Status CheckPush(const PushRequest& push) const;
  [[nodiscard]] StatusOr<PushResult> PushSlice(Buffer body, PushRequest push);
  [[nodiscard]] StatusOr<PushResult> PushAlone(Buffer body, PushRequest push);
  [[nodiscard]] Status ApplyStep(const StepGradients& step);
  [[nodiscard]] Status ApplyParts(const StepGradients& step);

  const PsOptions options_;
  MemoryBudget memory_;
  std::vector<std::unique_ptr<Table>> tables_;
  std::unique_ptr<DenseTable> dense_;
  SliceAggregator aggregator_;  // sync
  StalenessGate gate_;
  PullAges ages_;  // with staleness_scaling
  PushWindow window_;
  RefusedGradients refused_;
  std::uint64_t updates_ = 0;
  Status broken_;  // the error that left a step half applied; every later request gets it
};

}  // namespace rookery
