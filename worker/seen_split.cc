#include "worker/seen_split.h"

#include "common/check.h"

namespace rookery {

SeenSplit::SeenSplit(std::span<const ModelTable> tables, std::span<const std::uint32_t> features,
                     TaskKind task, std::size_t labels)
    : metrics_(task, labels, features.size()) {
  for (const std::uint32_t feature : features) {
    const std::size_t found = watched_.size();
    for (std::size_t t = 0; t < tables.size() && watched_.size() == found; ++t) {
      for (std::size_t i = 0; i < tables[t].inputs(); ++i) {
        if (tables[t].input(i) == feature) watched_.push_back({feature, t, i});
      }
    }
    ROOKERY_CHECK(watched_.size() == found + 1) << "no table has feature " << feature;
  }
}

PooledVector<std::span<std::uint8_t>> SeenSplit::PresentSpans(const StepPlan& plan) {
  PooledVector<std::span<std::uint8_t>> spans;
  if (watched_.empty()) return spans;
  present_.resize(plan.tables.size());
  for (std::size_t t = 0; t < present_.size(); ++t) {
    present_[t].resize(plan.tables[t].keys.size());
    spans.emplace_back(present_[t]);
  }
  return spans;
}

void SeenSplit::FindSeen(const Batch& batch, const StepPlan& plan, const Watched& watched) {
  const FeatureColumn& column = batch.features[watched.feature];
  const std::vector<std::uint32_t>& rows = plan.positions[watched.table][watched.input];
  const std::vector<std::uint8_t>& present = present_[watched.table];
  seen_.assign(batch.examples, 0);
  for (std::size_t i = 0; i < batch.examples; ++i) {
    for (std::size_t k = column.Begin(i); k < column.End(i); ++k) seen_[i] |= present[rows[k]];
  }
}

void SeenSplit::Add(const Batch& batch, const StepPlan& plan, std::span<const float> scores) {
  for (std::size_t w = 0; w < watched_.size(); ++w) {
    FindSeen(batch, plan, watched_[w]);
    metrics_.Add(w, seen_, scores, batch.labels, batch.weights);
  }
}

}  // namespace rookery
