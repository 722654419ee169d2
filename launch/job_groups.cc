#include "launch/job_groups.h"

#include <string>

#include "launch/job_sequences.h"
#include "models/losses/loss.h"

namespace rookery {

StatusOr<std::optional<std::size_t>> GroupFeatureOf(const Job& job) {
  const std::string& group = job.train.group;
  if (group.empty()) return std::optional<std::size_t>();
  if (ReadsSequences(job)) {
    return InvalidInput("metrics of rankings are means over users as they are; leave it out");
  }
  if (!IsBinaryLoss(job.model.loss)) {
    return InvalidInput("the AUC is of labels 0 and 1, a loss like \"bce\"");
  }
  std::string known;
  const FeatureLayout layout = LayoutOf(job.data.schema);
  for (std::size_t f = 0; f < layout.features.size(); ++f) {
    if (layout.features[f].list) continue;
    if (layout.features[f].name == group) return std::optional(f);
    known += (known.empty() ? "" : ", ") + layout.features[f].name;
  }
  return InvalidInput("is no feature with one key an example; ",
                      known.empty() ? "add a column of type \"categorical\"" : "known: ", known);
}

}  // namespace rookery
