#include "scheduler/scheduler_node.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "common/json.h"
#include "common/log.h"
#include "common/random.h"
#include "scheduler/checkpoint_coordinator.h"
#include "scheduler/job_state.h"
#include "scheduler/scheduler_service.h"
#include "scheduler/summary.h"

namespace rookery {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(100);

std::vector<std::size_t> Range(std::size_t begin, std::size_t end) {
  std::vector<std::size_t> range(end - begin);
  std::iota(range.begin(), range.end(), begin);
  return range;
}

}  // namespace

class SchedulerNode::Life {
 public:
  Life(SchedulerOptions options, RpcNode* rpc, FileSystem* files)
      : options_(std::move(options)),
        executor_(rpc->executor()),
        files_(files),
        service_(&options_, rpc),
        coordinator_(files, JoinPath(options_.run_directory, "checkpoints")) {}

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
  Task<Status> Checkpoint();
  Task<Status> LoadWeights(std::string directory);
  Task<> Tick();
  void Report();
  void WriteSummary();

  [[nodiscard]] std::vector<std::size_t> Servers() const {
    return Range(0, options_.cluster.servers);
  }
  [[nodiscard]] std::vector<std::size_t> Workers() const {
    return Range(options_.cluster.servers, service_.nodes());
  }
  [[nodiscard]] AssignerOptions TrainInput() const;
  [[nodiscard]] std::uint64_t NextStopStep() const;
  bool StepLimitReached() const {
    return options_.max_steps != 0 && state_.step >= options_.max_steps;
  }
  [[nodiscard]] bool Better(double value) const {
    return state_.best_epoch == 0 ||
           (options_.larger_is_better ? value > state_.best_metric : value < state_.best_metric);
  }

  const SchedulerOptions options_;
  Executor* const executor_;
  FileSystem* const files_;
  SchedulerService service_;
  CheckpointCoordinator coordinator_;

  JobState state_;
  std::map<std::string, double> train_values_, valid_values_, test_values_;
  std::vector<CheckpointFile> last_files_;
  std::unique_ptr<WritableFile> metrics_file_;
  std::string summary_json_;
  TimePoint train_began_{};
  TimePoint last_report_{};
  TimePoint last_checkpoint_{};
  double seconds_before_ = 0;      // of earlier runs
  bool valid_is_current_ = false;  // valid_values_ are of the weights as they are
  bool training_ = false;          // a kTrain order is out
  bool stop_requested_ = false;
  bool ended_ = false;  // tells Tick
};

Task<Status> SchedulerNode::Life::Run() {
  Promise<bool> ticked(executor_);
  Spawn([](Life* life, Promise<bool> done) -> Task<> {
    co_await life->Tick();
    done.Set(true);
  }(this, ticked));
  Status status = co_await RunJob();
  ended_ = true;
  co_await ticked.future();
  co_return status;
}

Task<Status> SchedulerNode::Life::RunJob() {
  ROOKERY_CO_RETURN_IF_ERROR(co_await AwaitJoins());
  ROOKERY_CO_RETURN_IF_ERROR(coordinator_.Open());
  ROOKERY_CO_ASSIGN_OR_RETURN(
      metrics_file_, files_->OpenAppend(JoinPath(options_.run_directory, "metrics.jsonl")));
  if (!options_.load_directory.empty()) {
    ROOKERY_CO_ASSIGN_OR_RETURN(state_, ReadJobState(*files_, options_.load_directory));
    seconds_before_ = state_.seconds;
    ROOKERY_CO_RETURN_IF_ERROR(co_await LoadWeights(options_.load_directory));
    options_.print(StrCat("loaded ", options_.load_directory, ": step ", state_.step, ", epoch ",
                          state_.epoch + 1),
                   true);
  }
  train_began_ = last_checkpoint_ = executor_->Now();
  if (!options_.evaluate_only) ROOKERY_CO_RETURN_IF_ERROR(co_await TrainAll());
  state_.seconds = seconds_before_ + Seconds(executor_->Now() - train_began_);
  const bool finished = options_.evaluate_only || state_.trained;  // not stopped on request
  if (finished && options_.valid_files > 0 && !valid_is_current_) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await Evaluate(DataSet::kValid, &valid_values_));
  }
  if (finished && options_.test_files > 0) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await Evaluate(DataSet::kTest, &test_values_));
  }
  if (!options_.evaluate_only && options_.checkpoint_at_end) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await Checkpoint());
  }
  Order stop;
  stop.kind = OrderKind::kStop;
  StatusOr<std::vector<OrderResult>> stopped =
      co_await service_.orders.Run(Range(0, service_.nodes()), stop);
  ROOKERY_CO_RETURN_IF_ERROR(stopped.status());
  service_.ForgetAll();
  WriteSummary();
  co_return WriteFileAtomically(*files_, JoinPath(options_.run_directory, "summary.json"),
                                summary_json_);
}

