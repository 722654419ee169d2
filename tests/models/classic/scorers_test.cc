// The classical methods of top-N against numbers computed by hand and slow references.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/classic/als.h"
#include "models/classic/content.h"
#include "models/classic/ease.h"
#include "models/classic/neighbours.h"
#include "tests/models/testing/sparse_rows_cases.h"

namespace rookery {
namespace {

// Users: {0, 1}, {0, 1, 2}, {0}, {2, 3}. Items are had by 3, 2, 2, 1 users.
SparseRows Small() {
  return Rows(4, {{0, 1}, {0, 1, 2}, {0}, {2, 3}});
}

TEST(SparseRows, ATransposedMatrixHasItsValuesBack) {
  SparseRows rows = Small();
  rows.values = {1, 2, 3, 4, 5, 6, 7, 8};
  const SparseRows columns = Transposed(rows);
  EXPECT_EQ(columns.offsets, (std::vector<std::uint64_t>{0, 3, 5, 7, 8}));
  EXPECT_EQ(columns.indices, (std::vector<std::uint32_t>{0, 1, 2, 0, 1, 1, 3, 3}));
  EXPECT_EQ(columns.values, (std::vector<float>{1, 3, 6, 2, 4, 5, 7, 8}));
  EXPECT_EQ(Transposed(columns).values, rows.values);
}

TEST(Popularity, CountsUsers) {
  EXPECT_EQ(Scores(*MakePopularityScorer(Small()), 4, {}), (std::vector<float>{3, 2, 2, 1}));
}

TEST(ItemKnn, AddsTheShrunkCosinesOfTheNearest) {
  ComputePool pool(2);
  const auto all = FitItemKnn(Small(), {.neighbours = 9, .shrinkage = 1}, &pool);
  const auto scores = Scores(*all, 4, {1, 3});
  EXPECT_FLOAT_EQ(scores[0], static_cast<float>(2 / (std::sqrt(6.0) + 1)));
  EXPECT_FLOAT_EQ(scores[1], 0);  // no neighbour of itself
  EXPECT_FLOAT_EQ(scores[2], static_cast<float>(1 / (2.0 + 1) + 1 / (std::sqrt(2.0) + 1)));
  EXPECT_FLOAT_EQ(scores[3], 0);
  // The nearest of item 2 is 3 (1 / 1.41), not 1 (1 / 2).
  const auto nearest = FitItemKnn(Small(), {.neighbours = 1, .shrinkage = 0}, &pool);
  EXPECT_FLOAT_EQ(Scores(*nearest, 4, {1, 3})[2], static_cast<float>(1 / std::sqrt(2.0)));
}

TEST(UserKnn, AddsTheNearestOthers) {
  const auto scorer = FitUserKnn(Small(), {.neighbours = 1, .shrinkage = 0});
  // Of user 0: user 1 has 2 / sqrt(6) = .816, user 2 has 1 / sqrt(2) = .707.
  const auto scores = Scores(*scorer, 4, {0, 1}, 0);
  const auto near = static_cast<float>(2 / std::sqrt(6.0));
  EXPECT_EQ(scores, (std::vector<float>{near, near, near, 0}));
  // Somebody new with the same items has user 0 as the nearest.
  EXPECT_EQ(Scores(*scorer, 4, {0, 1}), (std::vector<float>{1, 1, 0, 0}));
  EXPECT_EQ(Scores(*scorer, 4, {}), (std::vector<float>(4, 0)));
}

// Gauss-Jordan in double.
std::vector<double> Inverse(std::vector<double> a, std::size_t n) {
  std::vector<double> b(n * n);
  for (std::size_t i = 0; i < n; ++i) b[i * n + i] = 1;
  for (std::size_t p = 0; p < n; ++p) {
    const double pivot = a[p * n + p];
    for (std::size_t k = 0; k < n; ++k) a[p * n + k] /= pivot, b[p * n + k] /= pivot;
    for (std::size_t r = 0; r < n; ++r) {
      const double factor = a[r * n + p];
      for (std::size_t k = 0; k < n && r != p; ++k) {
        a[r * n + k] -= factor * a[p * n + k];
        b[r * n + k] -= factor * b[p * n + k];
      }
    }
  }
  return b;
}

TEST(Ease, IsTheInverseOfTheGram) {
  constexpr std::size_t kItems = 150;  // more than one piece
  const SparseRows users = RandomRows(90, kItems, 5);
  std::vector<double> gram(kItems * kItems);
  for (std::size_t u = 0; u < users.rows(); ++u) {
    for (const std::uint32_t i : users.Row(u)) {
      for (const std::uint32_t j : users.Row(u)) gram[i * kItems + j] += 1;
    }
  }
  for (std::size_t i = 0; i < kItems; ++i) gram[i * kItems + i] += 7;
  const std::vector<double> p = Inverse(gram, kItems);
  ComputePool pool(2);
  const auto scores = Scores(**FitEase(users, 7, &pool), kItems, {3, 140});
  for (std::size_t i = 0; i < kItems; ++i) {
    double expected = 0;
    for (const std::size_t j : {std::size_t{3}, std::size_t{140}}) {
      if (j != i) expected -= p[j * kItems + i] / p[i * kItems + i];
    }
    EXPECT_NEAR(scores[i], expected, 2e-5) << i;
  }
}

TEST(Ease, SaysThatL2IsTooSmall) {
  ComputePool pool(1);
  EXPECT_EQ(FitEase(Rows(3, std::vector<std::vector<std::uint32_t>>(1000, {0, 1, 2})), 1e-9, &pool)
                .status()
                .code(),
            Code::kInvalidInput);
}

// The gradient of the loss by the user's vector is zero where the vector was solved, so the scores
// of the profile satisfy sum_i y_i (c_i (s_i - p_i)) + l2 x = 0; with dim 1 that is an equation of
// the scores alone: s_i = x y_i.
TEST(Als, SolvesTheNormalEquations) {
  const SparseRows users = RandomRows(40, 12, 6);
  ComputePool pool(1);
  const AlsOptions options{.dim = 1, .iterations = 30, .alpha = 3, .l2 = 0.5, .seed = 2};
  const auto scorer = FitAls(users, options, &pool);
  const std::vector<std::uint32_t> profile = {1, 5, 7};
  const auto scores = Scores(*scorer, 12, profile);
  // y_i up to the factor x: x = sum of alpha-weighted y over (sum of c y^2 + l2).
  double weighted = 0, wanted = 0, squares = 0;
  for (std::uint32_t i = 0; i < 12; ++i) {
    const bool has = std::ranges::find(profile, i) != profile.end();
    weighted += (has ? 4.0 : 1.0) * scores[i] * scores[i];
    wanted += has ? 4.0 * scores[i] : 0;
    squares += scores[i] * scores[i];
  }
  // x (sum c y^2 + l2) = sum c p y, times x: weighted + l2 x^2 = wanted.
  const double x2 = (wanted - weighted) / options.l2;
  ASSERT_GT(x2, 0);
  EXPECT_GT(squares, 0.01);
  // Twice the profile's items as another user with the same y gives the same y^2 = s^2 / x^2.
  const auto other = Scores(*scorer, 12, {0, 2});
  double weighted2 = 0, wanted2 = 0;
  for (std::uint32_t i = 0; i < 12; ++i) {
    const bool has = i == 0 || i == 2;
    weighted2 += (has ? 4.0 : 1.0) * other[i] * other[i];
    wanted2 += has ? 4.0 * other[i] : 0;
  }
  const double other2 = (wanted2 - weighted2) / options.l2;
  for (std::uint32_t i = 0; i < 12; ++i) {
    EXPECT_NEAR(scores[i] * scores[i] / x2, other[i] * other[i] / other2, 1e-4) << i;
  }
}

// All pairs, in double, by elimination: the rows solved one way and then the other.
using Vectors = std::vector<std::vector<double>>;
Vectors SolveSlowly(const Vectors& wanted, const Vectors& others, const AlsOptions& options) {
  const std::size_t dim = options.dim;
  Vectors solved;
  for (const std::vector<double>& row : wanted) {
    std::vector<double> left(dim * dim), right(dim), x(dim);
    for (std::size_t i = 0; i < others.size(); ++i) {
      const double confidence = 1 + options.alpha * row[i];
      for (std::size_t a = 0; a < dim; ++a) {
        right[a] += confidence * row[i] * others[i][a];
        for (std::size_t b = 0; b < dim; ++b) {
          left[a * dim + b] += confidence * others[i][a] * others[i][b];
        }
      }
    }
    for (std::size_t a = 0; a < dim; ++a) left[a * dim + a] += options.l2;
    const std::vector<double> inverse = Inverse(left, dim);
    for (std::size_t a = 0; a < dim; ++a) {
      for (std::size_t b = 0; b < dim; ++b) x[a] += inverse[a * dim + b] * right[b];
    }
    solved.push_back(x);
  }
  return solved;
}

TEST(Als, IsThatOfASlowReference) {
  constexpr std::size_t kUsers = 70, kItems = 30;
  const AlsOptions options{.dim = 4, .iterations = 3, .alpha = 5, .l2 = 2, .seed = 1};
  const SparseRows users = RandomRows(kUsers, kItems, 8);
  Vectors wanted(kUsers, std::vector<double>(kItems)), turned(kItems, std::vector<double>(kUsers));
  for (std::size_t u = 0; u < kUsers; ++u) {
    for (const std::uint32_t i : users.Row(u)) wanted[u][i] = turned[i][u] = 1;
  }
  Random random(options.seed, Purpose::kInitializeDense);
  Vectors items(kItems, std::vector<double>(options.dim));
  for (auto& item : items) {
    for (double& value : item) value = 0.1 * (random.NextDouble() - 0.5);
  }
  for (std::size_t i = 0; i < options.iterations; ++i) {
    items = SolveSlowly(turned, SolveSlowly(wanted, items, options), options);
  }
  const std::vector<std::uint32_t> profile = {0, 2, 7};
  std::vector<double> has(kItems);
  for (const std::uint32_t i : profile) has[i] = 1;
  const std::vector<double> user = SolveSlowly({has}, items, options)[0];
  ComputePool pool(2);
  const auto scorer = FitAls(users, options, &pool);
  const auto scores = Scores(*scorer, kItems, profile);
  for (std::size_t i = 0; i < kItems; ++i) {
    const double expected = std::inner_product(user.begin(), user.end(), items[i].begin(), 0.0);
    EXPECT_NEAR(scores[i], expected, 1e-3) << i;
  }
  EXPECT_EQ(Scores(*scorer, kItems, {}), std::vector<float>(kItems, 0));  // nothing is known
}

// Attributes 0 and 1 are had by 2 of the 3 items with any, attribute 2 by 1.
TEST(Content, IsTheCosineOfRareAttributes) {
  const auto scorer = MakeContentScorer(Rows(3, {{0, 1}, {0, 2}, {1}, {}}));
  const double common = std::log(1.5), rare = std::log(3.0);
  const double length = std::sqrt(common * common + rare * rare);
  const auto scores = Scores(*scorer, 4, {1});
  EXPECT_NEAR(scores[0], common / length / std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(scores[1], 1, 1e-6);
  EXPECT_EQ(scores[2], 0);
  EXPECT_EQ(scores[3], 0);
}

TEST(Blend, AddsScoresOfEqualSpread) {
  const auto popular = MakePopularityScorer(Small());                     // 3 2 2 1
  const auto content = MakeContentScorer(Rows(2, {{0}, {0}, {1}, {1}}));  // 1 1 0 0 of {0}
  const auto scores = Scores(*MakeBlend(popular.get(), content.get(), 0.25), 4, {0});
  const double z = std::sqrt(2.0);
  EXPECT_NEAR(scores[0], 0.25 * z + 0.75, 1e-6);
  EXPECT_NEAR(scores[1], 0.75, 1e-6);
  EXPECT_NEAR(scores[2], -0.75, 1e-6);
  EXPECT_NEAR(scores[3], -0.25 * z - 0.75, 1e-6);
  // Without a profile all of content's scores are equal and count for nothing.
  EXPECT_NEAR(Scores(*MakeBlend(popular.get(), content.get(), 0.25), 4, {})[0], 0.25 * z, 1e-6);
}

TEST(ItemScorers, HaveTheSameBitsWithAnyNumberOfThreads) {
  const SparseRows users = RandomRows(300, 200, 7);
  const std::vector<std::uint32_t> profile = {3, 50, 51, 170};
  std::vector<float> first;
  for (const std::size_t threads : {1U, 2U, 5U}) {
    ComputePool pool(threads);
    std::vector<float> all;
    for (const auto& scorer : {FitItemKnn(users, {}, &pool), FitEase(users, 10, &pool).value(),
                               FitAls(users, {.dim = 8, .iterations = 3}, &pool)}) {
      const auto scores = Scores(*scorer, 200, profile);
      all.insert(all.end(), scores.begin(), scores.end());
    }
    EXPECT_EQ(all, first.empty() ? all : first) << threads;
    first = all;
  }
}

}  // namespace
}  // namespace rookery
