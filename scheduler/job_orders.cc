#include "scheduler/job_life.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/log.h"
#include "scheduler/summary.h"

namespace rookery {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(100);

}  // namespace

Task<Status> JobLife::Evaluate(DataSet set, std::map<std::string, double>* values) {
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
  if (valid) valid_is_current_ = true;
  const std::string_view name = valid ? "valid" : "test";
  options_.print(MetricsLine(name, merged.values), true);
  for (const MetricGroup& group : merged.groups) options_.print(GroupLine(name, group), true);
  *values = WithGroups(std::move(merged));
  co_return OkStatus();
}

bool JobLife::LossDiverged() {
  const Progress::Loss loss = service_.progress.TakeLoss();
  return loss_watch_.Add(loss.examples, loss.sum);
}

// The weights go back, the input does not: what was trained since is left out from now on.
Task<Status> JobLife::RollBack() {
  ROOKERY_CO_RETURN_IF_ERROR(co_await CheckpointEnd());  // it may be the healthy one
  const std::string directory = coordinator_.PathOf(loss_watch_.healthy_checkpoint());
  ROOKERY_CO_ASSIGN_OR_RETURN(const JobState saved, ReadJobState(*files_, directory));
  options_.print(
      StrCat("diverged: ", loss_watch_.reason(), "; rolling back from step ", state_.step, " to ",
             directory, " (step ", saved.step,
             "), the input goes on: ", state_.examples - saved.examples, " examples are left out"),
      true);
  ROOKERY_CO_RETURN_IF_ERROR(co_await LoadWeights(directory));
  state_.step = saved.step;
  state_.updates = saved.updates;
  loss_watch_.Forget();
  ++rollbacks_;
  co_return OkStatus();
}

Status JobLife::Diverged() const {
  const std::string& healthy = loss_watch_.healthy_checkpoint();
  return {
      Code::kDiverged,
      StrCat("training diverged: ", loss_watch_.reason(), " (epoch ", state_.epoch + 1, ", step ",
             state_.step, ", ", service_.progress.refused_gradients(),
             " gradients refused); nothing was saved of it, ",
             healthy.empty() ? std::string("and no checkpoint is known to be from before")
                             : "the last checkpoint from before is " + coordinator_.PathOf(healthy),
             "; a lower learning_rate, clip_norm or clip_value would help, or train.rollbacks to "
             "leave out the examples that did it")};
}

// Looks for silent nodes, reports, asks for a pause when a checkpoint is due.
Task<> JobLife::Tick() {
  while (!ended_) {
    co_await Delay(executor_, kTick);
    service_.ExpireSilent();
    if (options_.stop_wanted && options_.stop_wanted()) stop_requested_ = true;
    if (!stop_requested_ && !options_.evaluate_only) {
      memory_end_ = service_.progress.MemoryEnd();
      if (!memory_end_.empty()) stop_requested_ = true;
    }
    if (!training_) continue;
    if (stop_requested_ || LossDiverged()) service_.pause = true;
    if (CheckpointIsDue()) service_.pause = true;
    if (executor_->Now() - last_report_ >= options_.report_every) Report();
  }
}

void JobLife::Report() {
  const TimePoint now = executor_->Now();
  last_report_ = now;
  const WorkAssigner& input = *service_.assigners[std::size_t(DataSet::kTrain)];
  const Progress::Report report =
      service_.progress.MakeReport({.epoch = state_.epoch,
                                    .epochs = options_.epochs,
                                    .epoch_fraction = input.fraction(),
                                    .job_seconds = seconds_before_ + Seconds(now - train_began_),
                                    .memory_limit = options_.memory_limit},
                                   now);
  options_.print(report.line, false);
  const std::string line = report.json + "\n";
  if (Status s = metrics_file_->Append(std::as_bytes(std::span(line))); !s.ok()) {
    ROOKERY_LOG(WARNING) << s.message();
  }
}

// The rate is that of an epoch's batches. Before the first epoch is over it is not known how many
// examples there are: at least those that were seen, which gives a larger epsilon.
Summary::Privacy JobLife::PrivacySpent() const {
  const PrivacySpec& spec = options_.privacy;
  const std::uint64_t epochs = std::max<std::uint64_t>(1, state_.epoch + (state_.in_epoch ? 1 : 0));
  const std::uint64_t examples =
      std::max<std::uint64_t>({longest_epoch_, state_.examples / epochs, 1});
  Summary::Privacy privacy;
  privacy.clip_norm = spec.clip_norm;
  privacy.spending.sampling_rate =
      std::min(1.0, static_cast<double>(spec.lot) / static_cast<double>(examples));
  privacy.spending.noise_multiplier = spec.noise_multiplier;
  privacy.spending.delta = spec.delta;
  privacy.spending.steps = state_.step;
  privacy.epsilon = EpsilonOf(privacy.spending);
  return privacy;
}

void JobLife::WriteSummary() {
  const Progress& progress = service_.progress;
  Summary summary;
  summary.examples = progress.examples();
  summary.seconds = state_.seconds;
  summary.epochs = state_.epoch;
  summary.steps = state_.step;
  summary.best_epoch = state_.best_epoch;
  summary.train = train_values_;
  summary.valid = valid_values_;
  summary.test = test_values_;
  summary.refused_gradients = progress.refused_gradients();
  summary.rollbacks = rollbacks_;
  summary.unadmitted_gradients = progress.unadmitted_gradients();
  summary.memory_limit = options_.memory_limit;
  summary.server_bytes = progress.ServerBytes();
  summary.staleness = progress.Staleness();
  if (options_.privacy.on()) summary.privacy = PrivacySpent();
  summary.network = progress.Network(options_.lockstep);
  const std::vector<std::uint64_t> rows = progress.TableRows();
  const std::vector<std::uint64_t> bytes = progress.TableBytes();
  for (std::size_t t = 0; t < options_.tables.size(); ++t) {
    summary.tables.push_back(
        {options_.tables[t].name, t < rows.size() ? rows[t] : 0, t < bytes.size() ? bytes[t] : 0});
  }
  summary_json_ = SummaryToJson(summary, options_.cluster, options_.version);
}

}  // namespace rookery
