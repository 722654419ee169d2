#include "worker/step_plan.h"

#include <algorithm>

#include "common/check.h"
#include "common/hash.h"
#include "common/prefetch.h"

namespace rookery {
namespace {

// Occurrences whose cells are asked for in advance: a large batch's do not fit the cache.
constexpr std::size_t kAhead = 32;

}  // namespace

StepPlanner::StepPlanner(const std::vector<ModelTable>* tables, std::vector<Combiner> combiners,
                         std::uint32_t servers, std::uint32_t buckets, const PlanExtras& extras)
    : tables_(*tables),
      combiners_(std::move(combiners)),
      servers_(servers),
      buckets_(buckets),
      catalog_(extras.catalog),
      counts_(extras.counts) {}

void StepPlanner::Plan(const Batch& batch, bool for_training, StepPlan* plan) {
  plan->tables.resize(tables_.size());
  plan->positions.resize(tables_.size());
  plan->occurrences.resize(tables_.size());
  plan->catalog.rows.clear();
  plan->catalog.places.clear();
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    TablePlan& table = plan->tables[t];
    table.table = TableId{static_cast<std::uint32_t>(t)};
    table.dim = tables_[t].dim;
    const bool told = for_training && tables_[t].told_from_catalog;
    PlanTable(batch, tables_[t], &table, &plan->positions[t], told ? &plan->catalog : nullptr);
    if (told) FindPlaces(tables_[t], plan->positions[t], &plan->catalog);
    SplitByServer(servers_, buckets_, &table);
    if (for_training) IndexOccurrences(batch, tables_[t], &plan->occurrences[t]);
    if (for_training && counts_) CountOccurrences(&table);
  }
}

PooledVector<CombinedFeature> StepPlanner::Combined(const ModelTable& table,
                                                    std::span<const Combiner> combiners,
                                                    const Batch& batch, const StepPlan& plan,
                                                    std::size_t t) {
  PooledVector<CombinedFeature> features(table.features.size());
  for (std::size_t i = 0; i < features.size(); ++i) {
    features[i].column = &batch.features[table.features[i]];
    features[i].combiner = combiners[table.features[i]];
    features[i].positions = plan.positions[t][i];
  }
  return features;
}

std::optional<StepPlanner::Owner> StepPlanner::OwnerOf(const ModelTable& table, const Batch& batch,
                                                       std::uint32_t vector) {
  const std::size_t features = table.features.size();
  std::size_t place = vector;
  if (place < batch.examples * features) {
    return Owner{static_cast<std::uint32_t>(place % features),
                 static_cast<std::uint32_t>(place / features)};
  }
  place -= batch.examples * features;
  std::size_t input = features;
  while (input < table.inputs() && place >= batch.features[table.input(input)].keys.size()) {
    place -= batch.features[table.input(input++)].keys.size();
  }
  if (input == table.inputs()) return std::nullopt;
  const std::vector<std::uint32_t>& offsets = batch.features[table.input(input)].offsets;
  const auto after = std::upper_bound(offsets.begin(), offsets.end(), place);
  return Owner{static_cast<std::uint32_t>(input),
               static_cast<std::uint32_t>(after - offsets.begin() - 1)};
}

void StepPlanner::PlanTable(const Batch& batch, const ModelTable& table, TablePlan* plan,
                            Positions* positions, CatalogPlan* catalog) {
  const std::size_t inputs = table.inputs();
  keys_.resize(inputs);
  rows_.resize(inputs);
  positions->resize(inputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    keys_[i] = batch.features[table.input(i)].keys;
    (*positions)[i].resize(keys_[i].size());
    rows_[i] = (*positions)[i].data();
  }
  if (catalog != nullptr) {
    catalog->rows.resize(catalog_.size());
    keys_.push_back(catalog_);
    rows_.push_back(catalog->rows.data());
  }
  sort_.Sort(keys_, rows_);
  if (Number(plan)) return;
  sort_.SeparateKeys();
  (void)Number(plan);
}

