// Ratings: rows of a user, an item and a number.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "launch/baseline/baseline_task.h"
#include "models/classic/ratings.h"
#include "models/metrics.h"

namespace rookery {
namespace {

constexpr std::size_t kRatingsMax = std::size_t{1} << 27U;

struct Rating {
  Key user;
  Key item;
  float value;
};

struct RatingData {
  std::vector<Key> users, items;  // ascending: the numbers of the training data's keys
  SparseRows ratings;             // [U, I]; of repeated ones the last
  std::vector<Rating> valid, test;
};

RatingPredictor::Number NumberOf(const std::vector<Key>& keys, Key key) {
  const auto found = std::ranges::lower_bound(keys, key);
  if (found == keys.end() || *found != key) return std::nullopt;
  return static_cast<std::uint32_t>(found - keys.begin());
}

StatusOr<std::vector<Rating>> ReadRatings(FileSystem& files, const FittedSchema& fitted,
                                          const InputOptions& input) {
  std::vector<Rating> ratings;
  const auto reader = MakeInputReader(&files, &fitted, input);
  bool full = false;
  ROOKERY_RETURN_IF_ERROR(ForEachBatch(reader.get(), input.files.size(), [&](const Batch& batch) {
    full = full || ratings.size() + batch.examples > kRatingsMax;
    for (std::size_t i = 0; i < batch.examples && !full; ++i) {
      ratings.push_back({batch.features[0].keys[i], batch.features[1].keys[i], batch.labels[i]});
    }
  }));
  if (full) {
    return InvalidInput("more than ", kRatingsMax, " ratings; `baseline` keeps them in memory");
  }
  return ratings;
}

std::vector<Key> Numbered(const std::vector<Rating>& ratings, Key Rating::*key) {
  std::vector<Key> keys;
  for (const Rating& rating : ratings) keys.push_back(rating.*key);
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

void FillRows(std::vector<Rating> ratings, RatingData* data) {
  std::ranges::stable_sort(ratings, {},
                           [](const Rating& one) { return std::pair(one.user, one.item); });
  data->users = Numbered(ratings, &Rating::user);
  data->items = Numbered(ratings, &Rating::item);
  data->ratings.columns = data->items.size();
  for (std::size_t i = 0; i < ratings.size(); ++i) {
    const bool last = i + 1 == ratings.size();
    const bool ends_user = last || ratings[i + 1].user != ratings[i].user;
    if (ends_user || ratings[i + 1].item != ratings[i].item) {
      data->ratings.indices.push_back(*NumberOf(data->items, ratings[i].item));
      data->ratings.values.push_back(ratings[i].value);
    }
    if (ends_user) data->ratings.offsets.push_back(data->ratings.indices.size());
  }
}

class FittedRating final : public FittedBaseline {
 public:
  FittedRating(const RatingData* data, ComputePool* pool,
               std::unique_ptr<RatingPredictor> predictor)
      : data_(*data), pool_(*pool), predictor_(std::move(predictor)) {}

  [[nodiscard]] MetricValues Measure(BaselineSet set) const override {
    constexpr std::size_t kAtOnce = 1024;
    const std::vector<Rating>& ratings = set == BaselineSet::kTest ? data_.test : data_.valid;
    if (ratings.empty()) return {};
    std::vector<float> scores(ratings.size()), labels(ratings.size());
    pool_.Run((ratings.size() + kAtOnce - 1) / kAtOnce, [&](std::size_t part, std::size_t) {
      const std::size_t end = std::min((part + 1) * kAtOnce, ratings.size());
      for (std::size_t i = part * kAtOnce; i < end; ++i) {
        scores[i] = predictor_->Predict(NumberOf(data_.users, ratings[i].user),
                                        NumberOf(data_.items, ratings[i].item));
        labels[i] = ratings[i].value;
      }
    });
    MetricSums sums(TaskKind::kRegression);
    sums.Add(scores, labels, {});
    return sums.Values();
  }

 private:
  const RatingData& data_;
  ComputePool& pool_;
  const std::unique_ptr<RatingPredictor> predictor_;
};

struct KnnMethod {
  std::string_view name;
  bool of_users;
  RatingSimilarity similarity;
};
constexpr std::array<KnnMethod, 6> kKnnMethods = {
    {{"item_knn", false, RatingSimilarity::kResidual},
     {"item_knn_cosine", false, RatingSimilarity::kCosine},
     {"item_knn_adjusted", false, RatingSimilarity::kAdjustedCosine},
     {"user_knn", true, RatingSimilarity::kResidual},
     {"user_knn_cosine", true, RatingSimilarity::kCosine},
     {"user_knn_adjusted", true, RatingSimilarity::kAdjustedCosine}}};

class RatingTask final : public BaselineTask {
 public:
  RatingTask(std::unique_ptr<RatingData> data, const BaselineOptions& options, ComputePool* pool)
      : data_(std::move(data)), options_(options), pool_(pool) {}

  [[nodiscard]] bool has_valid() const override { return !data_->valid.empty(); }
  [[nodiscard]] bool ranks() const override { return false; }
  [[nodiscard]] std::vector<BaselineMethod> methods() const override {
    const BaselineSetting user = {"l2_user", 15, 1e-6, false, {5, 15}};
    const BaselineSetting item = {"l2_item", 10, 1e-6, false, {3, 10}};
    const std::vector<BaselineSetting> knn = {{"neighbours", 40, 1, true, {20, 40, 80}},
                                              {"shrinkage", 100, 0, false, {30, 100, 300}},
                                              {"l2_user", 15, 1e-6, false, {15}},
                                              {"l2_item", 10, 1e-6, false, {10}}};
    std::vector<BaselineMethod> all = {{"mean", {}}, {"bias", {user, item}}};
    for (const KnnMethod& method : kKnnMethods) all.push_back({std::string(method.name), knn});
    return all;
  }

  StatusOr<std::unique_ptr<FittedBaseline>> Fit(const std::string& method,
                                                const Settings& settings) override {
    if (method == "mean") return Fitted(FitMean(data_->ratings));
    const BiasOptions bias{settings.at("l2_user"), settings.at("l2_item")};
    if (method == "bias") return Fitted(FitBias(data_->ratings, bias));
    const KnnMethod& knn_method = *std::ranges::find(kKnnMethods, method, &KnnMethod::name);
    const std::uint64_t rows = knn_method.of_users ? data_->users.size() : data_->items.size();
    ROOKERY_RETURN_IF_ERROR(CheckBaselineMemory(
        options_, method, 4 * rows * rows + 24 * data_->ratings.indices.size()));
    const RatingKnnOptions knn{bias, static_cast<std::size_t>(settings.at("neighbours")),
                               settings.at("shrinkage"), knn_method.of_users,
                               knn_method.similarity};
    return Fitted(FitRatingKnn(data_->ratings, knn, pool_));
  }

  std::unique_ptr<FittedBaseline> Blend(const FittedBaseline& /*a*/, const FittedBaseline& /*b*/,
                                        double /*weight*/) override {
    return nullptr;
  }

 private:
  std::unique_ptr<FittedBaseline> Fitted(std::unique_ptr<RatingPredictor> predictor) {
    return std::make_unique<FittedRating>(data_.get(), pool_, std::move(predictor));
  }

  const std::unique_ptr<RatingData> data_;
  const BaselineOptions& options_;
  ComputePool* const pool_;
};

Status CheckColumns(const Job& job) {
  const std::vector<Feature> features = LayoutOf(job.data.schema).features;
  if (features.size() == 2 && !features[0].list && !features[1].list) return OkStatus();
  return InvalidInput(
      "baselines of ratings read two categorical columns, the user and the item, "
      "and the rating as label; other columns need the type \"ignore\"");
}

}  // namespace

StatusOr<std::unique_ptr<BaselineTask>> OpenRatingTask(FileSystem& files, const Job& job,
                                                       const BaselineOptions& options,
                                                       ComputePool* pool) {
  ROOKERY_RETURN_IF_ERROR(CheckColumns(job));
  if (!options.attributes.empty()) {
    return InvalidInput(
        "--attributes: ratings have no method that uses them; they are for "
        "data.format = \"sequence\"");
  }
  InputOptions input;
  input.chunk_examples = job.data.chunk_examples;
  ROOKERY_ASSIGN_OR_RETURN(input.files, ExpandFiles(files, job.data.train));
  ROOKERY_ASSIGN_OR_RETURN(const FittedSchema fitted,
                           FitSchema(&files, job.data.schema, input, job.data.fit_examples));
  auto data = std::make_unique<RatingData>();
  ROOKERY_ASSIGN_OR_RETURN(auto train, ReadRatings(files, fitted, input));
  if (train.empty()) return InvalidInput(input.files.front(), ": no ratings");
  FillRows(std::move(train), data.get());
  ROOKERY_ASSIGN_OR_RETURN(input.files, ExpandFiles(files, job.data.valid));
  ROOKERY_ASSIGN_OR_RETURN(data->valid, ReadRatings(files, fitted, input));
  ROOKERY_ASSIGN_OR_RETURN(input.files, ExpandFiles(files, job.data.test));
  ROOKERY_ASSIGN_OR_RETURN(data->test, ReadRatings(files, fitted, input));
  return std::unique_ptr<BaselineTask>(
      std::make_unique<RatingTask>(std::move(data), options, pool));
}

}  // namespace rookery
