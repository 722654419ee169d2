#include "models/classic/neighbours.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace rookery {
namespace {

constexpr std::size_t kRowsAtOnce = 64;  // of a part of the pool

struct Neighbour {
  std::uint32_t row;
  float similarity;
};

// Finds the rows of a matrix that are most like a list of columns.
class Search {
 public:
  Search(const SparseRows& rows, const SparseRows& columns, const KnnOptions& options)
      : rows_(rows), columns_(columns), options_(options), shared_(rows.rows()) {}

  // The best first; without row `self`.
  [[nodiscard]] const std::vector<Neighbour>& Find(std::span<const std::uint32_t> list,
                                                   std::size_t self) {
    found_.clear();
    for (const std::uint32_t column : list) {
      for (const std::uint32_t row : columns_.Row(column)) {
        if (shared_[row]++ == 0) touched_.push_back(row);
      }
    }
    for (const std::uint32_t row : touched_) {
      const double norm =
          std::sqrt(static_cast<double>(list.size()) * static_cast<double>(rows_.Length(row)));
      const double similarity = shared_[row] / (norm + options_.shrinkage);
      if (row != self) found_.push_back({row, static_cast<float>(similarity)});
      shared_[row] = 0;
    }
    touched_.clear();
    const std::size_t kept = std::min(options_.neighbours, found_.size());
    std::partial_sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(kept),
                      found_.end(), [](const Neighbour& a, const Neighbour& b) {
                        return std::pair(-a.similarity, a.row) < std::pair(-b.similarity, b.row);
                      });
    found_.resize(kept);
    return found_;
  }

 private:
  const SparseRows& rows_;
  const SparseRows& columns_;
  const KnnOptions options_;
  std::vector<std::uint32_t> shared_;   // [rows]; zeros between calls
  std::vector<std::uint32_t> touched_;  // rows with a column of the list
  std::vector<Neighbour> found_;
};

class Popularity final : public ItemScorer {
 public:
  explicit Popularity(const SparseRows& users) : users_of_(users.columns) {
    for (const std::uint32_t item : users.indices) ++users_of_[item];
  }
  void Score(const Profile& /*profile*/, std::span<float> scores) const override {
    std::ranges::copy(users_of_, scores.begin());
  }

 private:
  std::vector<float> users_of_;
};

class ItemWeights final : public ItemScorer {
 public:
  explicit ItemWeights(const SparseRows& weights) : targets_(Transposed(weights)) {}

  void Score(const Profile& profile, std::span<float> scores) const override {
    std::ranges::fill(scores, 0.0F);
    for (const std::uint32_t item : profile.items) {
      for (std::uint64_t at = targets_.offsets[item]; at < targets_.offsets[item + 1]; ++at) {
        scores[targets_.indices[at]] += targets_.values[at];
      }
    }
  }

 private:
  const SparseRows targets_;  // [I, I]: the items whose scores the row adds to
};

class UserKnn final : public ItemScorer {
 public:
  UserKnn(const SparseRows& users, const KnnOptions& options)
      : users_(users), items_(Transposed(users)), options_(options) {}

  void Score(const Profile& profile, std::span<float> scores) const override {
    std::ranges::fill(scores, 0.0F);
    Search search(users_, items_, options_);
    for (const Neighbour& neighbour : search.Find(profile.items, profile.user)) {
      for (const std::uint32_t item : users_.Row(neighbour.row)) {
        scores[item] += neighbour.similarity;
      }
    }
  }

 private:
  const SparseRows users_, items_;
  const KnnOptions options_;
};

}  // namespace

std::unique_ptr<ItemScorer> MakePopularityScorer(const SparseRows& users) {
  return std::make_unique<Popularity>(users);
}

std::unique_ptr<ItemScorer> FitItemKnn(const SparseRows& users, const KnnOptions& options,
                                       ComputePool* pool) {
  const SparseRows items = Transposed(users);
  std::vector<std::vector<Neighbour>> found(items.rows());
  pool->Run((items.rows() + kRowsAtOnce - 1) / kRowsAtOnce, [&](std::size_t part, std::size_t) {
    Search search(items, users, options);
    const std::size_t end = std::min((part + 1) * kRowsAtOnce, items.rows());
    for (std::size_t item = part * kRowsAtOnce; item < end; ++item) {
      found[item] = search.Find(items.Row(item), item);
      std::ranges::sort(found[item], {}, &Neighbour::row);
    }
  });
  SparseRows neighbours;
  neighbours.columns = items.rows();
  for (const std::vector<Neighbour>& list : found) {
    for (const Neighbour& one : list) {
      neighbours.indices.push_back(one.row);
      neighbours.values.push_back(one.similarity);
    }
    neighbours.offsets.push_back(neighbours.indices.size());
  }
  return MakeItemWeightScorer(neighbours);
}

std::unique_ptr<ItemScorer> MakeItemWeightScorer(const SparseRows& weights) {
  return std::make_unique<ItemWeights>(weights);
}

std::unique_ptr<ItemScorer> FitUserKnn(const SparseRows& users, const KnnOptions& options) {
  return std::make_unique<UserKnn>(users, options);
}

}  // namespace rookery
