#include "scheduler/job_life.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/random.h"

namespace rookery {

Task<Status> JobLife::Run() {
  Promise<bool> ticked(executor_);
  Spawn([](JobLife* life, Promise<bool> done) -> Task<> {
    co_await life->Tick();
    done.Set(true);
  }(this, ticked));
  Status status = co_await RunJob();
  if (!status.ok()) service_.Fail(status);
  const Status saved = co_await CheckpointEnd();  // ended before, or fails with the job
  ended_ = true;
  co_await ticked.future();
  co_return status;
}

Task<Status> JobLife::RunJob() {
  ROOKERY_CO_RETURN_IF_ERROR(co_await AwaitJoins());
  if (!options_.evaluate_only) {  // which may look at a run that another job is writing
    ROOKERY_CO_RETURN_IF_ERROR(coordinator_.Open());
    ROOKERY_CO_ASSIGN_OR_RETURN(
        metrics_file_, files_->OpenAppend(JoinPath(options_.run_directory, "metrics.jsonl")));
  }
  if (!options_.load_directory.empty()) {
    ROOKERY_CO_ASSIGN_OR_RETURN(state_, ReadJobState(*files_, options_.load_directory));
    seconds_before_ = state_.seconds;
    service_.progress.ContinueFrom(state_.examples);
    state_.trained = TrainingIsOver();  // the job may ask for more epochs now, or fewer
    ROOKERY_CO_RETURN_IF_ERROR(co_await LoadWeights(options_.load_directory));
    options_.print(StrCat("loaded ", options_.load_directory, ": step ", state_.step, ", epoch ",
                          state_.epoch + 1),
                   true);
  }
  train_began_ = last_checkpoint_ = executor_->Now();
  if (!options_.evaluate_only) ROOKERY_CO_RETURN_IF_ERROR(co_await TrainAll());
  state_.seconds = seconds_before_ + Seconds(executor_->Now() - train_began_);
  const bool diverged = loss_watch_.diverged();
  // Not stopped on request.
  const bool finished = options_.evaluate_only || (state_.trained && !diverged);
  if (finished && options_.valid_files > 0 && !valid_is_current_) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await Evaluate(DataSet::kValid, &valid_values_));
  }
  if (finished && options_.test_files > 0) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await Evaluate(DataSet::kTest, &test_values_));
  }
  const bool just_saved =
      !finished && state_.in_epoch;  // a stop on request begins with a checkpoint
  const bool save = options_.checkpoint_at_end || (!finished && !memory_end_.empty());
  if (!options_.evaluate_only && save && !just_saved && !diverged) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await Checkpoint());
  }
  ROOKERY_CO_RETURN_IF_ERROR(co_await CheckpointEnd());
  Order stop;
  stop.kind = OrderKind::kStop;
  StatusOr<std::vector<OrderResult>> stopped = co_await service_.orders.Run(Everyone(), stop);
  ROOKERY_CO_RETURN_IF_ERROR(stopped.status());
  service_.ForgetAll();
  WriteSummary();
  if (options_.evaluate_only) co_return OkStatus();  // the summary of the training stays
  ROOKERY_CO_RETURN_IF_ERROR(WriteFileAtomically(
      *files_, JoinPath(options_.run_directory, "summary.json"), summary_json_));
  if (diverged) co_return Diverged();
  if (finished || memory_end_.empty()) co_return OkStatus();
  co_return Status(Code::kExhausted,
                   StrCat(memory_end_, "; a checkpoint was written at step ", state_.step,
                          ": go on with --resume and more servers or a larger limit"));
}

Task<Status> JobLife::AwaitJoins() {
  const TimePoint began = executor_->Now();
  bool complete = false;
  while (true) {
    ROOKERY_CO_RETURN_IF_ERROR(service_.JoinState(began, &complete));
    if (complete) co_return OkStatus();
    co_await Delay(executor_, std::chrono::milliseconds(5));
  }
}

Task<Status> JobLife::TrainAll() {
  while (!state_.trained) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await TrainEpoch());
    if (loss_watch_.diverged()) co_return OkStatus();
    if (state_.in_epoch && !state_.trained) co_return OkStatus();  // stopped on request
    ROOKERY_CO_RETURN_IF_ERROR(co_await AfterEpoch());
    if (stop_requested_) break;
  }
  const bool best_is_elsewhere = options_.keep_best && state_.trained && state_.best_epoch != 0 &&
                                 (state_.best_epoch != state_.epoch || state_.in_epoch);
  if (!best_is_elsewhere) co_return OkStatus();
  options_.print(StrCat("keeping the weights of epoch ", state_.best_epoch, " (", options_.metric,
                        " ", state_.best_metric, ")"),
                 true);
  co_return co_await LoadWeights(coordinator_.PathOf(state_.best_checkpoint));
}

