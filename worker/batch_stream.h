// BatchStream: the batches of one stream of input, read ahead and planned: lease -> read -> shuffle
// -> batch -> plan. In sync mode a stream is a slice; otherwise a worker has one.
//
// The batches of a training stream depend on the leases alone, so a resumed stream goes on with the
// same batches.
// Owner    the loop that trains or evaluates; it calls Close() and awaits it before destruction.
// Threads  the home executor; reading and planning run on the reader executor, one piece at a time.
// Errors   Next() returns the first error of reading (file:line:column) or of the scheduler.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "common/error.h"
#include "common/executor.h"
#include "common/task.h"
#include "data/batch_builder.h"
#include "data/input.h"
#include "data/shuffle_window.h"
#include "scheduler/scheduler_client.h"
#include "worker/step_plan.h"

namespace rookery {

struct PreparedBatch {
  Batch batch;
  StepPlan plan;
  InputPosition after;  // once this batch is trained
};

struct BatchStreamOptions {
  DataSet set = DataSet::kTrain;
  std::uint32_t stream = 0;
  std::size_t batch_examples = 4096;
  std::uint64_t epoch = 0;
  ShuffleOptions shuffle;
  std::size_t prefetch = 2;
};

class BatchStream {
 public:
  // All pointers outlive the stream; `reader` is used on `reading` only.
  BatchStream(BatchStreamOptions options, SchedulerClient* scheduler, InputReader* reader,
              StepPlanner planner, Executor* home, Executor* reading);

  // nullptr at the end of the input.
  [[nodiscard]] Task<StatusOr<std::unique_ptr<PreparedBatch>>> Next();
  // True when Next() would not wait.
  [[nodiscard]] bool Ready() const { return !ready_.empty() || ended_; }
  // Gives the memory back, once the batch is no longer needed.
  void Recycle(std::unique_ptr<PreparedBatch> batch);
  // The batch that `position` came with is in a completed step.
  void NoteTrained(const InputPosition& position);
  [[nodiscard]] const InputPosition& trained() const { return trained_; }
  // What the batch that `position` came with was read from, as long as it is not trained; with
  // count 0 when it is not known.
  [[nodiscard]] ChunkRun RunOf(const InputPosition& position) const;
  // Stops reading ahead and waits until nothing runs.
  [[nodiscard]] Task<> Close();

 private:
  struct Lease {
    std::uint64_t id = 0;
    std::uint64_t examples = 0;
    ChunkRun run;
  };
  struct Read {
    std::uint64_t examples = 0;
    bool end_of_file = false;
    double file_fraction = 0;
  };
  Task<> Produce();
  Task<Status> ProduceOne();
  Task<Status> TakeLease();
  // These two run on `reading_` and touch nothing else than reader_, planner_ and builder_.
  [[nodiscard]] StatusOr<Read> ReadRun(const LeaseReply& lease);
  [[nodiscard]] std::optional<BlockPosition> BuildAndPlan(bool input_ended, PreparedBatch* batch);
  [[nodiscard]] InputPosition PositionOf(const BlockPosition& block) const;
  [[nodiscard]] std::unique_ptr<PreparedBatch> TakeFree();

  const BatchStreamOptions options_;
  SchedulerClient* const scheduler_;
  InputReader* const reader_;
  StepPlanner planner_;
  Executor* const home_;
  Executor* const reading_;
  BatchBuilder builder_;

  std::deque<std::unique_ptr<PreparedBatch>> ready_;
  std::vector<std::unique_ptr<PreparedBatch>> free_;
  std::deque<Lease> leases_;       // those not known trained; blocks of the builder
  std::uint64_t first_block_ = 0;  // block number of leases_.front()
  LeaseRequest request_;           // what the next one says of the last
  InputPosition trained_;
  Status failure_;
  bool input_ended_ = false;  // no more leases
  bool ended_ = false;        // nothing will become ready any more
  bool closed_ = false;
  bool producing_ = false;
  std::optional<Promise<bool>> wanted_;    // Next() waits for a batch
  std::optional<Promise<bool>> finished_;  // Close() waits for Produce()
  std::optional<Promise<bool>> room_;      // Produce() waits for room
};

}  // namespace rookery