bool StepPlanner::Number(TablePlan* plan) {
  const std::size_t count = sort_.size();
  plan->keys.resize(count);
  row_ends_.resize(count);
  if (count == 0) return true;
  Key* keys = plan->keys.data();
  std::uint32_t* row_ends = row_ends_.data();
  std::uint64_t last = sort_.MixedAt(0);
  std::uint32_t row = 0;
  bool separate = true;
  // Without branches: what a row has so far is written again with each of its occurrences.
  for (std::size_t i = 0; i < count; ++i) {
    PrefetchToWrite(sort_.CellAt(std::min(i + kAhead, count - 1)));
    const std::uint64_t mixed = sort_.MixedAt(i);
    const bool next = mixed != last;
    separate &= !(next & sort_.SamePrefix(i - (i > 0 ? 1 : 0), i));
    row += next ? 1U : 0U;
    last = mixed;
    keys[row] = mixed;
    row_ends[row] = static_cast<std::uint32_t>(i + 1);
    *sort_.CellAt(i) = row;
  }
  plan->keys.resize(row + 1);
  row_ends_.resize(row + 1);
  for (Key& key : plan->keys) key = UnmixKey(key);
  return separate;
}

void StepPlanner::FindPlaces(const ModelTable& table, const Positions& positions,
                             CatalogPlan* catalog) {
  places_.assign(row_ends_.size(), CatalogRows::kNowhere);
  for (std::size_t i = 0; i < catalog->rows.size(); ++i) {
    places_[catalog->rows[i]] = static_cast<std::uint32_t>(i);
  }
  for (std::size_t i = 0; i < table.inputs(); ++i) {
    if (table.input(i) != *table.told_from_catalog) continue;
    catalog->places.resize(positions[i].size());
    std::ranges::transform(positions[i], catalog->places.begin(),
                           [this](std::uint32_t row) { return places_[row]; });
  }
}

void StepPlanner::CountOccurrences(TablePlan* plan) const {
  plan->counts.resize(row_ends_.size());
  std::uint32_t begin = 0;
  for (std::size_t row = 0; row < row_ends_.size(); ++row) {
    plan->counts[row] = row_ends_[row] - begin;
    begin = row_ends_[row];
  }
}

void StepPlanner::IndexOccurrences(const Batch& batch, const ModelTable& table,
                                   OccurrenceIndex* index) {
  FindVectors(batch, table);
  index->offsets.resize(row_ends_.size() + 1);
  index->offsets[0] = 0;
  std::copy(row_ends_.begin(), row_ends_.end(), index->offsets.begin() + 1);
  index->entries.resize(sort_.size());
  Entry* entries = index->entries.data();
  for (std::size_t i = 0; i < sort_.size(); ++i) {
    const Vectors& vectors = vectors_[sort_.FeatureAt(i)];
    const std::size_t place = sort_.PlaceAt(i);
    if (vectors.listed.empty()) {
      entries[i] = {static_cast<std::uint32_t>(vectors.first + place * vectors.step), 1.0F};
    } else {
      entries[i] = vectors.listed[place];
    }
  }
}

void StepPlanner::FindVectors(const Batch& batch, const ModelTable& table) {
  const std::size_t features = table.features.size();
  vectors_.resize(std::max(vectors_.size(), keys_.size()));
  std::size_t next = batch.examples * features;  // behind the combined ones
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    Vectors& vectors = vectors_[i];
    vectors.listed.clear();
    if (i >= features) {
      vectors.first = next;
      vectors.step = 1;
      next += keys_[i].size();
      continue;
    }
    const std::uint32_t input = table.input(i);
    vectors.first = i;
    vectors.step = features;
    const CombinedFeature feature{&batch.features[input], combiners_[input], {}};
    if (IsCopy(feature)) continue;
    vectors.listed.resize(keys_[i].size());
    ListOccurrences(feature, batch.examples, static_cast<std::uint32_t>(i), features,
                    vectors.listed.data());
  }
  ROOKERY_CHECK(next <= 0xffffffffU);
}

}  // namespace rookery