// Until the epoch ends, the step limit is reached (trained), a stop was requested (in_epoch stays)
// or the loss has diverged.
Task<Status> JobLife::TrainEpoch() {
  bool epoch_end = false;
  while (!epoch_end) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await TrainUntilPause(&epoch_end));
    if (LossDiverged()) {
      if (!CanRollBack()) break;
      ROOKERY_CO_RETURN_IF_ERROR(co_await RollBack());
      continue;
    }
    if (epoch_end) break;
    if (StepLimitReached()) {
      state_.trained = true;
      break;
    }
    ROOKERY_CO_RETURN_IF_ERROR(co_await Checkpoint());
    if (stop_requested_) co_return OkStatus();
  }
  train_values_ = service_.progress.EpochValues();
  co_return OkStatus();
}

Task<Status> JobLife::TrainUntilPause(bool* epoch_end) {
  std::optional<WorkAssigner>& assigner = service_.assigners[std::size_t(DataSet::kTrain)];
  if (state_.in_epoch) {
    ROOKERY_CO_ASSIGN_OR_RETURN(assigner, WorkAssigner::Restore(TrainInput(), state_.assigner));
  } else {
    assigner.emplace(TrainInput());
    state_.in_epoch = true;
    state_.epoch_metrics.clear();
  }
  service_.progress.BeginEpoch(state_.epoch_metrics, executor_->Now());
  last_report_ = executor_->Now();
  service_.pause = stop_requested_;
  Order order;
  order.kind = OrderKind::kTrain;
  order.epoch = state_.epoch;
  order.step = state_.step;
  order.until_step = options_.lockstep ? NextStopStep() : 0;
  service_.pause_at_step = options_.lockstep ? 0 : NextStopStep();
  training_ = true;
  valid_is_current_ = false;
  StatusOr<std::vector<OrderResult>> results = co_await service_.orders.Run(Workers(), order);
  training_ = false;
  service_.pause = false;
  ROOKERY_CO_RETURN_IF_ERROR(results.status());
  Report();
  *epoch_end = true;
  std::vector<InputPosition> positions;
  for (const OrderResult& result : *results) {
    *epoch_end = *epoch_end && result.epoch_end;
    state_.step = std::max(state_.step, result.step);
    positions.insert(positions.end(), result.positions.begin(), result.positions.end());
  }
  state_.examples += service_.progress.epoch_examples();
  epoch_examples_ += service_.progress.epoch_examples();
  longest_epoch_ = std::max(longest_epoch_, epoch_examples_);
  if (*epoch_end) epoch_examples_ = 0;
  state_.epoch_metrics = service_.progress.epoch_metrics();
  state_.in_epoch = !*epoch_end;
  if (state_.in_epoch) state_.assigner = assigner->Snapshot(positions);
  assigner.reset();
  co_return OkStatus();
}

Task<Status> JobLife::AfterEpoch() {
  if (!state_.in_epoch) ++state_.epoch;
  state_.trained = TrainingIsOver();
  bool checkpoint =
      options_.checkpoint_every_epochs != 0 && state_.epoch % options_.checkpoint_every_epochs == 0;
  // An epoch may be too short for its workers to hear of a pause.
  checkpoint = (checkpoint || CheckpointIsDue()) && !state_.trained;
  if (options_.valid_files > 0 && !state_.in_epoch) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await Evaluate(DataSet::kValid, &valid_values_));
    const auto judged = valid_values_.find(options_.metric);
    if (judged != valid_values_.end() && Better(judged->second)) {
      state_.best_metric = judged->second;
      state_.best_epoch = state_.epoch;
      state_.epochs_without_better = 0;
      if (options_.keep_best && !state_.trained) checkpoint = true;
    } else {
      ++state_.epochs_without_better;
    }
    if (PatienceIsOver()) {
      options_.print(StrCat("no better ", options_.metric, " for ", options_.patience,
                            " epochs: training ends"),
                     true);
      state_.trained = true;
      checkpoint = false;
    }
  }
  if (!checkpoint) co_return OkStatus();
  co_return co_await Checkpoint();
}

AssignerOptions JobLife::TrainInput() const {
  AssignerOptions input;
  input.file_order.resize(options_.train_files);
  std::iota(input.file_order.begin(), input.file_order.end(), 0U);
  if (options_.shuffle_files) {
    Random random(options_.seed, Purpose::kFileOrder, state_.epoch);
    Shuffle(std::span(input.file_order), random);
  }
  input.streams = options_.streams;
  input.dealt = options_.dealt;
  input.chunks_per_lease = options_.chunks_per_lease;
  return input;
}

// The first step after the current one before which to pause; 0: none.
std::uint64_t JobLife::NextStopStep() const {
  std::uint64_t stop = options_.max_steps;
  if (const std::uint64_t every = options_.checkpoint_every_steps; every != 0) {
    const std::uint64_t next = (state_.step / every + 1) * every;
    stop = stop == 0 ? next : std::min(stop, next);
  }
  return stop;
}

}  // namespace rookery
