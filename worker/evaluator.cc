#include "worker/evaluator.h"

#include <utility>

#include "worker/ranking_evaluator.h"
#include "worker/seen_split.h"

namespace rookery {
namespace {

Task<Status> ScoreAll(WorkerParts* parts, BatchStream* stream, Step step, LabelMetrics* metrics,
                      SeenSplit* seen) {
  SliceBuffers buffers;
  while (true) {
    StatusOr<std::unique_ptr<PreparedBatch>> next = co_await stream->Next();
    if (!next.ok()) co_return next.status();
    std::unique_ptr<PreparedBatch> batch = std::move(*next);
    if (!batch) co_return OkStatus();
    PooledVector<std::span<float>> rows = buffers.RowSpans(batch->plan);
    Status pulled =
        co_await parts->ps->Pull(batch->plan.tables, step, false, std::move(rows),
                                 parts->dense->pull_target(), seen->PresentSpans(batch->plan));
    if (!pulled.ok()) co_return pulled;
    const PreparedBatch* prepared = batch.get();
    SliceBuffers* target = &buffers;
    co_await RunOn(parts->computing, parts->home, [parts, prepared, target] {
      parts->compute->Predict({prepared->batch, prepared->plan}, parts->dense->values(), target);
      return true;
    });
    const Batch& examples = batch->batch;
    metrics->Add(buffers.scores, examples.labels, examples.weights);
    if (const auto group = parts->options->group_feature) {
      metrics->AddGroups(buffers.scores, examples.labels, examples.weights,
                         examples.features[*group]);
    }
    seen->Add(examples, batch->plan, buffers.scores);
    stream->Recycle(std::move(batch));
  }
}

}  // namespace

Task<Status> Evaluate(WorkerParts* parts, Order order, OrderResult* result) {
  if (parts->catalog) co_return co_await EvaluateRanking(parts, order, result);
  const WorkerOptions& options = *parts->options;
  BatchStreamOptions settings;
  settings.set = order.set;
  settings.stream = options.index;
  settings.batch_examples = options.batch_size;
  settings.shuffle.enabled = false;
  settings.prefetch = options.prefetch;
  const std::unique_ptr<BatchStream> stream = parts->MakeStream(settings);
  LabelMetrics metrics(options.task, options.labels);
  SeenSplit seen(parts->model.model->tables(), options.unseen, options.task, options.labels);
  Status status = co_await ScoreAll(parts, stream.get(), Step{order.step}, &metrics, &seen);
  co_await stream->Close();
  result->metrics = seen.metrics().Encode(metrics.Encode());
  co_return status;
}

}  // namespace rookery
