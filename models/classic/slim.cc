#include "models/classic/slim.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "models/classic/neighbours.h"

namespace rookery {
namespace {

constexpr float kTolerance = 1e-3F;

// How many users have both items, [I, I].
std::vector<float> SharedUsers(const SparseRows& users, const SparseRows& items,
                               ComputePool* pool) {
  const std::size_t count = items.rows();
  std::vector<float> shared(count * count);
  pool->Run(count, [&](std::size_t item, std::size_t) {
    float* row = shared.data() + item * count;
    for (const std::uint32_t user : items.Row(item)) {
      for (const std::uint32_t other : users.Row(user)) row[other] += 1;
    }
  });
  return shared;
}

// One item's problem; keeps memory from item to item.
class Descent {
 public:
  Descent(const std::vector<float>& shared, std::size_t items, const SlimOptions& options)
      : shared_(shared), items_(items), options_(options), weights_(items), left_(items) {}

  // The weights of all items, 0 for most.
  [[nodiscard]] const std::vector<float>& Solve(std::size_t item) {
    const float* target = shared_.data() + item * items_;
    left_.assign(target, target + items_);
    std::ranges::fill(weights_, 0.0F);
    candidates_.clear();
    for (std::uint32_t i = 0; i < items_; ++i) {
      if (i != item && static_cast<double>(target[i]) > options_.l1) candidates_.push_back(i);
    }
    for (std::size_t sweep = 0; sweep < options_.sweeps; ++sweep) {
      float largest = 0;
      for (const std::uint32_t i : candidates_) largest = std::max(largest, Improve(i));
      if (largest < kTolerance) break;
    }
    return weights_;
  }

 private:
  // Sets one weight to where its part of the loss is least; returns by how much it changed.
  float Improve(std::uint32_t i) {
    const float* row = shared_.data() + std::size_t{i} * items_;
    const double own = double{row[i]};
    const double slope = double{left_[i]} + own * double{weights_[i]};
    const auto best =
        static_cast<float>(std::max(0.0, (slope - options_.l1) / (own + options_.l2)));
    const float change = best - weights_[i];
    if (change == 0) return 0;
    for (std::size_t k = 0; k < items_; ++k) left_[k] -= change * row[k];
    weights_[i] = best;
    return std::abs(change);
  }

  const std::vector<float>& shared_;
  const std::size_t items_;
  const SlimOptions options_;
  std::vector<float> weights_;
  std::vector<float> left_;  // X^T (x_j - X w)
  std::vector<std::uint32_t> candidates_;
};

}  // namespace

std::unique_ptr<ItemScorer> FitSlim(const SparseRows& users, const SlimOptions& options,
                                    ComputePool* pool) {
  const SparseRows items = Transposed(users);
  const std::vector<float> shared = SharedUsers(users, items, pool);
  std::vector<Descent> descents(pool->threads(), Descent(shared, items.rows(), options));
  std::vector<SparseRows> solved(items.rows());
  pool->Run(items.rows(), [&](std::size_t item, std::size_t thread) {
    const std::vector<float>& weights = descents[thread].Solve(item);
    for (std::uint32_t i = 0; i < weights.size(); ++i) {
      if (weights[i] == 0) continue;
      solved[item].indices.push_back(i);
      solved[item].values.push_back(weights[i]);
    }
  });
  SparseRows weights;
  weights.columns = items.rows();
  for (const SparseRows& row : solved) weights.AddRow(row.indices, row.values);
  return MakeItemWeightScorer(weights);
}

}  // namespace rookery
