// WorkerParts: what the training loops and the evaluator share; made by WorkerNode after it joined.
// Everything is touched on the home executor, but for the readers (reading executor) and the inside
// of a StepCompute call (computing executor).
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "common/compute_pool.h"
#include "common/executor.h"
#include "common/task.h"
#include "data/catalog.h"
#include "data/input.h"
#include "net/collective.h"
#include "ps/ps_client.h"
#include "scheduler/scheduler_client.h"
#include "worker/batch_stream.h"
#include "worker/dense_parameters.h"
#include "worker/gradient_watch.h"
#include "worker/step_compute.h"
#include "worker/worker_options.h"
#include "worker/worker_progress.h"

namespace rookery {

struct WorkerParts {
  const WorkerOptions* options = nullptr;
  Executor* home = nullptr;
  Executor* reading = nullptr;
  Executor* computing = nullptr;
  SchedulerClient* scheduler = nullptr;
  PsClient* ps = nullptr;
  OrderedSum* sum = nullptr;
  WorkerModel model;
  std::array<std::unique_ptr<InputReader>, 3>
      readers;                       // by DataSet; null when there is no such set
  std::unique_ptr<Catalog> catalog;  // of a job that ranks
  ComputePool* pool = nullptr;
  std::unique_ptr<StepCompute> compute;
  std::unique_ptr<DenseParameters> dense;
  std::unique_ptr<WorkerProgress> progress;
  std::unique_ptr<GradientWatch> gradient_watch;
  bool pause = false;  // the scheduler asked for it

  // After `buffers` were computed from `batch` of `stream`.
  void LookAtGradients(const BatchStream& stream, const PreparedBatch& batch,
                       const SliceBuffers& buffers, std::uint64_t step) const {
    if (buffers.left_out > 0) {
      gradient_watch->LeftOut(buffers.left_out, step, SourceOf(stream.RunOf(batch.after)));
    }
    const PreparedSlice slice{batch.batch, batch.plan};
    if (!GradientWatch::Suspects(slice, buffers)) return;
    gradient_watch->Warn(slice, buffers, step, SourceOf(stream.RunOf(batch.after)));
  }
  [[nodiscard]] std::string SourceOf(const ChunkRun& run) const {
    const std::vector<std::string>& files = options->inputs[0].files;
    if (run.count == 0 || run.file >= files.size()) return "an input that is not known";
    return StrCat(files[run.file], ", chunks ", run.first, " to ",
                  run.first + (run.count - 1) * run.stride);
  }

  [[nodiscard]] StepPlanner MakePlanner() const {
    PlanExtras extras;
    if (catalog) extras.catalog = catalog->keys();
    extras.counts = (options->push_flags & kPushCounts) != 0;
    return {&model.model->tables(), model.combiners, options->cluster.servers, options->buckets,
            extras};
  }
  [[nodiscard]] std::unique_ptr<BatchStream> MakeStream(const BatchStreamOptions& stream) const {
    return std::make_unique<BatchStream>(stream, scheduler,
                                         readers[static_cast<std::size_t>(stream.set)].get(),
                                         MakePlanner(), home, reading);
  }
};

// A started child task, to be awaited later.
[[nodiscard]] inline Future<Status> Start(Executor* home, Task<Status> task) {
  Promise<Status> promise(home);
  Spawn([](Task<Status> child, Promise<Status> done) -> Task<> {
    Status status = co_await std::move(child);
    done.Set(std::move(status));
  }(std::move(task), promise));
  return promise.future();
}

}  // namespace rookery
