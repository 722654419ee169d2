#include "worker/step_plan.h"

#include <algorithm>
#include <bit>
#include <boost/sort/spreadsort/integer_sort.hpp>

#include "common/check.h"
#include "common/hash.h"

namespace rookery {

StepPlanner::StepPlanner(const std::vector<ModelTable>* tables, std::vector<Combiner> combiners,
                         std::uint32_t servers, std::uint32_t buckets)
    : tables_(*tables), combiners_(std::move(combiners)), servers_(servers), buckets_(buckets) {}

void StepPlanner::Plan(const Batch& batch, bool for_training, StepPlan* plan) {
  plan->tables.resize(tables_.size());
  plan->positions.resize(tables_.size());
  plan->occurrences.resize(tables_.size());
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    TablePlan& table = plan->tables[t];
    table.table = TableId{static_cast<std::uint32_t>(t)};
    table.dim = tables_[t].dim;
    PlanTable(batch, tables_[t], &table, &plan->positions[t]);
    SplitByServer(servers_, buckets_, &table);
    if (!for_training) continue;
    BuildOccurrenceIndex(Combined(tables_[t], combiners_, batch, *plan, t), table.keys.size(),
                         batch.examples, &plan->occurrences[t]);
  }
}

std::vector<CombinedFeature> StepPlanner::Combined(const ModelTable& table,
                                                   std::span<const Combiner> combiners,
                                                   const Batch& batch, const StepPlan& plan,
                                                   std::size_t t) {
  std::vector<CombinedFeature> features(table.features.size());
  for (std::size_t i = 0; i < features.size(); ++i) {
    features[i].column = &batch.features[table.features[i]];
    features[i].combiner = combiners[table.features[i]];
    features[i].positions = plan.positions[t][i];
  }
  return features;
}

void StepPlanner::PlanTable(const Batch& batch, const ModelTable& table, TablePlan* plan,
                            std::vector<std::vector<std::uint32_t>>* positions) {
  std::size_t occurrences = 0;
  for (std::uint32_t feature : table.features) occurrences += batch.features[feature].keys.size();
  if (slots_.size() < 2 * occurrences) slots_.assign(std::bit_ceil(2 * occurrences + 16), Slot{});
  if (slots_.empty()) slots_.resize(16);
  if (++stamp_ == 0) {  // wrapped: no slot may look fresh
    slots_.assign(slots_.size(), Slot{});
    stamp_ = 1;
  }
  plan->keys.clear();
  positions->resize(table.features.size());
  for (std::size_t i = 0; i < table.features.size(); ++i) {
    const std::vector<Key>& keys = batch.features[table.features[i]].keys;
    std::vector<std::uint32_t>& rows = (*positions)[i];
    rows.resize(keys.size());
    constexpr std::size_t kAhead = 12;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t k = 0; k < keys.size(); ++k) {
      if (k + kAhead < keys.size()) __builtin_prefetch(&slots_[MixKey(keys[k + kAhead]) & mask]);
      rows[k] = Insert(keys[k], plan);
    }
  }
  SortUnique(plan, positions);
}

std::uint32_t StepPlanner::Insert(Key key, TablePlan* plan) {
  const std::uint64_t mixed = MixKey(key);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = mixed & mask;
  while (slots_[at].stamp == stamp_) {
    if (slots_[at].mixed == mixed) return slots_[at].unique;
    at = (at + 1) & mask;
  }
  const auto unique = static_cast<std::uint32_t>(plan->keys.size());
  slots_[at] = {mixed, stamp_, unique};
  plan->keys.push_back(key);
  return unique;
}

// Puts the keys into ascending order of MixKey and moves the positions along.
void StepPlanner::SortUnique(TablePlan* plan, std::vector<std::vector<std::uint32_t>>* positions) {
  const std::size_t count = plan->keys.size();
  unique_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) unique_[i] = {MixKey(plan->keys[i]), i};
  boost::sort::spreadsort::integer_sort(
      unique_.begin(), unique_.end(),
      [](const Unique& value, unsigned shift) { return value.mixed >> shift; },
      [](const Unique& a, const Unique& b) { return a.mixed < b.mixed; });
  unsorted_.assign(plan->keys.begin(), plan->keys.end());
  rank_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    plan->keys[i] = unsorted_[unique_[i].index];
    rank_[unique_[i].index] = i;
  }
  for (std::vector<std::uint32_t>& rows : *positions) {
    for (std::uint32_t& row : rows) row = rank_[row];
  }
}

}  // namespace rookery
