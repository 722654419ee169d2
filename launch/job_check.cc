#include "launch/job_check.h"

#include "common/limits.h"
#include "launch/job_options.h"
#include "launch/job_privacy.h"
#include "launch/job_sequences.h"
#include "models/losses/loss.h"

namespace rookery {
namespace {

Status CheckUpdater(const JobReader& reader, const std::string& section, const UpdaterSpec& spec) {
  const LearningRate& rate = spec.learning_rate;
  if (rate.kind == ScheduleKind::kStep && rate.every_steps == 0) {
    return reader.Wrong(section + "every_steps", "schedule \"step\" needs it, at least 1");
  }
  if (rate.kind == ScheduleKind::kCosine && rate.total_steps == 0) {
    return reader.Wrong(section + "total_steps", "schedule \"cosine\" needs it, at least 1");
  }
  if (rate.kind == ScheduleKind::kWarmup && rate.warmup_steps == 0) {
    return reader.Wrong(section + "warmup_steps", "schedule \"warmup\" needs it, at least 1");
  }
  const bool adam = spec.kind == UpdaterKind::kAdam || spec.kind == UpdaterKind::kAdamW;
  if (spec.catch_up && !adam) {
    return reader.Wrong(section + "catch_up", "only the updaters adam and adamw have it");
  }
  if (spec.l1 > 0 && spec.kind != UpdaterKind::kFtrl) {
    return reader.Wrong(section + "l1", "only the updater ftrl has it");
  }
  const bool decays = spec.kind == UpdaterKind::kAdamW || spec.kind == UpdaterKind::kLamb;
  if (spec.weight_decay > 0 && !decays) {
    return reader.Wrong(section + "weight_decay",
                        "only the updaters adamw and lamb have it; others have l2");
  }
  return OkStatus();
}

Status CheckTables(const JobReader& reader, const Job& job) {
  if (job.tables.size() > kTablesMax) {
    return InvalidInput(reader.name(), ": ", job.tables.size(), " tables; the most is ",
                        kTablesMax);
  }
  for (const auto& [name, table] : job.tables) {
    const std::string section = StrCat("table.", name, ".");
    if (name.empty() || name.find_first_of("/\\. \t\n\"") != std::string::npos) {
      return InvalidInput(reader.name(), ": [table.\"", name,
                          "\"]: the name becomes part of file names; use letters, digits, - and _");
    }
    ROOKERY_RETURN_IF_ERROR(CheckUpdater(reader, section, table.updater));
  }
  return OkStatus();
}

// Options for pushes that come late.
Status CheckStaleness(const JobReader& reader, const Job& job) {
  const TrainJob& train = job.train;
  const char* const option = train.staleness_scaling        ? "train.staleness_scaling"
                             : train.delay_compensation > 0 ? "train.delay_compensation"
                                                            : nullptr;
  if (option == nullptr) return OkStatus();
  if (train.mode == TrainMode::kSync) {
    return reader.Wrong(
        option,
        "in mode \"sync\" no push is late; leave it out, or use mode \"bounded\" or "
        "\"async\"");
  }
  if (!train.staleness_scaling) return OkStatus();
  constexpr const char* kNoFtrl =
      "its weights are a function of the rate, which train.staleness_scaling would shrink with it; "
      "use another updater, or leave staleness_scaling out";
  for (const auto& [name, table] : job.tables) {
    if (table.updater.kind != UpdaterKind::kFtrl) continue;
    return reader.Wrong(StrCat("table.", name, ".updater"), kNoFtrl);
  }
  if (job.dense.kind == UpdaterKind::kFtrl && train.dense == DensePlacement::kServer) {
    return reader.Wrong("dense.updater", kNoFtrl);
  }
  return OkStatus();
}

Status CheckTrain(const JobReader& reader, const Job& job) {
  const TrainJob& train = job.train;
  if (train.mode == TrainMode::kSync && train.slices > 0 && train.batch_size % train.slices != 0) {
    return reader.Wrong("train.batch_size",
                        StrCat("must be a multiple of train.slices = ", train.slices));
  }
  if (job.checkpoint.every_steps > 0 && train.mode != TrainMode::kSync) {
    return reader.Wrong("checkpoint.every_steps",
                        "only mode \"sync\" has steps of the whole job; use checkpoint.every");
  }
  if (train.metric == "gauc" && train.group.empty()) {
    return reader.Wrong("train.metric", "needs train.group, the column whose values are groups");
  }
  if (job.dense.kind == UpdaterKind::kLamb && train.dense == DensePlacement::kServer) {
    return reader.Wrong(
        "dense.updater",
        "needs the norms of whole layers, which train.dense = \"server\" "
        "cuts into segments; use train.dense = \"allreduce\" or updater = \"adamw\"");
  }
  if (train.patience > 0 && job.data.valid.empty()) {
    return reader.Wrong("train.patience", "needs data.valid, which names no file");
  }
  if (train.keep_best && job.data.valid.empty()) {
    return reader.Wrong("train.keep_best", "needs data.valid, which names no file");
  }
  return OkStatus();
}

}  // namespace

Status CheckJob(const JobReader& reader, const Job& job) {
  if (job.data.train.empty()) {
    return reader.Wrong("data.train", "names no file; e.g. train = [\"data/train.csv\"]");
  }
  if (job.data.negative_keep < 1 && (!IsBinaryLoss(job.model.loss) || ReadsSequences(job))) {
    return reader.Wrong("data.negative_keep",
                        "is for labels 0 and 1: a loss like \"bce\", and no sequences");
  }
  if (job.data.sequence.rank_negatives > 0 && !ReadsSequences(job)) {
    return reader.Wrong("data.rank_negatives",
                        "is for rankings of items, of data.format = \"sequence\"");
  }
  ROOKERY_RETURN_IF_ERROR(CheckTables(reader, job));
  ROOKERY_RETURN_IF_ERROR(CheckUpdater(reader, "dense.", job.dense));
  if (job.dense.clip_cow > 0) {
    return reader.Wrong("dense.clip_cow", "is for rows of tables; [dense] has clip_norm");
  }
  ROOKERY_RETURN_IF_ERROR(CheckTrain(reader, job));
  ROOKERY_RETURN_IF_ERROR(CheckStaleness(reader, job));
  ROOKERY_RETURN_IF_ERROR(CheckPrivacy(reader, job));
  if (job.cluster.heartbeat_timeout <= job.cluster.heartbeat_every) {
    return reader.Wrong("cluster.heartbeat_timeout",
                        StrCat("must be above cluster.heartbeat_every = \"",
                               FormatDuration(job.cluster.heartbeat_every), "\""));
  }
  return OkStatus();
}

}  // namespace rookery
