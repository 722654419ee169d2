// JobLife: the script of one job, read from top to bottom: join, load, train epoch after epoch with
// pauses for checkpoints, evaluate, end. JobState is all that it carries from order to order.
//
// job_life.cc has the script, job_orders.cc the single orders and the reports, job_checkpoint.cc
// what concerns checkpoints.
// Owner    SchedulerNode. Threads: the executor of `rpc`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/task.h"
#include "io/file_system.h"
#include "net/rpc.h"
#include "scheduler/checkpoint_chain.h"
#include "scheduler/checkpoint_coordinator.h"
#include "scheduler/job_state.h"
#include "scheduler/loss_watch.h"
#include "scheduler/scheduler_options.h"
#include "scheduler/scheduler_service.h"
#include "scheduler/summary.h"

namespace rookery {

class JobLife {
 public:
  // `background`: for what blocks; it gives checkpoints their names and removes old ones.
  JobLife(SchedulerOptions options, RpcNode* rpc, FileSystem* files, Executor* background)
      : options_(std::move(options)),
        executor_(rpc->executor()),
        background_(background),
        files_(files),
        service_(&options_, rpc),
        coordinator_(files, JoinPath(options_.run_directory, "checkpoints")),
        loss_watch_(options_.loss_watch) {}

  Task<Status> Run();
  [[nodiscard]] const std::string& summary_json() const { return summary_json_; }

 private:
  Task<Status> RunJob();
  Task<Status> AwaitJoins();
  Task<Status> TrainAll();
  Task<Status> TrainEpoch();
  Task<Status> TrainUntilPause(bool* epoch_end);
  Task<Status> AfterEpoch();
  Task<Status> Evaluate(DataSet set, std::map<std::string, double>* values);
  // Takes the cut; the rest goes on in the background. Waits for the one before.
  Task<Status> Checkpoint();
  // When the last one is published, or has failed.
  Task<Status> CheckpointEnd();
  [[nodiscard]] bool saving() const { return saved_ && !saved_->done(); }
  [[nodiscard]] bool CheckpointIsDue() const;
  [[nodiscard]] CheckpointManifest MakeManifest(std::string base) const;
  Task<> SaveInBackground(CheckpointManifest manifest, JobState state, Promise<Status> done);
  Task<Status> CollectAndPublish(CheckpointManifest manifest, JobState state);
  Task<Status> LoadWeights(std::string directory);
  [[nodiscard]] bool LossDiverged();
  [[nodiscard]] bool CanRollBack() const {
    return rollbacks_ < options_.rollbacks && !loss_watch_.healthy_checkpoint().empty();
  }
  Task<Status> RollBack();
  [[nodiscard]] Status Diverged() const;
  Task<> Tick();
  void Report();
  void WriteSummary();
  [[nodiscard]] Summary::Privacy PrivacySpent() const;

  [[nodiscard]] std::vector<std::size_t> Servers() const {
    return NodeRange(0, options_.cluster.servers);
  }
  [[nodiscard]] std::vector<std::size_t> Workers() const {
    return NodeRange(options_.cluster.servers, service_.nodes());
  }
  [[nodiscard]] std::vector<std::size_t> Everyone() const { return NodeRange(0, service_.nodes()); }
  [[nodiscard]] static std::vector<std::size_t> NodeRange(std::size_t begin, std::size_t end) {
    std::vector<std::size_t> range(end - begin);
    std::iota(range.begin(), range.end(), begin);
    return range;
  }
  [[nodiscard]] AssignerOptions TrainInput() const;
  [[nodiscard]] std::uint64_t NextStopStep() const;
  bool StepLimitReached() const {
    return options_.max_steps != 0 && state_.step >= options_.max_steps;
  }
  [[nodiscard]] bool PatienceIsOver() const {
    return options_.patience != 0 && state_.epochs_without_better >= options_.patience;
  }
  [[nodiscard]] bool TrainingIsOver() const {
    return state_.epoch >= options_.epochs || StepLimitReached() || PatienceIsOver();
  }
  [[nodiscard]] bool Better(double value) const {
    return state_.best_epoch == 0 ||
           (options_.larger_is_better ? value > state_.best_metric : value < state_.best_metric);
  }

  const SchedulerOptions options_;
  Executor* const executor_;
  Executor* const background_;
  FileSystem* const files_;
  SchedulerService service_;
  CheckpointCoordinator coordinator_;  // in the background while saving()
  CheckpointChain chain_;
  std::optional<Promise<Status>> saved_;  // of the last checkpoint, until CheckpointEnd()
  LossWatch loss_watch_;
  std::uint32_t rollbacks_ = 0;

  JobState state_;
  std::map<std::string, double> train_values_, valid_values_, test_values_;
  std::unique_ptr<WritableFile> metrics_file_;
  std::string summary_json_;
  TimePoint train_began_{};
  TimePoint last_report_{};
  TimePoint last_checkpoint_{};
  double seconds_before_ = 0;         // of earlier runs
  std::uint64_t epoch_examples_ = 0;  // of the epoch so far, as far as this run saw it
  std::uint64_t longest_epoch_ = 0;   // the most examples of an epoch, likewise
  bool valid_is_current_ = false;     // valid_values_ are of the weights as they are
  bool training_ = false;             // a kTrain order is out
  bool stop_requested_ = false;
  std::string memory_end_;  // why a server asked for the stop; empty: none did
  bool ended_ = false;      // tells Tick
};

}  // namespace rookery
