#include "worker/free_trainer.h"

#include "common/trace.h"

#include <array>
#include <optional>
#include <utility>

namespace rookery {
namespace {

class FreeTrainer {
 public:
  FreeTrainer(WorkerParts* parts, const Order& order);
  Task<Status> Run(OrderResult* result);

 private:
  // A batch on its way through the pipeline.
  struct Flight {
    std::unique_ptr<PreparedBatch> batch;
    SliceBuffers buffers;
    std::vector<float> dense;  // as pulled with the rows
    std::optional<Future<Status>> pulled;
    std::optional<Future<Status>> pushed;
  };
  Task<Status> Steps(OrderResult* result);
  Task<Status> Read(Flight* flight);
  void StartPull(Flight* flight, std::uint64_t step);
  Task<Status> Compute(Flight* flight);
  void StartPush(Flight* flight);
  Task<Status> Land(Flight* flight);

  WorkerParts& parts_;
  std::unique_ptr<BatchStream> stream_;
  std::array<Flight, 3> flights_;  // pulled next, computed, pushed
  std::uint64_t step_;
};

FreeTrainer::FreeTrainer(WorkerParts* parts, const Order& order)
    : parts_(*parts), step_(order.step) {
  const WorkerOptions& options = *parts_.options;
  BatchStreamOptions stream;
  stream.stream = options.index;
  stream.batch_examples = options.batch_size;
  stream.epoch = order.epoch;
  stream.shuffle = {options.shuffle, options.seed};
  stream.prefetch = options.prefetch;
  stream_ = parts_.MakeStream(stream);
}

Task<Status> FreeTrainer::Run(OrderResult* result) {
  Status status = co_await Steps(result);
  for (Flight& flight : flights_) {  // what is on its way uses our buffers
    if (flight.pulled) (void)co_await std::move(*flight.pulled);
    flight.pulled.reset();
    Status landed = co_await Land(&flight);
    if (status.ok()) status = landed;
  }
  co_await stream_->Close();
  result->positions.push_back(stream_->trained());
  result->step = step_;
  if (!status.ok()) co_return status;
  co_return co_await parts_.ps->Retire();
}

Task<Status> FreeTrainer::Steps(OrderResult* result) {
  Flight* next = &flights_[0];
  Flight* current = &flights_[1];
  Flight* last = &flights_[2];
  ROOKERY_CO_RETURN_IF_ERROR(co_await Read(next));
  if (next->batch) StartPull(next, step_);
  while (next->batch && !parts_.pause) {
    Flight* computed = next;
    next = last;
    last = current;
    current = computed;
    {
      const Stopwatch time(parts_.home, parts_.progress.get(), &WorkerProgress::AddPull);
      const TraceWait wait("pull wait");
      Status pulled = co_await std::move(*current->pulled);
      current->pulled.reset();
      ROOKERY_CO_RETURN_IF_ERROR(pulled);
    }
    const bool early = stream_->Ready();
    if (early) {
      ROOKERY_CO_RETURN_IF_ERROR(co_await Read(next));
      if (next->batch) StartPull(next, step_ + 1);
    }
    ROOKERY_CO_RETURN_IF_ERROR(co_await Compute(current));
    ROOKERY_CO_RETURN_IF_ERROR(co_await Land(last));
    StartPush(current);
    parts_.progress->SetStep(++step_);
    if (!early) {
      ROOKERY_CO_RETURN_IF_ERROR(co_await Read(next));
      if (next->batch) StartPull(next, step_);
    }
  }
  result->epoch_end = next->batch == nullptr;
  co_return OkStatus();
}

Task<Status> FreeTrainer::Read(Flight* flight) {
  const Stopwatch time(parts_.home, parts_.progress.get(), &WorkerProgress::AddRead);
  const TraceWait wait("read wait");
  StatusOr<std::unique_ptr<PreparedBatch>> batch = co_await stream_->Next();
  if (!batch.ok()) co_return batch.status();
  flight->batch = std::move(*batch);
  co_return OkStatus();
}

void FreeTrainer::StartPull(Flight* flight, std::uint64_t step) {
  if (parts_.dense->on_server()) flight->dense.resize(parts_.dense->size());
  flight->pulled = Start(
      parts_.home, parts_.ps->Pull(flight->batch->plan.tables, Step{step}, true,
                                   flight->buffers.RowSpans(flight->batch->plan), flight->dense));
}

Task<Status> FreeTrainer::Compute(Flight* flight) {
  const Stopwatch time(parts_.home, parts_.progress.get(), &WorkerProgress::AddCompute);
  co_await RunOn(parts_.computing, parts_.home, [this, flight] {
    const PreparedBatch& prepared = *flight->batch;
    parts_.compute->Train({prepared.batch, prepared.plan}, flight->dense, Step{step_},
                          Slice{parts_.options->index}, &flight->buffers);
    return true;
  });
  parts_.LookAtGradients(*stream_, *flight->batch, flight->buffers, step_);
  co_return OkStatus();
}

void FreeTrainer::StartPush(Flight* flight) {
  const Batch& batch = flight->batch->batch;
  parts_.progress->AddTrained(batch, flight->buffers.scores, flight->buffers.loss_sum);
  std::span<const float> dense;
  if (parts_.dense->on_server()) dense = flight->buffers.dense_gradient;
  flight->pushed = Start(
      parts_.home,
      parts_.ps->Push(flight->batch->plan.tables, Step{step_}, Slice{parts_.options->index},
                      static_cast<std::uint32_t>(batch.examples), flight->buffers.GradientSpans(),
                      dense, flight->buffers.PulledFor(parts_.options->push_flags, flight->dense)));
}

// The push was applied: the batch is trained.
Task<Status> FreeTrainer::Land(Flight* flight) {
  if (!flight->pushed) co_return OkStatus();
  const Stopwatch time(parts_.home, parts_.progress.get(), &WorkerProgress::AddPush);
  const TraceWait wait("push wait");
  Status pushed = co_await std::move(*flight->pushed);
  flight->pushed.reset();
  ROOKERY_CO_RETURN_IF_ERROR(pushed);
  stream_->NoteTrained(flight->batch->after);
  stream_->Recycle(std::move(flight->batch));
  co_return OkStatus();
}

}  // namespace

Task<Status> TrainFreely(WorkerParts* parts, Order order, OrderResult* result) {
  FreeTrainer trainer(parts, order);
  co_return co_await trainer.Run(result);
}

}  // namespace rookery
