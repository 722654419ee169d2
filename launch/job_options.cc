#include "launch/job_options.h"

#include <algorithm>
#include <iterator>

#include "common/limits.h"
#include "models/layers/activation.h"
#include "models/losses/loss.h"
#include "models/model_options.h"
#include "models/ranking_metrics.h"

namespace rookery {
namespace {

constexpr std::int64_t kBatchMax = std::int64_t{1} << 24;
constexpr std::int64_t kThreadsMax = 1024;

// `model.NAME` of the models that use it.
Option OptionOf(const ModelOption& option) {
  std::string meaning;
  for (const std::string& model : option.models) {
    meaning += (meaning.empty() ? "" : ", ") + model;
  }
  meaning += ": " + option.meaning;
  if (auto* const* text = std::get_if<std::string*>(&option.field)) {
    if (option.choices.empty()) return TextOption(option.name, *text, std::move(meaning));
    return NamedOption(option.name, *text, option.choices, std::move(meaning));
  }
  if (auto* const* whole = std::get_if<std::uint32_t*>(&option.field)) {
    return WholeOption(option.name, *whole, {option.low, option.high}, option.unit,
                       std::move(meaning));
  }
  return WholesOption(option.name, std::get<std::vector<std::uint32_t>*>(option.field),
                      {option.low, option.high}, option.unit, std::move(meaning));
}

std::vector<std::string> MetricNames() {
  std::vector<std::string> names = {"",          "auc",    "logloss", "calibration", "accuracy",
                                    "precision", "recall", "f1",      "mse",         "rmse",
                                    "mae",       "ne",     "ece",     "gauc"};
  std::ranges::move(RankingMetricNames(), std::back_inserter(names));
  return names;
}

}  // namespace

std::vector<Option> RootOptions(Job* job) {
  return {
      WholeOption("seed", &job->seed, {}, "", "names every random stream of the run"),
      PathOption("run_directory", &job->run_directory,
                 "where results go; empty: runs/ and the name of the job file"),
  };
}

std::vector<Option> ModelOptions(ModelSpec* model) {
  std::vector<Option> options = {
      NamedOption("name", &model->name, ModelNames(), "the model; docs/models.md describes each"),
      WholesOption("hidden", &model->hidden, {1, 1 << 16}, "units",
                   "widths of the tower's hidden layers, input side first"),
      NamedOption("activation", &model->activation,
                  {kActivationNames.begin(), kActivationNames.end()}, "after each hidden layer"),
      NumberOption("dropout", &model->dropout, kFraction, "",
                   "probability that a hidden unit is dropped while training"),
      NamedOption("norm", &model->norm, {"none", "batch", "layer"},
                  "normalisation before the activation"),
      ChoiceOption("dtype", &model->dtype, {{"fp32", Dtype::kFp32}, {"bf16", Dtype::kBf16}},
                   "of the tower's products in training; sums, weights and scores are fp32"),
      NamedOption("loss", &model->loss, LossNames(),
                  "bce: probability of a 0/1 label; the others: regression"),
  };
  for (const ModelOption& option : ModelOptionsOf(model)) options.push_back(OptionOf(option));
  return options;
}

std::vector<Option> UpdaterOptions(UpdaterSpec* updater) {
  LearningRate* rate = &updater->learning_rate;
  return {
      ChoiceOption("updater", &updater->kind,
                   {{"sgd", UpdaterKind::kSgd},
                    {"momentum", UpdaterKind::kMomentum},
                    {"adagrad", UpdaterKind::kAdagrad},
                    {"rowwise_adagrad", UpdaterKind::kRowwiseAdagrad},
                    {"adam", UpdaterKind::kAdam},
                    {"adamw", UpdaterKind::kAdamW},
                    {"ftrl", UpdaterKind::kFtrl},
                    {"lamb", UpdaterKind::kLamb}},
                   "the update rule"),
      NumberOption("learning_rate", &rate->rate, kPositive, "", "the rate before the schedule"),
      ChoiceOption("schedule", &rate->kind,
                   {{"constant", ScheduleKind::kConstant},
                    {"warmup", ScheduleKind::kWarmup},
                    {"step", ScheduleKind::kStep},
                    {"cosine", ScheduleKind::kCosine}},
                   "how the rate changes after the warm-up"),
      WholeOption("warmup_steps", &rate->warmup_steps, {}, "steps",
                  "the rate first rises from 0 in a line; 0: no warm-up"),
      WholeOption("every_steps", &rate->every_steps, {}, "steps",
                  "schedule step: the rate is multiplied by factor this often"),
      WholeOption("total_steps", &rate->total_steps, {}, "steps",
                  "schedule cosine: length of the fall to rate * factor"),
      NumberOption("factor", &rate->factor, kNotNegative, "", "schedules step and cosine"),
      NumberOption("l1", &updater->l1, kNotNegative, "", "L1 penalty; ftrl only"),
      NumberOption("l2", &updater->l2, kNotNegative, "",
                   "L2 penalty: gradient += l2 * weight; ftrl: its own L2"),
      NumberOption("weight_decay", &updater->weight_decay, kNotNegative, "",
                   "decoupled decay; adamw and lamb only"),
      NumberOption("momentum", &updater->momentum, kFraction, "", "momentum only"),
      NumberOption("beta1", &updater->beta1, kFraction, "", "adam, adamw, lamb: decay of the mean"),
      NumberOption("beta2", &updater->beta2, kFraction, "",
                   "adam, adamw, lamb: decay of the square"),
      NumberOption("epsilon", &updater->epsilon, kPositive, "", "adam, adamw, lamb, adagrad kinds"),
      NumberOption("beta", &updater->beta, kNotNegative, "", "ftrl: smoothing of the rate"),
      NumberOption("initial_accumulator", &updater->initial_accumulator, kNotNegative, "",
                   "adagrad kinds, ftrl: start of the sum of squares"),
      NumberOption("clip_value", &updater->clip_value, kNotNegative, "",
                   "limit of each gradient element; 0: off"),
      NumberOption("clip_norm", &updater->clip_norm, kNotNegative, "",
                   "limit of the 2-norm of a row's gradient (dense: of all of it); 0: off"),
      NumberOption(
          "clip_cow", &updater->clip_cow, kNotNegative, "",
          "r: limit of the 2-norm of a row's gradient to r * norm of the row * occurrences "
          "of its key in the batch; tables only; 0: off"),
      NumberOption("clip_cow_floor", &updater->clip_cow_floor, kPositive, "",
                   "clip_cow: the least limit for each occurrence"),
      BoolOption("catch_up", &updater->catch_up,
                 "adam, adamw: rows also move in steps that did not touch them, as in dense Adam"),
      NumberOption("trust_max", &updater->trust_max, kPositive, "",
                   "lamb: limit of norm of weights / norm of update, by which the rate of a row or "
                   "dense block is multiplied"),
  };
}

std::vector<Option> TableOptions(TableJob* table) {
  std::vector<Option> options = {
      WholeOption("dim", &table->dim, {1, kDimMax}, "floats", "length of an embedding vector"),
      ChoiceOption("initializer", &table->initializer.kind,
                   {{"zeros", InitializerKind::kZeros},
                    {"uniform", InitializerKind::kUniform},
                    {"normal", InitializerKind::kNormal},
                    {"xavier", InitializerKind::kXavier}},
                   "weights of a new row, from (seed, table, key)"),
      NumberOption("scale", &table->initializer.scale, kNotNegative, "",
                   "uniform: in [-scale, scale]; normal: the deviation"),
  };
  for (Option& option : UpdaterOptions(&table->updater)) options.push_back(std::move(option));
  return options;
}

std::vector<Option> TrainOptions(TrainJob* train) {
  return {
      ChoiceOption("mode", &train->mode,
                   {{"sync", TrainMode::kSync},
                    {"bounded", TrainMode::kBounded},
                    {"async", TrainMode::kAsync}},
                   "when a pull may see which pushes; docs/consistency_and_failures.md"),
      WholeOption("slices", &train->slices, {0, kSlicesMax}, "slices",
                  "sync: equal parts of a batch, dealt to the workers; 0: the number of workers"),
      WholeOption("batch_size", &train->batch_size, {1, kBatchMax}, "examples",
                  "examples of one step of the whole job; of one worker, when workers train freely "
                  "(bounded or async without a dense allreduce)"),
      WholeOption("epochs", &train->epochs, {1}, "epochs", "passes over the training data"),
      WholeOption("max_steps", &train->max_steps, {}, "steps", "end after so many; 0: no limit"),
      WholeOption("staleness", &train->staleness, {0, 1 << 20}, "steps",
                  "bounded: how far the fastest worker may be ahead of the slowest"),
      BoolOption(
          "staleness_scaling", &train->staleness_scaling,
          "bounded, async: a push gets 1 / (1 + k) of the learning rates, k being the updates "
          "that its server has applied since it answered the pull"),
      NumberOption("delay_compensation", &train->delay_compensation, kNotNegative, "",
                   "bounded, async: gradient += this * gradient^2 * (weight now - weight as "
                   "pulled); 0: off"),
      WholeOption("prefetch", &train->prefetch, {0, 1024}, "batches",
                  "batches that a worker reads ahead"),
      WholeOption("part_examples", &train->part_examples, {1, kBatchMax}, "examples",
                  "examples computed as one piece; decides the order of sums"),
      ChoiceOption("dense", &train->dense,
                   {{"allreduce", DensePlacement::kAllreduce}, {"server", DensePlacement::kServer}},
                   "where the dense parameters are updated"),
      NamedOption("metric", &train->metric, MetricNames(),
                  "of the first label in the valid data, for patience and keep_best; empty: auc or "
                  "rmse by the loss, ndcg@10 where items are ranked"),
      TextOption("group", &train->group,
                 "a categorical column such as the user: evaluation also has gauc, the mean AUC "
                 "within its values; empty: off"),
      WholeOption("patience", &train->patience, {0, 1 << 20}, "epochs",
                  "end after so many epochs without a better metric; 0: off"),
      BoolOption("keep_best", &train->keep_best, "end with the weights of the best epoch"),
      NumberOption(
          "divergence", &train->divergence, kNotNegative, "",
          "a loss of 20 batches so many times the lowest before has diverged, status 5; 0: "
          "only one that is not a number"),
      WholeOption("rollbacks", &train->rollbacks, {0, 1 << 10}, "times",
                  "how often a diverged job goes back to the last healthy checkpoint, leaving out "
                  "the examples since"),
      TextsOption("unseen", &train->unseen,
                  "categorical features; valid and test also tell the metrics over the examples "
                  "whose key of it has no row, and over the others"),
  };
}

std::vector<Option> ClusterOptions(ClusterJob* cluster) {
  return {
      WholeOption("servers", &cluster->servers, {1, kServersMax}, "ranks",
                  "parameter servers; under mpirun ranks 1 to servers"),
      WholeOption("workers", &cluster->workers, {1, kRanksMax}, "workers",
                  "in one process; under mpirun all remaining ranks are workers"),
      WholeOption("threads", &cluster->threads, {0, kThreadsMax}, "threads",
                  "compute threads of a worker; 0: visible CPUs / workers on the host"),
      DurationOption("deadline", &cluster->deadline, std::chrono::seconds(1),
                     "longest wait for the answer to one request"),
      DurationOption("heartbeat_every", &cluster->heartbeat_every, std::chrono::milliseconds(10),
                     "how often a rank tells the scheduler that it lives"),
      DurationOption("heartbeat_timeout", &cluster->heartbeat_timeout,
                     std::chrono::milliseconds(100), "silence after which a rank counts as dead"),
      DurationOption("idle_sleep", &cluster->idle_sleep, Duration::zero(),
                     "longest sleep of the communication thread of an idle rank"),
      BytesOption("memory_limit", &cluster->memory_limit,
                  "memory of one server, e.g. \"8GB\"; beyond it the job writes a checkpoint and "
                  "ends with status 4; \"0\": off"),
      NumberOption("memory_soft", &cluster->memory_soft, {0, 1, true, false}, "",
                   "share of memory_limit from which on no rows are made"),
  };
}

std::vector<Option> CheckpointOptions(CheckpointJob* checkpoint) {
  return {
      DurationOption("every", &checkpoint->every, Duration::zero(),
                     "a checkpoint this often; \"0s\": off"),
      WholeOption("every_steps", &checkpoint->every_steps, {}, "steps",
                  "sync: a checkpoint after so many steps; 0: off"),
      WholeOption("every_epochs", &checkpoint->every_epochs, {}, "epochs",
                  "a checkpoint after so many epochs; 0: off"),
      WholeOption("keep", &checkpoint->keep, {1, 1 << 20}, "checkpoints", "older ones are removed"),
      WholeOption(
          "full_every", &checkpoint->full_every, {1, kCheckpointChainMax}, "checkpoints",
          "of so many one is whole, the others hold the rows that changed; 1: all are whole"),
      BytesOption("rate", &checkpoint->rate,
                  "bytes a second that a server copies for a checkpoint, e.g. \"200MB\"; \"0\": as "
                  "fast as the disk writes"),
      BoolOption(
          "compress", &checkpoint->compress,
          "compress rows where it saves an eighth: trained rows hardly shrink, those with L1 or "
          "few updates do; takes CPU time beside training"),
      BoolOption("at_end", &checkpoint->at_end, "one when training ends"),
  };
}

std::vector<Option> PrivacyOptions(PrivacyJob* privacy) {
  return {
      NumberOption("clip_norm", &privacy->clip_norm, {0, 1e9}, "",
                   "DP-SGD: limit of the 2-norm of one example's gradient, over dense parameters "
                   "and rows together; 0: off"),
      NumberOption("noise_multiplier", &privacy->noise_multiplier, {0, 1e6}, "",
                   "deviation of the noise that the sum of a step gets, in clip_norms; 0: only "
                   "clips, which guarantees nothing"),
      NumberOption("delta", &privacy->delta, {0, 1, true, true}, "",
                   "of the (epsilon, delta) that summary.json states; well below 1 / examples"),
      TextOption("secret", &privacy->secret,
                 "text that the noise is made from; nobody else may know it"),
  };
}

}  // namespace rookery
