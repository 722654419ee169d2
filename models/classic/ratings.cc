#include "models/classic/ratings.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace rookery {
namespace {

using Number = RatingPredictor::Number;

double MeanOf(const SparseRows& ratings) {
  double sum = 0;
  for (const float value : ratings.values) sum += value;
  return sum / static_cast<double>(ratings.values.size());
}

// What is left of a row's values beyond `base` and the columns' biases, shrunk.
std::vector<double> BiasesOf(const SparseRows& rows, double base,
                             const std::vector<double>& columns, double l2) {
  std::vector<double> biases(rows.rows());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    double sum = 0;
    for (std::uint64_t at = rows.offsets[row]; at < rows.offsets[row + 1]; ++at) {
      sum += rows.values[at] - base - columns[rows.indices[at]];
    }
    const double count = l2 + static_cast<double>(rows.Length(row));
    biases[row] = count > 0 ? sum / count : 0;
  }
  return biases;
}

class Bias final : public RatingPredictor {
 public:
  Bias(const SparseRows& ratings, const BiasOptions& options)
      : mean_(MeanOf(ratings)), users_(ratings.rows()), items_(ratings.columns) {
    const SparseRows by_item = Transposed(ratings);
    for (std::uint32_t i = 0; i < options.iterations; ++i) {
      items_ = BiasesOf(by_item, mean_, users_, options.l2_item);
      users_ = BiasesOf(ratings, mean_, items_, options.l2_user);
    }
  }
  [[nodiscard]] float Predict(Number user, Number item) const override {
    return static_cast<float>(Of(user, item));
  }
  [[nodiscard]] double Of(Number user, Number item) const {
    return mean_ + (user ? users_[*user] : 0) + (item ? items_[*item] : 0);
  }

 private:
  const double mean_;
  std::vector<double> users_, items_;
};

class Knn final : public RatingPredictor {
 public:
  Knn(const SparseRows& ratings, const RatingKnnOptions& options, ComputePool* pool)
      : options_(options), bias_(ratings, options.bias), columns_(Residuals(ratings)) {
    SparseRows rows = Compared(ratings);
    SparseRows columns = Transposed(rows);
    if (options.of_users) {
      columns_ = Transposed(columns_);
    } else {
      std::swap(rows, columns);
    }
    rows_ = rows.rows();
    similarity_.resize(rows_ * rows_);
    pool->Run(rows_, [&](std::size_t row, std::size_t) { FillSimilarity(rows, columns, row); });
  }

  [[nodiscard]] float Predict(Number user, Number item) const override {
    const double base = bias_.Of(user, item);
    if (!user || !item) return static_cast<float>(base);
    const std::uint32_t row = options_.of_users ? *user : *item;
    const std::uint32_t column = options_.of_users ? *item : *user;
    std::vector<std::pair<float, std::uint64_t>> found;  // -similarity, where the value stands
    for (std::uint64_t at = columns_.offsets[column]; at < columns_.offsets[column + 1]; ++at) {
      const float similarity = similarity_[row * rows_ + columns_.indices[at]];
      if (similarity > 0 && columns_.indices[at] != row) found.emplace_back(-similarity, at);
    }
    std::ranges::sort(found);
    found.resize(std::min(found.size(), options_.neighbours));
    double sum = 0, weight = 0;
    for (const auto& [negative, at] : found) {
      sum += -negative * columns_.values[at];
      weight -= negative;
    }
    return static_cast<float>(weight > 0 ? base + sum / weight : base);
  }

 private:
  [[nodiscard]] SparseRows Residuals(SparseRows ratings) const {
    for (std::uint32_t user = 0; user < ratings.rows(); ++user) {
      for (std::uint64_t at = ratings.offsets[user]; at < ratings.offsets[user + 1]; ++at) {
        ratings.values[at] -= bias_.Predict(user, ratings.indices[at]);
      }
    }
    return ratings;
  }

  // What similarities are made of.
  [[nodiscard]] SparseRows Compared(SparseRows ratings) const {
    if (options_.similarity == RatingSimilarity::kResidual) return columns_;
    if (options_.similarity == RatingSimilarity::kCosine) return ratings;
    for (std::size_t user = 0; user < ratings.rows(); ++user) {
      const std::span<float> own =
          std::span(ratings.values).subspan(ratings.offsets[user], ratings.Length(user));
      double sum = 0;
      for (const float value : own) sum += value;
      const double mean = sum / static_cast<double>(own.size());
      for (float& value : own) value = static_cast<float>(value - mean);
    }
    return ratings;
  }

  void FillSimilarity(const SparseRows& rows, const SparseRows& columns, std::size_t row) {
    struct Sums {
      double product = 0, own = 0, other = 0, count = 0;
    };
    std::vector<Sums> sums(rows_);
    for (std::uint64_t at = rows.offsets[row]; at < rows.offsets[row + 1]; ++at) {
      const double own = rows.values[at];
      const std::uint32_t column = rows.indices[at];
      for (std::uint64_t to = columns.offsets[column]; to < columns.offsets[column + 1]; ++to) {
        const double other = columns.values[to];
        Sums& sum = sums[columns.indices[to]];
        sum.product += own * other;
        sum.own += own * own;
        sum.other += other * other;
        sum.count += 1;
      }
    }
    for (std::size_t other = 0; other < sums.size(); ++other) {
      const Sums& sum = sums[other];
      const double norm = std::sqrt(sum.own * sum.other);
      if (sum.count < 2 || norm == 0) continue;
      const double share = (sum.count - 1) / (sum.count - 1 + options_.shrinkage);
      similarity_[row * sums.size() + other] = static_cast<float>(share * sum.product / norm);
    }
  }

  const RatingKnnOptions options_;
  const Bias bias_;
  SparseRows columns_;             // ratings less biases; a row is what neighbours share
  std::size_t rows_ = 0;           // users or items, which have neighbours
  std::vector<float> similarity_;  // [rows, rows]
};

}  // namespace

std::unique_ptr<RatingPredictor> FitMean(const SparseRows& ratings) {
  return FitBias(ratings, {.iterations = 0});
}

std::unique_ptr<RatingPredictor> FitBias(const SparseRows& ratings, const BiasOptions& options) {
  return std::make_unique<Bias>(ratings, options);
}

std::unique_ptr<RatingPredictor> FitRatingKnn(const SparseRows& ratings,
                                              const RatingKnnOptions& options, ComputePool* pool) {
  return std::make_unique<Knn>(ratings, options, pool);
}

}  // namespace rookery
