#include "models/classic/ease.h"

#include "common/check.h"

#define EIGEN_DONT_PARALLELIZE  // the pool does that
#include <Eigen/Cholesky>
#include <algorithm>
#include <utility>

namespace rookery {
namespace {

using Eigen::Index;
using Matrix = Eigen::MatrixXf;  // column by column

constexpr std::size_t kColumnsAtOnce = 128;

class Ease final : public ItemScorer {
 public:
  explicit Ease(Matrix weights) : weights_(std::move(weights)) {}

  void Score(const Profile& profile, std::span<float> scores) const override {
    std::ranges::fill(scores, 0.0F);
    for (const std::uint32_t item : profile.items) {
      const float* row = weights_.data() + std::size_t{item} * scores.size();
      for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += row[i];
    }
  }

 private:
  const Matrix weights_;  // [I, I]; column j: what item j adds to all scores
};

// Counts of users who have both, l2 on the diagonal.
Matrix Gram(const SparseRows& users, double l2, ComputePool* pool) {
  const SparseRows items = Transposed(users);
  const auto size = static_cast<Index>(items.rows());
  Matrix gram = Matrix::Zero(size, size);
  pool->Run(items.rows(), [&](std::size_t item, std::size_t) {
    float* const column = gram.data() + item * items.rows();
    for (const std::uint32_t user : items.Row(item)) {
      for (const std::uint32_t other : users.Row(user)) column[other] += 1;
    }
    column[item] += static_cast<float>(l2);
  });
  return gram;
}

}  // namespace

StatusOr<std::unique_ptr<ItemScorer>> FitEase(const SparseRows& users, double l2,
                                              ComputePool* pool) {
  ROOKERY_CHECK(l2 > 0);
  Matrix gram = Gram(users, l2, pool);
  const Index size = gram.rows();
  const Eigen::LLT<Eigen::Ref<Matrix>> factor(gram);  // in place
  if (factor.info() != Eigen::Success) {
    return InvalidInput("ease: l2 = ", l2, " is too small for these data; try 100 and more");
  }
  Matrix inverse = Matrix::Identity(size, size);
  const std::size_t items = users.columns;
  pool->Run((items + kColumnsAtOnce - 1) / kColumnsAtOnce, [&](std::size_t part, std::size_t) {
    const auto begin = static_cast<Index>(part * kColumnsAtOnce);
    auto columns =
        inverse.middleCols(begin, std::min(static_cast<Index>(kColumnsAtOnce), size - begin));
    factor.solveInPlace(columns);
  });
  // P is symmetric: column j of P, divided by the diagonal's P_ii, has B_ji for all i.
  const Eigen::VectorXf diagonal = inverse.diagonal();
  pool->Run(items, [&](std::size_t item, std::size_t) {
    const auto j = static_cast<Index>(item);
    inverse.col(j) = -(inverse.col(j).array() / diagonal.array()).matrix();
    inverse(j, j) = 0;
  });
  return std::unique_ptr<ItemScorer>(std::make_unique<Ease>(std::move(inverse)));
}

}  // namespace rookery
