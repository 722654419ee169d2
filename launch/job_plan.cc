#include "launch/job_plan.h"

#include <algorithm>
#include <utility>

#include "data/input.h"
#include "launch/block_schema.h"
#include "launch/commands.h"
#include "launch/job_groups.h"
#include "launch/job_privacy.h"
#include "launch/job_unseen.h"
#include "models/label_metrics.h"
#include "models/losses/loss.h"
#include "models/ranking_metrics.h"
#include "serving/schema_file.h"

namespace rookery {
namespace {

constexpr std::uint32_t kLossBatches = 20;  // whose mean loss is judged
constexpr std::size_t kTrain = static_cast<std::size_t>(DataSet::kTrain);

std::vector<TableSpec> TablesOf(const Job& job, const Model& model) {
  std::vector<TableSpec> specs;
  for (const ModelTable& table : model.tables()) {
    const auto own = job.tables.find(table.name);
    const TableJob& options = own != job.tables.end() ? own->second : job.tables.at("default");
    TableSpec spec;
    spec.id = TableId{static_cast<std::uint32_t>(specs.size())};
    spec.name = table.name;
    spec.dim = table.dim;
    spec.zero_columns = table.zero_columns;
    spec.initializer = options.initializer;
    spec.updater = options.updater;
    spec.seed = job.seed;
    specs.push_back(std::move(spec));
  }
  return specs;
}

StatusOr<MergedMetrics> MergeRankings(std::span<const std::string> encoded) {
  RankingSums sums;
  for (const std::string& part : encoded) {
    if (part.empty()) continue;
    ROOKERY_ASSIGN_OR_RETURN(const RankingSums decoded, RankingSums::Decode(part));
    sums.Merge(decoded);
  }
  return MergedMetrics{sums.users() == 0 ? std::string() : sums.Encode(), sums.Values()};
}

StatusOr<MergedMetrics> Merge(TaskKind task, const std::vector<std::string>& labels,
                              std::span<const std::string> encoded) {
  if (std::ranges::any_of(encoded, RankingSums::Is)) return MergeRankings(encoded);
  LabelMetrics sums(task, labels.size());
  for (const std::string& part : encoded) {
    if (part.empty()) continue;
    ROOKERY_ASSIGN_OR_RETURN(const LabelMetrics decoded,
                             LabelMetrics::Decode(part, task, labels.size()));
    sums.Merge(decoded);
  }
  return MergedMetrics{sums.examples() == 0 ? std::string() : sums.Encode(), sums.Values(labels)};
}

std::vector<std::string> LabelNamesOf(const Job& job) {
  std::vector<std::string> names;
  for (const Column& label : LabelsOf(ExampleSchemaOf(job))) names.push_back(label.name);
  return names;
}

std::uint64_t ChunksPerLease(const DataJob& data, std::uint32_t streams) {
  constexpr std::uint64_t kUnshuffled = 8;
  if (data.shuffle_window == 0) return kUnshuffled;
  return std::max<std::uint64_t>(
      1, data.shuffle_window / (std::uint64_t{data.chunk_examples} * streams));
}

Status FindFiles(FileSystem& files, Job* job, JobPlan* plan) {
  const std::array patterns = {&job->data.train, &job->data.valid, &job->data.test};
  for (std::size_t set = 0; set < patterns.size(); ++set) {
    if (patterns[set]->empty()) continue;
    ROOKERY_ASSIGN_OR_RETURN(plan->files[set], ExpandFiles(files, *patterns[set]));
  }
  if (!job->data.blocks) return OkStatus();
  ROOKERY_ASSIGN_OR_RETURN(plan->fitted, TakeBlockSchema(files, plan->files[kTrain], job));
  return OkStatus();
}

}  // namespace

Status CheckCluster(const Job& job, const ClusterShape& cluster) {
  const TrainJob& train = job.train;
  if (train.mode == TrainMode::kSync && train.slices % cluster.workers != 0) {
    return InvalidInput(
        "train.slices = ", train.slices, " cannot be dealt to ", cluster.workers,
        " workers: choose a number of workers that divides it, or train.slices as a "
        "multiple of the workers");
  }
  const std::uint32_t parts =
      train.mode == TrainMode::kSync
          ? train.slices
          : (train.dense == DensePlacement::kAllreduce ? cluster.workers : 1);
  if (train.batch_size % parts != 0) {
    return InvalidInput("train.batch_size = ", train.batch_size, " does not divide into ", parts,
                        train.mode == TrainMode::kSync ? " slices" : " workers",
                        ": choose a multiple of it");
  }
  return OkStatus();
}

TaskKind TaskOf(const Job& job) {
  return IsBinaryLoss(job.model.loss) ? TaskKind::kBinary : TaskKind::kRegression;
}

std::string MetricOf(const Job& job) {
  if (!job.train.metric.empty()) return job.train.metric;
  if (ReadsSequences(job)) return "ndcg@10";
  return TaskOf(job) == TaskKind::kBinary ? "auc" : "rmse";
}

ModelSpec ModelSpecOf(const Job& job, const std::vector<double>& label_means) {
  FittedSchema fitted;
  fitted.schema = ExampleSchemaOf(job);
  fitted.label_means = label_means;
  ModelSpec spec = job.model;
  spec.dim = job.tables.at("default").dim;
  FillModelSpec(fitted, &spec);
  spec.max_length = job.data.sequence.max_length;
  return spec;
}

StatusOr<WorkerModel> MakeWorkerModelOf(const Job& job, const std::vector<double>& label_means) {
  WorkerModel made;
  ROOKERY_ASSIGN_OR_RETURN(made.model, MakeModel(ModelSpecOf(job, label_means)));
  made.dense.blocks = made.model->dense_blocks();
  made.dense.updater = job.dense;
  made.dense.seed = job.seed;
  for (const Feature& feature : LayoutOf(ExampleSchemaOf(job)).features) {
    made.combiners.push_back(feature.combiner);
    made.features.push_back(feature.name);
  }
  return made;
}

StatusOr<JobPlan> MakePlan(FileSystem& files, Job job, const ClusterShape& cluster,
                           std::string run_directory, std::string host) {
  if (job.train.slices == 0) job.train.slices = cluster.workers;
  ROOKERY_RETURN_IF_ERROR(CheckCluster(job, cluster));
  ROOKERY_RETURN_IF_ERROR(LargerIsBetter(MetricOf(job)).status());
  JobPlan plan;
  ROOKERY_RETURN_IF_ERROR(FindFiles(files, &job, &plan));
  ROOKERY_RETURN_IF_ERROR(CheckNextItem(job));
  ROOKERY_ASSIGN_OR_RETURN(WorkerModel made, MakeWorkerModelOf(job, {}));
  ROOKERY_RETURN_IF_ERROR(CheckRanking(job, *made.model, MetricOf(job)));
  StatusOr<std::optional<std::size_t>> group = GroupFeatureOf(job);
  if (!group.ok()) return Annotate(group.status(), "train.group = \"", job.train.group, "\"");
  plan.group_feature = *group;
  ROOKERY_RETURN_IF_ERROR(CheckUnseen(job, *made.model));
  ROOKERY_RETURN_IF_ERROR(CheckPrivateModel(job, *made.model));
  plan.cluster = cluster;
  plan.run_directory = std::move(run_directory);
  plan.host = std::move(host);
  plan.job_hash = JobHash(job);
  plan.task = TaskOf(job);
  plan.tables = TablesOf(job, *made.model);
  plan.combiners = std::move(made.combiners);
  plan.lockstep = job.train.mode == TrainMode::kSync ||
                  (job.train.dense == DensePlacement::kAllreduce && made.dense.size() > 0);
  plan.job = std::move(job);
  return plan;
}

PsOptions ServerOptionsOf(const JobPlan& plan, std::uint32_t index) {
  PsOptions options;
  options.cluster = plan.cluster;
  options.index = index;
  options.tables = plan.tables;
  options.dense_on_server = plan.job.train.dense == DensePlacement::kServer;
  if (options.dense_on_server) {
    options.initial_dense = [job = plan.job](const std::vector<double>& label_means) {
      const StatusOr<WorkerModel> made = MakeWorkerModelOf(job, label_means);
      return InitialDense(made->dense.blocks, made->dense.seed);
    };
    options.dense = MakeWorkerModelOf(plan.job, {})->dense;
  }
  options.mode = plan.job.train.mode;
  options.slices = plan.job.train.slices;
  options.staleness = plan.job.train.staleness;
  options.staleness_scaling = plan.job.train.staleness_scaling;
  options.delay_compensation = plan.job.train.delay_compensation;
  options.push_flags = PushFlagsOf(plan.tables, options.delay_compensation);
  options.privacy = PrivacyOf(plan.job);
  options.memory = {plan.job.cluster.memory_limit, plan.job.cluster.memory_soft};
  options.track_changes = plan.job.checkpoint.full_every > 1;
  options.checkpoint_rate = plan.job.checkpoint.rate;
  options.checkpoint_compress = plan.job.checkpoint.compress;
  options.job_hash = plan.job_hash;
  options.version = RookeryVersion();
  options.host = plan.host;
  options.heartbeat_every = plan.job.cluster.heartbeat_every;
  options.deadline = plan.job.cluster.deadline;
  return options;
}

WorkerOptions WorkerOptionsOf(const JobPlan& plan, std::uint32_t index, std::uint32_t threads) {
  const TrainJob& train = plan.job.train;
  WorkerOptions options;
  options.cluster = plan.cluster;
  options.index = index;
  options.seed = plan.job.seed;
  options.job_hash = plan.job_hash;
  options.version = RookeryVersion();
  options.host = plan.host;
  options.make_model = [job = plan.job](const FittedSchema& fitted) {
    return MakeWorkerModelOf(job, fitted.label_means);
  };
  options.task = plan.task;
  options.labels = LabelNamesOf(plan.job).size();
  options.group_feature = plan.group_feature;
  options.unseen = UnseenFeaturesOf(plan.job);
  options.tables = plan.tables;
  for (std::size_t set = 0; set < options.inputs.size(); ++set) {
    options.inputs[set].files = plan.files[set];
    options.inputs[set].chunk_examples = plan.job.data.chunk_examples;
  }
  if (ReadsSequences(plan.job)) {
    options.sequences = LinesInput{plan.job.data.schema, SequencesOf(plan.job)};
  }
  options.negative_keep = plan.job.data.negative_keep;
  options.shuffle = plan.job.data.shuffle_window > 0;
  options.prefetch = train.prefetch;
  options.mode = train.mode;
  options.slices = train.slices;
  options.batch_size = train.batch_size;
  options.part_examples = train.part_examples;
  options.dense_on_server = train.dense == DensePlacement::kServer;
  options.push_flags = PushFlagsOf(plan.tables, train.delay_compensation);
  options.privacy = PrivacyOf(plan.job);
  options.threads = threads;
  options.heartbeat_every = plan.job.cluster.heartbeat_every;
  options.deadline = plan.job.cluster.deadline;
  return options;
}

StatusOr<SchedulerOptions> SchedulerOptionsOf(const JobPlan& plan, const FittedSchema& fitted) {
  const Job& job = plan.job;
  const bool sync = job.train.mode == TrainMode::kSync;
  SchedulerOptions options;
  options.cluster = plan.cluster;
  options.seed = job.seed;
  options.job_hash = plan.job_hash;
  options.version = RookeryVersion();
  options.features_json = FittedSchemaToJson(fitted);
  options.label_means = fitted.label_means;
  options.train_files = static_cast<std::uint32_t>(plan.files[kTrain].size());
  options.valid_files = static_cast<std::uint32_t>(plan.files[1].size());
  options.test_files = static_cast<std::uint32_t>(plan.files[2].size());
  options.dealt = sync;
  options.streams = sync ? job.train.slices : plan.cluster.workers;
  options.chunks_per_lease = ChunksPerLease(job.data, options.streams);
  options.shuffle_files = job.data.shuffle_window > 0;
  options.lockstep = plan.lockstep;
  options.epochs = job.train.epochs;
  options.max_steps = job.train.max_steps;
  options.metric = MetricOf(job);
  ROOKERY_ASSIGN_OR_RETURN(options.larger_is_better, LargerIsBetter(options.metric));
  options.patience = job.train.patience;
  options.keep_best = job.train.keep_best;
  options.privacy = PrivacyOf(job);
  options.loss_watch = {job.train.divergence, std::uint64_t{kLossBatches} * job.train.batch_size};
  options.rollbacks = job.train.rollbacks;
  options.memory_limit = job.cluster.memory_limit;
  options.run_directory = plan.run_directory;
  options.checkpoint_every = job.checkpoint.every;
  options.checkpoint_every_steps = job.checkpoint.every_steps;
  options.checkpoint_every_epochs = job.checkpoint.every_epochs;
  options.checkpoint_at_end = job.checkpoint.at_end;
  options.checkpoints_kept = job.checkpoint.keep;
  options.checkpoint_full_every = job.checkpoint.full_every;
  options.tables = plan.tables;
  ROOKERY_ASSIGN_OR_RETURN(WorkerModel made, MakeWorkerModelOf(job, fitted.label_means));
  options.dense = std::move(made.dense);
  const std::vector<std::string> labels = LabelNamesOf(job);
  const auto merge = [task = plan.task, labels](std::span<const std::string> encoded) {
    return Merge(task, labels, encoded);
  };
  options.merge_metrics = MergingSeen(merge, plan.task, labels, job.train.unseen);
  options.silent_after = job.cluster.heartbeat_timeout;
  options.join_within = job.cluster.deadline;
  return options;
}

}  // namespace rookery
