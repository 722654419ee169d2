#include "launch/job_privacy.h"

#include <algorithm>

#include "common/hash.h"
#include "launch/option.h"

namespace rookery {

Status CheckPrivacy(const JobReader& reader, const Job& job) {
  const PrivacyJob& privacy = job.privacy;
  if (privacy.clip_norm == 0) return OkStatus();
  if (privacy.noise_multiplier > 0 && privacy.secret.empty()) {
    return reader.Wrong("privacy.secret",
                        "the noise is made from it, and who knows it can take the noise off again; "
                        "give it a text that nobody can guess, e.g. of `openssl rand -hex 16`");
  }
  if (job.train.mode != TrainMode::kSync) {
    return reader.Wrong("train.mode",
                        "privacy.clip_norm needs \"sync\": only there a step has one sum of "
                        "gradients to add noise to");
  }
  if (job.train.rollbacks > 0) {
    return reader.Wrong("train.rollbacks",
                        "must be 0 with privacy.clip_norm: steps that were taken back have spent "
                        "privacy all the same");
  }
  for (const auto& [name, table] : job.tables) {
    if (table.updater.clip_cow == 0) continue;
    return reader.Wrong(StrCat("table.", name, ".clip_cow"),
                        "must be 0 with privacy.clip_norm: it counts how often a key occurs, to "
                        "which no noise is added");
  }
  return OkStatus();
}

Status CheckPrivateModel(const Job& job, const Model& model) {
  if (job.privacy.clip_norm == 0) return OkStatus();
  if (model.mixes_examples()) {
    return InvalidInput("model '", job.model.name,
                        "' compares the examples of a batch, so that no example has a gradient of "
                        "its own, which privacy.clip_norm limits; choose another model, e.g. ",
                        "\"bpr_mf\"");
  }
  const auto told = [](const ModelTable& table) { return table.told_from_catalog.has_value(); };
  if (std::ranges::any_of(model.tables(), told)) {
    return InvalidInput(
        "model.item_loss = \"full_softmax\" tells an item from all others, so every "
        "example has a gradient for the rows of all items, which privacy.clip_norm "
        "does not limit; choose \"bce\", \"bpr\" or \"softmax\"");
  }
  const auto is_statistic = [](const DenseBlockSpec& block) { return block.statistic_rate > 0; };
  if (std::ranges::any_of(model.dense_blocks(), is_statistic)) {
    return InvalidInput("model.norm = \"", job.model.norm,
                        "\" mixes the examples of a batch, so that no example has a gradient of "
                        "its own, which privacy.clip_norm limits; choose \"layer\" or \"none\"");
  }
  return OkStatus();
}

PrivacySpec PrivacyOf(const Job& job) {
  PrivacySpec spec;
  spec.clip_norm = WidenFloat(job.privacy.clip_norm);
  spec.noise_multiplier = WidenFloat(job.privacy.noise_multiplier);
  spec.noise_seed = HashText(job.privacy.secret, job.seed);
  spec.lot = job.train.batch_size;
  spec.delta = WidenFloat(job.privacy.delta);
  return spec;
}

}  // namespace rookery
