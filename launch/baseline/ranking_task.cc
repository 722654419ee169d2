// Top-N from lines "user item item ...": the trainer's catalog, masks and metrics.
#include <algorithm>
#include <cmath>
#include <utility>

#include "data/ranking_case.h"
#include "data/sequence_reader.h"
#include "launch/baseline/baseline_task.h"
#include "launch/job_sequences.h"
#include "models/classic/als.h"
#include "models/classic/content.h"
#include "models/classic/ease.h"
#include "models/classic/neighbours.h"
#include "models/classic/slim.h"
#include "models/item_ranking.h"
#include "models/ranking_metrics.h"

namespace rookery {
namespace {

constexpr std::size_t kUsersAtOnce = 64;
constexpr std::size_t kUserFloats = 64;  // of memory for one user's scratch, a guess

struct User {
  std::size_t row = Profile::kUnknown;
  RankingCase items;
};

struct RankingData {
  Catalog catalog;
  std::vector<Key> names;  // of users with training items, ascending
  SparseRows users;        // [U, I], in that order
  SparseRows attributes;   // [I, A]; no rows: none were given
  std::vector<User> valid, test;
  bool sampled = false;  // RankingCase::ranked says what is ranked
};

InputOptions InputOf(const Job& job, std::vector<std::string> files) {
  InputOptions input;
  input.files = std::move(files);
  input.chunk_examples = job.data.chunk_examples;
  return input;
}

StatusOr<std::vector<User>> ReadUsers(FileSystem& files, const FittedSchema& lines,
                                      const InputOptions& input, const RankingData& data,
                                      const SequenceOptions& sequence, const RankingRule& rule) {
  std::vector<User> users;
  const auto reader =
      MakeRankingReader(MakeInputReader(&files, &lines, input), &data.catalog, sequence, rule.set);
  const std::vector<Key>& names = data.names;
  ROOKERY_RETURN_IF_ERROR(ForEachBatch(reader.get(), input.files.size(), [&](const Batch& batch) {
    for (std::size_t i = 0; i < batch.examples; ++i) {
      const Key name = batch.features[kUserFeature].keys[i];
      const auto found = std::ranges::lower_bound(names, name);
      const bool known = found != names.end() && *found == name;
      const auto row = static_cast<std::size_t>(found - names.begin());
      users.push_back(
          {known ? row : Profile::kUnknown, RankingCaseOf(data.catalog, rule, batch, i)});
    }
  }));
  return users;
}

// The catalog knows what a user has, but not who there is.
Status FillUsers(FileSystem& files, const FittedSchema& lines, const InputOptions& train,
                 RankingData* data) {
  std::vector<Key>& names = data->names;
  const auto reader = MakeInputReader(&files, &lines, train);
  ROOKERY_RETURN_IF_ERROR(ForEachBatch(reader.get(), train.files.size(), [&](const Batch& batch) {
    const std::vector<Key>& keys = batch.features[kUserFeature].keys;
    names.insert(names.end(), keys.begin(), keys.end());
  }));
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::erase_if(names, [&](Key name) { return data->catalog.TrainItems(name).empty(); });
  data->users.columns = data->catalog.keys().size();
  for (const Key name : names) data->users.AddRow(data->catalog.TrainItems(name));
  return OkStatus();
}

// Lines "item attribute ...", whose items get the keys that they have in the job's lines.
StatusOr<SparseRows> ReadAttributes(FileSystem& files, const Schema& lines,
                                    const std::vector<std::string>& patterns,
                                    const Catalog& catalog) {
  FittedSchema fitted;
  fitted.schema = lines;
  Column item = lines.columns[1];
  if (item.space.empty()) item.space = item.name;
  item.type = ColumnType::kCategorical;
  Column attribute;
  attribute.name = attribute.space = "attribute";
  attribute.type = ColumnType::kList;
  fitted.schema.columns = {item, attribute};
  InputOptions input;
  ROOKERY_ASSIGN_OR_RETURN(input.files, ExpandFiles(files, patterns));
  std::vector<std::vector<Key>> keys(catalog.keys().size());
  std::vector<Key> all;
  const auto reader = MakeInputReader(&files, &fitted, input);
  ROOKERY_RETURN_IF_ERROR(ForEachBatch(reader.get(), input.files.size(), [&](const Batch& batch) {
    const FeatureColumn& column = batch.features[1];
    for (std::size_t i = 0; i < batch.examples; ++i) {
      const auto found = catalog.Find(batch.features[0].keys[i]);
      for (std::size_t k = column.Begin(i); found && k < column.End(i); ++k) {
        keys[*found].push_back(column.keys[k]);
        all.push_back(column.keys[k]);
      }
    }
  }));
  if (all.empty()) {
    return InvalidInput(input.files.front(),
                        ": no item of the training data has an attribute; a line is \"item "
                        "attribute attribute ...\" with the items as the training files name them");
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  SparseRows rows;
  rows.columns = all.size();
  for (std::vector<Key>& list : keys) {
    std::ranges::sort(list);
    list.erase(std::unique(list.begin(), list.end()), list.end());
    std::vector<std::uint32_t> row;
    for (const Key key : list) {
      row.push_back(static_cast<std::uint32_t>(std::ranges::lower_bound(all, key) - all.begin()));
    }
    rows.AddRow(row);
  }
  return rows;
}

class FittedRanking final : public FittedBaseline {
 public:
  FittedRanking(const RankingData* data, ComputePool* pool, std::unique_ptr<ItemScorer> scorer)
      : data_(*data), pool_(*pool), scorer_(std::move(scorer)) {}

  [[nodiscard]] const ItemScorer& scorer() const { return *scorer_; }

  [[nodiscard]] MetricValues Measure(BaselineSet set) const override {
    const std::vector<User>& users = set == BaselineSet::kTest ? data_.test : data_.valid;
    std::vector<std::vector<std::uint32_t>> lists(users.size());
    std::vector<RankingSums> sums((users.size() + kUsersAtOnce - 1) / kUsersAtOnce);
    pool_.Run(sums.size(), [&](std::size_t part, std::size_t) {
      std::vector<float> scores(data_.catalog.keys().size());
      const std::size_t end = std::min((part + 1) * kUsersAtOnce, users.size());
      for (std::size_t u = part * kUsersAtOnce; u < end; ++u) {
        const RankingCase& items = users[u].items;
        scorer_->Score({users[u].row, items.known}, scores);
        lists[u] = data_.sampled ? BestAmong(scores, items.ranked, RankingSums::kLongest)
                                 : BestOf(scores, items.masked, RankingSums::kLongest);
        sums[part].Add(RanksOf(items.wanted, lists[u]), items.wanted_count);
      }
    });
    RankingSums all;
    for (const RankingSums& one : sums) all.Merge(one);
    if (data_.sampled) return all.Values();
    const Catalog& catalog = data_.catalog;
    for (const auto& list : lists) all.AddList(list, catalog.users_of(), catalog.users());
    return all.Values();
  }

 private:
  const RankingData& data_;
  ComputePool& pool_;
  const std::unique_ptr<ItemScorer> scorer_;
};

class RankingTask final : public BaselineTask {
 public:
  RankingTask(std::unique_ptr<RankingData> data, const Job& job, const BaselineOptions& options,
              ComputePool* pool)
      : data_(std::move(data)), seed_(job.seed), options_(options), pool_(pool) {}

  [[nodiscard]] bool has_valid() const override { return !data_->valid.empty(); }
  [[nodiscard]] bool ranks() const override { return true; }
  [[nodiscard]] std::vector<BaselineMethod> methods() const override {
    const BaselineSetting shrinkage = {"shrinkage", 10, 0, false, {0, 10, 100}};
    std::vector<BaselineMethod> methods = {
        {"popularity", {}},
        {"item_knn", {{"neighbours", 100, 1, true, {20, 100, 400}}, shrinkage}},
        {"user_knn", {{"neighbours", 100, 1, true, {50, 100, 200, 400}}, shrinkage}},
        {"als",
         {{"dim", 64, 1, true, {64}},
          {"iterations", 10, 1, true, {10}},
          {"alpha", 10, 0, false, {2, 10}},
          {"l2", 30, 1e-6, false, {10, 30, 100}}}},
        {"ease", {{"l2", 300, 1e-3, false, {100, 300, 1000}}}},
        {"slim", {{"l1", 5, 0, false, {1, 5, 20}}, {"l2", 100, 0, false, {100, 500}}}}};
    if (data_->attributes.rows() > 0) methods.push_back({"content", {}});
    return methods;
  }

  StatusOr<std::unique_ptr<FittedBaseline>> Fit(const std::string& method,
                                                const Settings& settings) override {
    const auto at = [&](const char* name) { return settings.at(name); };
    const auto whole = [&](const char* name) { return static_cast<std::size_t>(at(name)); };
    ROOKERY_RETURN_IF_ERROR(CheckBaselineMemory(options_, method, BytesOf(method, settings)));
    if (method == "popularity") return Fitted(MakePopularityScorer(data_->users));
    if (method == "content") return Fitted(MakeContentScorer(data_->attributes));
    if (method == "ease") {
      ROOKERY_ASSIGN_OR_RETURN(auto ease, FitEase(data_->users, at("l2"), pool_));
      return Fitted(std::move(ease));
    }
    if (method == "slim") {
      return Fitted(FitSlim(data_->users, {.l1 = at("l1"), .l2 = at("l2")}, pool_));
    }
    if (method == "als") {
      const AlsOptions als{whole("dim"), whole("iterations"), at("alpha"), at("l2"), seed_};
      return Fitted(FitAls(data_->users, als, pool_));
    }
    const KnnOptions knn{whole("neighbours"), at("shrinkage")};
    if (method == "user_knn") return Fitted(FitUserKnn(data_->users, knn));
    return Fitted(FitItemKnn(data_->users, knn, pool_));
  }

  std::unique_ptr<FittedBaseline> Blend(const FittedBaseline& a, const FittedBaseline& b,
                                        double weight) override {
    return Fitted(MakeBlend(&dynamic_cast<const FittedRanking&>(a).scorer(),
                            &dynamic_cast<const FittedRanking&>(b).scorer(), weight));
  }

 private:
  std::unique_ptr<FittedBaseline> Fitted(std::unique_ptr<ItemScorer> scorer) {
    return std::make_unique<FittedRanking>(data_.get(), pool_, std::move(scorer));
  }
  [[nodiscard]] std::uint64_t BytesOf(const std::string& method, const Settings& settings) const {
    const SparseRows& users = data_->users;
    const std::uint64_t items = users.columns;
    const std::uint64_t lists = 12 * users.indices.size() + kUserFloats * users.rows();
    // Beside what is fitted there is the best one before.
    if (method == "ease") return lists + EaseBytes(items) + EaseBytes(items) / 2;
    if (method == "slim") return lists + SlimBytes(items);
    if (method == "als") {
      const auto dim = static_cast<std::uint64_t>(std::min(settings.at("dim"), 1e6));
      return lists + 4 * dim * (2 * (users.rows() + items) + 4 * dim);
    }
    if (method == "item_knn") {
      const double kept = std::min(settings.at("neighbours"), static_cast<double>(items));
      return lists + 24 * items * static_cast<std::uint64_t>(kept);
    }
    return 2 * lists;
  }

  const std::unique_ptr<RankingData> data_;
  const std::uint64_t seed_;
  const BaselineOptions& options_;
  ComputePool* const pool_;
};

}  // namespace

StatusOr<std::unique_ptr<BaselineTask>> OpenRankingTask(FileSystem& files, const Job& job,
                                                        const BaselineOptions& options,
                                                        ComputePool* pool) {
  FittedSchema lines;
  lines.schema = job.data.schema;
  SequenceOptions sequence = job.data.sequence;
  sequence.examples = SequenceExamples::kPairs;
  ROOKERY_ASSIGN_OR_RETURN(auto train, ExpandFiles(files, job.data.train));
  ROOKERY_ASSIGN_OR_RETURN(auto valid, ExpandFiles(files, job.data.valid));
  ROOKERY_ASSIGN_OR_RETURN(auto test, ExpandFiles(files, job.data.test));
  const InputOptions train_input = InputOf(job, std::move(train));
  const InputOptions valid_input = InputOf(job, std::move(valid));
  const InputOptions test_input = InputOf(job, std::move(test));
  auto data = std::make_unique<RankingData>();
  ROOKERY_ASSIGN_OR_RETURN(data->catalog,
                           ReadCatalog(&files, lines, {train_input, valid_input, sequence}));
  ROOKERY_RETURN_IF_ERROR(FillUsers(files, lines, train_input, data.get()));
  ROOKERY_ASSIGN_OR_RETURN(data->valid,
                           ReadUsers(files, lines, valid_input, *data, sequence,
                                     RankingRuleOf(sequence, SequenceSet::kValid, job.seed)));
  ROOKERY_ASSIGN_OR_RETURN(data->test,
                           ReadUsers(files, lines, test_input, *data, sequence,
                                     RankingRuleOf(sequence, SequenceSet::kTest, job.seed)));
  data->sampled = sequence.rank_negatives > 0;
  if (!options.attributes.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(data->attributes, ReadAttributes(files, job.data.schema,
                                                              options.attributes, data->catalog));
  }
  return std::unique_ptr<BaselineTask>(
      std::make_unique<RankingTask>(std::move(data), job, options, pool));
}

}  // namespace rookery
