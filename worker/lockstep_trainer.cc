#include "worker/lockstep_trainer.h"

#include "common/trace.h"

#include <optional>
#include <utility>
#include <vector>

namespace rookery {
namespace {

// Behind the dense gradient in the vector that is summed.
enum Control : std::size_t { kExamples = 0, kPause = 1, kControls = 2 };

class LockstepTrainer {
 public:
  LockstepTrainer(WorkerParts* parts, const Order& order);
  Task<Status> Run(OrderResult* result);

 private:
  struct MySlice {
    Slice index{};
    std::unique_ptr<BatchStream> stream;
    std::unique_ptr<PreparedBatch> batch;  // null: no more data
    SliceBuffers buffers;
    std::optional<Future<Status>> pulled;
    std::optional<Future<Status>> pushed;
  };
  Task<Status> Steps(OrderResult* result);
  Task<Status> ReadBatches();
  Task<Status> PullAndCompute();
  Task<Status> SumOverWorkers();
  Task<Status> FinishPushes();
  void FinishStep();
  void FillControls(MySlice* slice, bool pause);
  void StartPush(MySlice* slice);
  void ApplyDense();

  WorkerParts& parts_;
  const Order order_;
  const GradientNoise noise_;
  const std::size_t dense_summed_;  // P with allreduce, else 0
  std::vector<MySlice> slices_;
  std::vector<float> sum_;
  std::uint64_t step_;
};

LockstepTrainer::LockstepTrainer(WorkerParts* parts, const Order& order)
    : parts_(*parts),
      order_(order),
      noise_(parts->options->privacy),
      dense_summed_(parts->dense->on_server() ? 0 : parts->dense->size()),
      sum_(dense_summed_ + kControls),
      step_(order.step) {
  const WorkerOptions& options = *parts_.options;
  const bool sync = options.mode == TrainMode::kSync;
  const std::uint32_t workers = options.cluster.workers;
  const std::uint32_t slices = sync ? options.slices : workers;
  for (std::uint32_t slice = options.index; slice < slices; slice += workers) {
    BatchStreamOptions stream;
    stream.stream = slice;
    stream.batch_examples = options.batch_size / slices;
    stream.epoch = order.epoch;
    stream.shuffle = {options.shuffle, options.seed};
    stream.prefetch = options.prefetch;
    MySlice mine;
    mine.index = Slice{slice};
    mine.stream = parts_.MakeStream(stream);
    mine.buffers.dense_gradient.resize(parts_.dense->size() + kControls);
    slices_.push_back(std::move(mine));
  }
}

Task<Status> LockstepTrainer::Run(OrderResult* result) {
  Status status = co_await Steps(result);
  for (MySlice& slice : slices_) {
    if (slice.pushed)
      (void)co_await std::move(*slice.pushed);  // after an error: it reads our buffers
    co_await slice.stream->Close();
    result->positions.push_back(slice.stream->trained());
  }
  result->step = step_;
  co_return status;
}

Task<Status> LockstepTrainer::Steps(OrderResult* result) {
  while (order_.until_step == 0 || step_ < order_.until_step) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await ReadBatches());
    ROOKERY_CO_RETURN_IF_ERROR(co_await PullAndCompute());
    ROOKERY_CO_RETURN_IF_ERROR(co_await SumOverWorkers());
    if (sum_[dense_summed_ + kExamples] == 0) {
      result->epoch_end = true;
      co_return OkStatus();
    }
    ROOKERY_CO_RETURN_IF_ERROR(co_await FinishPushes());
    FinishStep();
    if (sum_[dense_summed_ + kPause] != 0) co_return OkStatus();
  }
  co_return OkStatus();
}

Task<Status> LockstepTrainer::ReadBatches() {
  const Stopwatch time(parts_.home, parts_.progress.get(), &WorkerProgress::AddRead);
  const TraceWait wait("read wait");
  for (MySlice& slice : slices_) {
    StatusOr<std::unique_ptr<PreparedBatch>> batch = co_await slice.stream->Next();
    if (!batch.ok()) co_return batch.status();
    slice.batch = std::move(*batch);
  }
  co_return OkStatus();
}

