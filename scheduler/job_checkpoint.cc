// The part of JobLife that makes and loads checkpoints: a cut while nothing is in flight, then the
// files and their name in the background, one checkpoint at a time.
#include <algorithm>
#include <set>
#include <utility>

#include "common/log.h"
#include "scheduler/job_life.h"

namespace rookery {

// By the clock. One that is being written puts off the next.
bool JobLife::CheckpointIsDue() const {
  return options_.checkpoint_every > Duration::zero() && !saving() &&
         executor_->Now() - last_checkpoint_ >= options_.checkpoint_every;
}

Task<Status> JobLife::Checkpoint() {
  if (saving()) {
    options_.print(StrCat("step ", state_.step, " waits until the checkpoint before is written"),
                   false);
  }
  ROOKERY_CO_RETURN_IF_ERROR(co_await CheckpointEnd());
  state_.seconds = seconds_before_ + Seconds(executor_->Now() - train_began_);
  ROOKERY_CO_ASSIGN_OR_RETURN(std::string directory, coordinator_.Begin());
  last_checkpoint_ = executor_->Now();
  Order order;
  order.kind = OrderKind::kCheckpoint;
  order.directory = directory;
  order.base = chain_.Base(options_.checkpoint_full_every);
  order.step = state_.step;
  std::vector<std::size_t> writers = Servers();
  writers.push_back(options_.cluster.servers);  // worker 0: dense.bin
  service_.written.Expect(directory, writers);
  StatusOr<std::vector<OrderResult>> cut = co_await service_.orders.Run(writers, order);
  ROOKERY_CO_RETURN_IF_ERROR(cut.status());
  bool adds = false;
  for (const OrderResult& result : *cut) {
    state_.updates = std::max(state_.updates, result.updates);
    adds = adds || result.adds_to_base;
  }
  const bool is_best = options_.keep_best && !state_.in_epoch && state_.best_epoch != 0 &&
                       state_.best_epoch == state_.epoch;
  if (is_best) state_.best_checkpoint = coordinator_.begun();
  loss_watch_.NoteCheckpoint(coordinator_.begun());
  saved_.emplace(executor_);
  Spawn(SaveInBackground(MakeManifest(adds ? order.base : std::string()), state_, *saved_));
  co_return OkStatus();
}

CheckpointManifest JobLife::MakeManifest(std::string base) const {
  CheckpointManifest manifest;
  manifest.rookery_version = options_.version;
  manifest.job_hash = options_.job_hash;
  manifest.base = std::move(base);
  manifest.step = state_.step;
  manifest.updates = state_.updates;
  manifest.buckets = options_.buckets;
  manifest.shards = options_.cluster.servers;
  manifest.tables = options_.tables;
  manifest.dense = options_.dense;
  return manifest;
}

Task<> JobLife::SaveInBackground(CheckpointManifest manifest, JobState state,
                                 Promise<Status> done) {
  Status status = co_await CollectAndPublish(std::move(manifest), std::move(state));
  if (!status.ok()) service_.Fail(status);  // whatever is under way ends with it
  done.Set(std::move(status));
}

Task<Status> JobLife::CollectAndPublish(CheckpointManifest manifest, JobState state) {
  const TimePoint began = executor_->Now();
  ROOKERY_CO_ASSIGN_OR_RETURN(CollectedFiles written, co_await service_.written.All());
  manifest.files = std::move(written.files);
  ROOKERY_CO_ASSIGN_OR_RETURN(
      const CheckpointManifest published, co_await RunOn(background_, executor_, [&] {
        return coordinator_.Publish(std::move(manifest), state, options_.features_json);
      }));
  chain_.OnPublished(published);
  const std::string path = coordinator_.PathOf(CheckpointName(published.number));
  options_.print(StrCat("checkpoint ", path, " at step ", state.step), true);
  options_.print(StrCat("written in ", Seconds(executor_->Now() - began), " s, ", written.rows_kept,
                        " rows were kept while they changed"),
                 false);
  const std::set<std::string> needed{state.best_checkpoint, loss_watch_.healthy_checkpoint()};
  Status retained = co_await RunOn(background_, executor_, [&] {
    return coordinator_.Retain(options_.checkpoints_kept, needed);
  });
  if (!retained.ok()) ROOKERY_LOG(WARNING) << "old checkpoints stay: " << retained.message();
  co_return OkStatus();
}

Task<Status> JobLife::CheckpointEnd() {
  if (!saved_) co_return OkStatus();
  Status status = co_await saved_->future();
  saved_.reset();
  co_return status;
}

Task<Status> JobLife::LoadWeights(std::string directory) {
  ROOKERY_CO_RETURN_IF_ERROR(co_await CheckpointEnd());
  valid_is_current_ = false;
  Order order;
  order.kind = OrderKind::kLoad;
  order.directory = directory;
  StatusOr<std::vector<OrderResult>> results = co_await service_.orders.Run(Everyone(), order);
  ROOKERY_CO_RETURN_IF_ERROR(results.status());
  chain_ = CheckpointChain();
  const std::string name = directory.substr(directory.rfind('/') + 1);
  if (options_.checkpoint_full_every > 1 && directory == coordinator_.PathOf(name)) {
    StatusOr<CheckpointChain> chain = CheckpointChain::Read(*files_, DirectoryOf(directory), name);
    if (chain.ok()) chain_ = std::move(*chain);  // else the next one is whole
  }
  co_return OkStatus();
}

}  // namespace rookery