Task<Status> SchedulerNode::Life::AwaitJoins() {
  const TimePoint began = executor_->Now();
  bool complete = false;
  while (true) {
    ROOKERY_CO_RETURN_IF_ERROR(service_.JoinState(began, &complete));
    if (complete) co_return OkStatus();
    co_await Delay(executor_, std::chrono::milliseconds(5));
  }
}

Task<Status> SchedulerNode::Life::TrainAll() {
  while (!state_.trained) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await TrainEpoch());
    if (state_.in_epoch && !state_.trained) co_return OkStatus();  // stopped on request
    ROOKERY_CO_RETURN_IF_ERROR(co_await AfterEpoch());
    if (stop_requested_) break;
  }
  const bool best_is_elsewhere = options_.keep_best && state_.trained && state_.best_epoch != 0 &&
                                 state_.best_epoch != state_.epoch &&
                                 files_->Exists(coordinator_.PathOf(state_.best_checkpoint));
  if (!best_is_elsewhere) co_return OkStatus();
  options_.print(StrCat("keeping the weights of epoch ", state_.best_epoch, " (", options_.metric,
                        " ", state_.best_metric, ")"),
                 true);
  co_return co_await LoadWeights(coordinator_.PathOf(state_.best_checkpoint));
}

// Until the epoch ends, the step limit is reached (trained) or a stop was requested (in_epoch
// stays).
Task<Status> SchedulerNode::Life::TrainEpoch() {
  bool epoch_end = false;
  while (!epoch_end) {
    ROOKERY_CO_RETURN_IF_ERROR(co_await TrainUntilPause(&epoch_end));
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

Task<Status> SchedulerNode::Life::TrainUntilPause(bool* epoch_end) {
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
  state_.epoch_metrics = service_.progress.epoch_metrics();
  state_.in_epoch = !*epoch_end;
  if (state_.in_epoch) state_.assigner = assigner->Snapshot(positions);
  co_return OkStatus();
}

Task<Status> SchedulerNode::Life::AfterEpoch() {
  if (!state_.trained || !state_.in_epoch) ++state_.epoch;
  state_.in_epoch = false;
  state_.trained = state_.trained || state_.epoch >= options_.epochs || StepLimitReached();
  bool checkpoint = options_.checkpoint_every_epochs != 0 &&
                    state_.epoch % options_.checkpoint_every_epochs == 0 && !state_.trained;
  if (options_.valid_files > 0) {
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
    if (options_.patience != 0 && state_.epochs_without_better >= options_.patience) {
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

Task<Status> SchedulerNode::Life::Evaluate(DataSet set, std::map<std::string, double>* values) {
  const bool valid = set == DataSet::kValid;
  AssignerOptions input;
  input.file_order.resize(valid ? options_.valid_files : options_.test_files);
  std::iota(input.file_order.begin(), input.file_order.end(), 0U);
  input.streams = options_.cluster.workers;
  input.dealt = false;
  input.chunks_per_lease = 4;
  service_.assigners[std::size_t(set)].emplace(std::move(input));
  Order order;
  order.kind = OrderKind::kEvaluate;
  order.set = set;
  order.step = state_.step;
  StatusOr<std::vector<OrderResult>> results = co_await service_.orders.Run(Workers(), order);
  service_.assigners[std::size_t(set)].reset();
  ROOKERY_CO_RETURN_IF_ERROR(results.status());
  std::vector<std::string> parts;
  for (OrderResult& result : *results) parts.push_back(std::move(result.metrics));
  ROOKERY_CO_ASSIGN_OR_RETURN(MergedMetrics merged, options_.merge_metrics(parts));
  *values = std::move(merged.values);
  if (valid) valid_is_current_ = true;
  options_.print(MetricsLine(valid ? "valid" : "test", *values), true);
  co_return OkStatus();
}

Task<Status> SchedulerNode::Life::Checkpoint() {
  state_.seconds = seconds_before_ + Seconds(executor_->Now() - train_began_);
  ROOKERY_CO_ASSIGN_OR_RETURN(std::string directory, coordinator_.Begin());
  Order order;
  order.kind = OrderKind::kCheckpoint;
  order.directory = directory;
  order.step = state_.step;
  std::vector<std::size_t> writers = Servers();
  writers.push_back(options_.cluster.servers);  // worker 0: dense.bin
  StatusOr<std::vector<OrderResult>> results = co_await service_.orders.Run(writers, order);
  ROOKERY_CO_RETURN_IF_ERROR(results.status());
  CheckpointManifest manifest;
  manifest.rookery_version = options_.version;
  manifest.job_hash = options_.job_hash;
  manifest.step = state_.step;
  manifest.buckets = options_.buckets;
  manifest.shards = options_.cluster.servers;
  manifest.tables = options_.tables;
  manifest.dense = options_.dense;
  for (OrderResult& result : *results) {
    state_.updates = std::max(state_.updates, result.updates);
    std::ranges::move(result.files, std::back_inserter(manifest.files));
  }
  manifest.updates = state_.updates;
  last_files_ = manifest.files;
  const bool is_best = options_.keep_best && !state_.in_epoch && state_.best_epoch != 0 &&
                       state_.best_epoch == state_.epoch;
  if (is_best) state_.best_checkpoint = coordinator_.begun();
  ROOKERY_CO_ASSIGN_OR_RETURN(
      const std::string name,
      coordinator_.Publish(std::move(manifest), state_, options_.features_json));
  last_checkpoint_ = executor_->Now();
  options_.print(StrCat("checkpoint ", coordinator_.PathOf(name), " at step ", state_.step), true);
  co_return coordinator_.Retain(options_.checkpoints_kept, state_.best_checkpoint);
}

Task<Status> SchedulerNode::Life::LoadWeights(std::string directory) {
  valid_is_current_ = false;
  Order order;
  order.kind = OrderKind::kLoad;
  order.directory = std::move(directory);
  StatusOr<std::vector<OrderResult>> results =
      co_await service_.orders.Run(Range(0, service_.nodes()), order);
  co_return results.status();
}

AssignerOptions SchedulerNode::Life::TrainInput() const {
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
std::uint64_t SchedulerNode::Life::NextStopStep() const {
  std::uint64_t stop = options_.max_steps;
  if (const std::uint64_t every = options_.checkpoint_every_steps; every != 0) {
    const std::uint64_t next = (state_.step / every + 1) * every;
    stop = stop == 0 ? next : std::min(stop, next);
  }
  return stop;
}

// Looks for silent nodes, reports, asks for a pause when a checkpoint is due.
Task<> SchedulerNode::Life::Tick() {
  while (!ended_) {
    co_await Delay(executor_, kTick);
    service_.ExpireSilent();
    if (options_.stop_wanted && options_.stop_wanted()) stop_requested_ = true;
    if (!training_) continue;
    if (stop_requested_) service_.pause = true;
    const TimePoint now = executor_->Now();
    const bool due = options_.checkpoint_every > Duration::zero() &&
                     now - last_checkpoint_ >= options_.checkpoint_every;
    if (due) service_.pause = true;
    if (now - last_report_ >= options_.report_every) Report();
  }
}

void SchedulerNode::Life::Report() {
  const TimePoint now = executor_->Now();
  last_report_ = now;
  const WorkAssigner& input = *service_.assigners[std::size_t(DataSet::kTrain)];
  const Progress::Report report =
      service_.progress.MakeReport({.epoch = state_.epoch,
                                    .epochs = options_.epochs,
                                    .epoch_fraction = input.fraction(),
                                    .job_seconds = seconds_before_ + Seconds(now - train_began_)},
                                   now);
  options_.print(report.line, false);
  const std::string line = report.json + "\n";
  if (Status s = metrics_file_->Append(std::as_bytes(std::span(line))); !s.ok()) {
    ROOKERY_LOG(WARNING) << s.message();
  }
}

void SchedulerNode::Life::WriteSummary() {
  const Progress& progress = service_.progress;
  Summary summary;
  summary.examples = progress.examples();
  summary.seconds = state_.seconds - seconds_before_;
  summary.epochs = state_.epoch;
  summary.steps = state_.step;
  summary.best_epoch = state_.best_epoch;
  summary.train = train_values_;
  summary.valid = valid_values_;
  summary.test = test_values_;
  summary.refused_gradients = progress.refused_gradients();
  summary.staleness = progress.Staleness();
  const std::vector<std::uint64_t> rows = progress.TableRows();
  const std::vector<std::uint64_t> bytes = progress.TableBytes();
  for (std::size_t t = 0; t < options_.tables.size(); ++t) {
    summary.tables.push_back(
        {options_.tables[t].name, t < rows.size() ? rows[t] : 0, t < bytes.size() ? bytes[t] : 0});
  }
  summary_json_ = SummaryToJson(summary, options_.cluster, options_.version);
}

SchedulerNode::SchedulerNode(SchedulerOptions options, RpcNode* rpc, FileSystem* files)
    : life_(std::make_unique<Life>(std::move(options), rpc, files)) {}
SchedulerNode::~SchedulerNode() = default;
Task<Status> SchedulerNode::Run() {
  return life_->Run();
}
const std::string& SchedulerNode::summary_json() const {
  return life_->summary_json();
}

}  // namespace rookery