Task<Status> LockstepTrainer::PullAndCompute() {
  bool dense_wanted = true;  // once a step is enough
  for (MySlice& slice : slices_) {
    slice.pulled.reset();
    if (!slice.batch) continue;
    const std::span<float> dense = dense_wanted ? parts_.dense->pull_target() : std::span<float>();
    dense_wanted = false;
    slice.pulled =
        Start(parts_.home, parts_.ps->Pull(slice.batch->plan.tables, Step{step_}, true,
                                           slice.buffers.RowSpans(slice.batch->plan), dense));
  }
  Status failure;  // every started pull is awaited: it writes to our buffers
  for (MySlice& slice : slices_) {
    if (!slice.pulled) continue;
    const Stopwatch time(parts_.home, parts_.progress.get(), &WorkerProgress::AddPull);
    const TraceWait wait("pull wait");
    Status status = co_await std::move(*slice.pulled);
    if (failure.ok()) failure = status;
  }
  ROOKERY_CO_RETURN_IF_ERROR(failure);
  const Stopwatch time(parts_.home, parts_.progress.get(), &WorkerProgress::AddCompute);
  const bool pause = parts_.pause;  // heartbeats change it while a slice is computed
  for (MySlice& slice : slices_) {
    MySlice* mine = &slice;
    co_await RunOn(parts_.computing, parts_.home, [this, mine, pause] {
      if (mine->batch) {
        parts_.compute->Train({mine->batch->batch, mine->batch->plan}, parts_.dense->values(),
                              Step{step_}, mine->index, &mine->buffers);
      }
      FillControls(mine, pause);
      return true;
    });
    if (slice.batch) parts_.LookAtGradients(*slice.stream, *slice.batch, slice.buffers, step_);
    if (slice.batch) StartPush(mine);  // the step is real; a slice without data waits for the sum
  }
  co_return OkStatus();
}

// Behind the slice's gradient, which is zero when there is no data.
void LockstepTrainer::FillControls(MySlice* slice, bool pause) {
  std::vector<float>& dense = slice->buffers.dense_gradient;
  if (!slice->batch) std::fill(dense.begin(), dense.end(), 0.0F);
  float* control = dense.data() + parts_.dense->size();
  control[kExamples] = slice->batch ? static_cast<float>(slice->batch->batch.examples) : 0.0F;
  control[kPause] = pause ? 1.0F : 0.0F;
}

Task<Status> LockstepTrainer::SumOverWorkers() {
  const Stopwatch time(parts_.home, parts_.progress.get(), &WorkerProgress::AddPush);
  const TraceWait wait("sum wait");
  PooledVector<SliceVector> mine;
  for (const MySlice& slice : slices_) {
    mine.push_back({slice.index, std::span(slice.buffers.dense_gradient).last(sum_.size())});
  }
  co_return co_await parts_.sum->Sum(std::move(mine), sum_);
}

void LockstepTrainer::StartPush(MySlice* slice) {
  std::span<const TablePlan> plans;
  PooledVector<std::span<const float>> gradients;
  std::span<const float> dense;
  PulledWeights pulled;  // of rows: with pulls that may be stale the dense part is summed elsewhere
  std::uint32_t examples = 0;
  if (slice->batch) {
    plans = slice->batch->plan.tables;
    gradients = slice->buffers.GradientSpans();
    examples = static_cast<std::uint32_t>(slice->batch->batch.examples);
    const std::span<const float> all = slice->buffers.dense_gradient;
    if (parts_.dense->on_server()) dense = all.first(parts_.dense->size());
    pulled = slice->buffers.PulledFor(parts_.options->push_flags, {});
  }
  slice->pushed =
      Start(parts_.home, parts_.ps->Push(plans, Step{step_}, slice->index, examples,
                                         std::move(gradients), dense, std::move(pulled)));
}

void LockstepTrainer::ApplyDense() {
  if (dense_summed_ == 0) return;
  const TraceSpan span("dense updater");
  const std::span<float> sum = std::span(sum_).first(dense_summed_);
  parts_.dense->AddNoise(noise_, Step{step_}, sum);
  const float divisor = noise_.on() ? noise_.lot() : sum_[dense_summed_ + kExamples];
  const Status applied = parts_.dense->Apply(sum, divisor);
  if (applied.ok() || parts_.options->index != 0) return;
  parts_.progress->CountRefused();
  parts_.progress->Warn(StrCat("step ", step_, ": ", applied.message()));
}

// While the servers apply the rows, the worker's own part of the step is done.
Task<Status> LockstepTrainer::FinishPushes() {
  const Stopwatch time(parts_.home, parts_.progress.get(), &WorkerProgress::AddPush);
  const TraceWait wait("push wait");
  for (MySlice& slice : slices_) {
    if (!slice.batch) StartPush(&slice);
  }
  ApplyDense();
  for (const MySlice& slice : slices_) {
    if (!slice.batch) continue;
    parts_.progress->AddTrained(slice.batch->batch, slice.buffers.scores, slice.buffers.loss_sum);
  }
  Status failure;  // every started push is awaited: it reads our buffers
  for (MySlice& slice : slices_) {
    Status status = co_await std::move(*slice.pushed);
    slice.pushed.reset();
    if (failure.ok()) failure = status;
  }
  co_return failure;
}

void LockstepTrainer::FinishStep() {
  ++step_;
  parts_.progress->SetStep(step_);
  for (MySlice& slice : slices_) {
    if (!slice.batch) continue;
    slice.stream->NoteTrained(slice.batch->after);
    slice.stream->Recycle(std::move(slice.batch));
  }
}

}  // namespace

Task<Status> TrainInLockstep(WorkerParts* parts, Order order, OrderResult* result) {
  LockstepTrainer trainer(parts, order);
  co_return co_await trainer.Run(result);
}

}  // namespace rookery
