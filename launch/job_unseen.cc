#include "launch/job_unseen.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"
#include "launch/job_sequences.h"
#include "models/seen_metrics.h"

namespace rookery {
namespace {

bool HasFeature(const Model& model, std::uint32_t feature) {
  return std::ranges::any_of(model.tables(), [feature](const ModelTable& table) {
    for (std::size_t i = 0; i < table.inputs(); ++i) {
      if (table.input(i) == feature) return true;
    }
    return false;
  });
}

MetricGroup GroupOf(const SeenMetrics& metrics, std::size_t feature, bool seen,
                    const std::string& name, const std::vector<std::string>& labels) {
  const LabelMetrics& group = metrics.of(feature, seen);
  return {StrCat(name, seen ? ":seen" : ":unseen"), group.examples(), group.Values(labels)};
}

}  // namespace

std::string WrongUnseen(const Job& job) {
  const std::vector<std::string>& names = job.train.unseen;
  if (names.empty()) return {};
  if (ReadsSequences(job)) {
    return "is for examples that are scored; data.format = \"sequence\" ranks all items, where "
           "one that no training line has counts as not found";
  }
  if (names.size() > kUnseenMax) {
    return StrCat("names ", names.size(), " features; the most is ", kUnseenMax);
  }
  std::vector<std::string> known;
  for (const Feature& feature : LayoutOf(job.data.schema).features) known.push_back(feature.name);
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (std::find(names.begin(), name, *name) != name) return StrCat("'", *name, "' comes twice");
    if (std::ranges::find(known, *name) != known.end()) continue;
    std::string list;
    for (const std::string& one : known) list += (list.empty() ? "" : ", ") + one;
    return StrCat("'", *name, "' is no categorical feature; known: ", list);
  }
  return {};
}

Status CheckUnseen(const Job& job, const Model& model) {
  const std::string wrong = WrongUnseen(job);
  if (!wrong.empty()) return InvalidInput("train.unseen: ", wrong);
  const std::vector<std::uint32_t> features = UnseenFeaturesOf(job);
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (HasFeature(model, features[i])) continue;
    return InvalidInput("train.unseen: no table of model '", job.model.name, "' has '",
                        job.train.unseen[i], "', so none of its keys has a row; leave it out");
  }
  return OkStatus();
}

std::vector<std::uint32_t> UnseenFeaturesOf(const Job& job) {
  std::vector<std::uint32_t> indices;
  if (job.train.unseen.empty()) return indices;
  const std::vector<Feature> features = LayoutOf(job.data.schema).features;
  for (const std::string& name : job.train.unseen) {
    const auto found = std::ranges::find(features, name, &Feature::name);
    indices.push_back(static_cast<std::uint32_t>(found - features.begin()));
  }
  return indices;
}

MergeMetrics MergingSeen(MergeMetrics all, TaskKind task, std::vector<std::string> labels,
                         std::vector<std::string> features) {
  return [=](std::span<const std::string> encoded) -> StatusOr<MergedMetrics> {
    if (std::ranges::none_of(encoded, SeenMetrics::Is)) return all(encoded);
    SeenMetrics seen(task, labels.size(), features.size());
    std::vector<std::string> rest;
    for (const std::string& part : encoded) {
      if (!SeenMetrics::Is(part)) {
        rest.push_back(part);
        continue;
      }
      ROOKERY_ASSIGN_OR_RETURN(SeenMetrics::Decoded decoded,
                               SeenMetrics::Decode(part, task, labels.size(), features.size()));
      rest.push_back(std::move(decoded.all));
      seen.Merge(decoded.seen);
    }
    ROOKERY_ASSIGN_OR_RETURN(MergedMetrics merged, all(rest));
    for (std::size_t f = 0; f < features.size(); ++f) {
      for (const bool group : {false, true}) {
        merged.groups.push_back(GroupOf(seen, f, group, features[f], labels));
      }
    }
    merged.encoded = seen.Encode(std::move(merged.encoded));
    return merged;
  };
}

}  // namespace rookery
