#include "models/classic/als.h"

#include "common/check.h"
#include "common/random.h"

#define EIGEN_DONT_PARALLELIZE  // the pool does that
#include <Eigen/Cholesky>
#include <algorithm>
#include <utility>

namespace rookery {
namespace {

using Eigen::Index;
using Matrix = Eigen::MatrixXf;  // column by column: a column is the vector of a user or item
using Vector = Eigen::VectorXf;

constexpr std::size_t kRowsAtOnce = 64;

// The vector of a user by those of the items, or of an item by those of the users.
Vector Solve(const Matrix& others, const Matrix& base, std::span<const std::uint32_t> list,
             float alpha) {
  const Index dim = others.rows();
  if (list.empty()) return Vector::Zero(dim);
  Matrix own(dim, static_cast<Index>(list.size()));
  for (std::size_t i = 0; i < list.size(); ++i) {
    own.col(static_cast<Index>(i)) = others.col(static_cast<Index>(list[i]));
  }
  Matrix left = base;
  left.selfadjointView<Eigen::Lower>().rankUpdate(own, alpha);
  const Vector right = (1 + alpha) * own.rowwise().sum();
  return left.llt().solve(right);
}

// Y^T Y + l2 I
Matrix BaseOf(const Matrix& others, double l2) {
  Matrix base = others * others.transpose();
  base.diagonal().array() += static_cast<float>(l2);
  return base;
}

Matrix SolveAll(const SparseRows& rows, const Matrix& others, const AlsOptions& options,
                ComputePool* pool) {
  const Matrix base = BaseOf(others, options.l2);
  Matrix solved(others.rows(), static_cast<Index>(rows.rows()));
  pool->Run((rows.rows() + kRowsAtOnce - 1) / kRowsAtOnce, [&](std::size_t part, std::size_t) {
    const std::size_t end = std::min((part + 1) * kRowsAtOnce, rows.rows());
    for (std::size_t row = part * kRowsAtOnce; row < end; ++row) {
      solved.col(static_cast<Index>(row)) =
          Solve(others, base, rows.Row(row), static_cast<float>(options.alpha));
    }
  });
  return solved;
}

class Als final : public ItemScorer {
 public:
  Als(Matrix items, const AlsOptions& options)
      : items_(std::move(items)),
        base_(BaseOf(items_, options.l2)),
        alpha_(static_cast<float>(options.alpha)) {}

  void Score(const Profile& profile, std::span<float> scores) const override {
    const Vector user = Solve(items_, base_, profile.items, alpha_);
    Eigen::Map<Vector>(scores.data(), items_.cols()) = items_.transpose() * user;
  }

 private:
  const Matrix items_, base_;
  const float alpha_;
};

}  // namespace

std::unique_ptr<ItemScorer> FitAls(const SparseRows& users, const AlsOptions& options,
                                   ComputePool* pool) {
  ROOKERY_CHECK(options.l2 > 0 && options.alpha >= 0 && options.dim > 0);
  const SparseRows rows_of_items = Transposed(users);
  Matrix items(static_cast<Index>(options.dim), static_cast<Index>(users.columns));
  Random random(options.seed, Purpose::kInitializeDense);
  for (float& value : items.reshaped()) {
    value = static_cast<float>(0.1 * (random.NextDouble() - 0.5));
  }
  for (std::size_t i = 0; i < options.iterations; ++i) {
    const Matrix solved = SolveAll(users, items, options, pool);
    items = SolveAll(rows_of_items, solved, options, pool);
  }
  return std::make_unique<Als>(std::move(items), options);
}

}  // namespace rookery
