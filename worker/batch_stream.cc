#include "worker/batch_stream.h"

#include "common/trace.h"

#include <algorithm>
#include <utility>

namespace rookery {
namespace {

ChunkRun RunOfLease(const LeaseReply& lease, std::uint64_t epoch) {
  return {lease.file, lease.first, lease.stride, lease.count, epoch};
}

}  // namespace

BatchStream::BatchStream(BatchStreamOptions options, SchedulerClient* scheduler,
                         InputReader* reader, StepPlanner planner, Executor* home,
                         Executor* reading)
    : options_(options),
      scheduler_(scheduler),
      reader_(reader),
      planner_(std::move(planner)),
      home_(home),
      reading_(reading),
      builder_(options.batch_examples) {
  request_.set = options_.set;
  request_.stream = options_.stream;
  trained_.stream = options_.stream;
}

Task<StatusOr<std::unique_ptr<PreparedBatch>>> BatchStream::Next() {
  if (!producing_ && !ended_) {
    producing_ = true;
    Spawn(Produce());
  }
  while (ready_.empty() && !ended_) {
    wanted_.emplace(home_);
    co_await wanted_->future();
    wanted_.reset();
  }
  if (!ready_.empty()) {
    std::unique_ptr<PreparedBatch> batch = std::move(ready_.front());
    ready_.pop_front();
    if (room_ && !room_->done()) room_->Set(true);
    co_return std::move(batch);
  }
  if (!failure_.ok()) co_return failure_;
  co_return std::unique_ptr<PreparedBatch>();
}

void BatchStream::Recycle(std::unique_ptr<PreparedBatch> batch) {
  free_.push_back(std::move(batch));
}

void BatchStream::NoteTrained(const InputPosition& position) {
  trained_ = position;
  while (!leases_.empty()) {
    const Lease& first = leases_.front();
    const bool whole = first.id < position.lease ||
                       (first.id == position.lease && first.examples == position.examples_done);
    if (!whole) break;
    request_.trained_lease = first.id;
    leases_.pop_front();
    ++first_block_;
  }
}

ChunkRun BatchStream::RunOf(const InputPosition& position) const {
  const auto lease = std::ranges::find(leases_, position.lease, &Lease::id);
  return lease == leases_.end() ? ChunkRun{.count = 0} : lease->run;
}

Task<> BatchStream::Close() {
  closed_ = true;
  if (!producing_) co_return;
  if (room_ && !room_->done()) room_->Set(true);
  finished_.emplace(home_);
  co_await finished_->future();
}

Task<> BatchStream::Produce() {
  while (!closed_ && !ended_) {
    if (ready_.size() >= std::max<std::size_t>(options_.prefetch, 1)) {
      room_.emplace(home_);
      co_await room_->future();
      room_.reset();
      continue;
    }
    Status status = co_await ProduceOne();
    if (!status.ok()) {
      failure_ = status;
      ended_ = true;
    }
    if (wanted_ && !wanted_->done() && (ended_ || !ready_.empty())) wanted_->Set(true);
  }
  producing_ = false;
  ended_ = true;
  if (wanted_ && !wanted_->done()) wanted_->Set(true);
  if (finished_) finished_->Set(true);
}

// One more batch, or the end of the input.
Task<Status> BatchStream::ProduceOne() {
  std::unique_ptr<PreparedBatch> batch = TakeFree();
  BatchStream* self = this;
  PreparedBatch* target = batch.get();
  while (!closed_) {
    const bool input_ended = input_ended_;
    std::optional<BlockPosition> position = co_await RunOn(
        reading_, home_,
        [self, target, input_ended] { return self->BuildAndPlan(input_ended, target); });
    if (position) {
      batch->after = PositionOf(*position);
      ready_.push_back(std::move(batch));
      co_return OkStatus();
    }
    if (input_ended_) {
      ended_ = true;
      co_return OkStatus();
    }
    ROOKERY_CO_RETURN_IF_ERROR(co_await TakeLease());
  }
  co_return OkStatus();
}

Task<Status> BatchStream::TakeLease() {
  StatusOr<LeaseReply> lease = co_await scheduler_->Lease(request_);
  if (!lease.ok()) co_return lease.status();
  if (lease->lease == 0) {
    input_ended_ = true;
    co_return OkStatus();
  }
  BatchStream* self = this;
  const LeaseReply run = *lease;
  StatusOr<Read> read = co_await RunOn(reading_, home_, [self, run] { return self->ReadRun(run); });
  if (!read.ok()) co_return read.status();
  leases_.push_back({run.lease, read->examples, RunOfLease(run, options_.epoch)});
  request_.read_lease = run.lease;
  request_.end_of_file = read->end_of_file;
  request_.file_fraction = read->file_fraction;
  co_return OkStatus();
}

StatusOr<BatchStream::Read> BatchStream::ReadRun(const LeaseReply& lease) {
  const TraceSpan span("read");
  const ChunkRun run = RunOfLease(lease, options_.epoch);
  Batch used;
  while (builder_.TakeUsed(&used)) reader_->Recycle(std::move(used));
  ROOKERY_ASSIGN_OR_RETURN(RunResult result, reader_->Read(run));
  const std::size_t examples = result.examples.examples;
  if (lease.skip > examples) {
    return Corrupt("input file ", lease.file, " has ", examples, " examples from chunk ",
                   lease.first, " on, the checkpoint says that ", lease.skip,
                   " of them were trained: the file has changed");
  }
  builder_.AddBlock(std::move(result.examples),
                    ShuffledOrder(options_.shuffle, options_.epoch, run, examples),
                    static_cast<std::size_t>(lease.skip));
  return Read{examples, result.end_of_file, result.file_fraction};
}

std::optional<BlockPosition> BatchStream::BuildAndPlan(bool input_ended, PreparedBatch* batch) {
  TraceSpan span("batch");
  const bool built = builder_.Next(&batch->batch) || (input_ended && builder_.Flush(&batch->batch));
  if (!built) return std::nullopt;
  span.Next("plan");
  planner_.Plan(batch->batch, options_.set == DataSet::kTrain, &batch->plan);
  return builder_.position();
}

InputPosition BatchStream::PositionOf(const BlockPosition& block) const {
  InputPosition position{.stream = options_.stream, .lease = 0, .examples_done = 0};
  const std::uint64_t index = block.block - first_block_;
  if (index < leases_.size()) {
    position.lease = leases_[index].id;
    position.examples_done = block.examples;
  } else if (!leases_.empty()) {
    position.lease = leases_.back().id;
    position.examples_done = leases_.back().examples;
  }
  return position;
}

std::unique_ptr<PreparedBatch> BatchStream::TakeFree() {
  if (free_.empty()) return std::make_unique<PreparedBatch>();
  std::unique_ptr<PreparedBatch> batch = std::move(free_.back());
  free_.pop_back();
  return batch;
}

}  // namespace rookery
