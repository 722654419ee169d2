// catch_up: rows that are touched now and then end with the bits of dense updates of every row.
#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "common/random.h"
#include "ps/updater.h"

namespace rookery {
namespace {

struct Case {
  const char* name;
  UpdaterKind kind;
  float l2;
  float weight_decay;
  std::size_t dim;
};

UpdaterSpec SpecOf(const Case& c) {
  UpdaterSpec spec;
  spec.kind = c.kind;
  spec.l2 = c.l2;
  spec.weight_decay = c.weight_decay;
  spec.learning_rate = {ScheduleKind::kStep, 0.02F, 50, 100, 0, 0.5F};
  spec.clip_norm = 3;
  spec.catch_up = true;
  return spec;
}

class CatchUp : public testing::TestWithParam<Case> {};

TEST_P(CatchUp, EqualsDenseUpdatesBitByBit) {
  const Case& c = GetParam();
  const auto lazy = MakeUpdater(SpecOf(c));
  UpdaterSpec dense_spec = SpecOf(c);
  dense_spec.catch_up = false;
  const auto dense = MakeUpdater(dense_spec);
  ASSERT_TRUE(lazy->catches_up());
  ASSERT_FALSE(dense->catches_up());
  constexpr std::size_t kRows = 6;
  constexpr std::uint64_t kSteps = 700;  // more than one block of steps for the last row
  const std::size_t dim = c.dim;
  std::vector<std::vector<float>> a(kRows), b(kRows);
  Random random(9, Purpose::kTest);
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t i = 0; i < dim; ++i) a[r].push_back(static_cast<float>(random.NextNormal()));
    b[r] = a[r];
    a[r].resize(dim + lazy->StateFloats(dim));
    b[r].resize(dim + dense->StateFloats(dim));
    lazy->InitState(std::span(a[r]).subspan(dim));
    dense->InitState(std::span(b[r]).subspan(dim));
  }
  for (std::uint64_t t = 1; t <= kSteps; ++t) {
    std::vector<float*> touched, all;
    std::vector<float> gradients, padded;
    for (std::size_t r = 0; r < kRows; ++r) {
      // The last row is touched in step 1 only, the one before never, the others now and then.
      const bool touch = r == kRows - 1   ? t == 1
                         : r == kRows - 2 ? false
                                          : random.NextBelow(20) < r + 1;
      all.push_back(b[r].data());
      if (touch) touched.push_back(a[r].data());
      for (std::size_t i = 0; i < dim; ++i) {
        const float g = touch ? static_cast<float>(random.NextNormal()) : 0.0F;
        padded.push_back(g);
        if (touch) gradients.push_back(g);
      }
    }
    dense->Apply(all, padded, dim, t);
    lazy->Apply(touched, gradients, dim, t);
  }
  std::vector<float*> rows;
  for (auto& row : a) rows.push_back(row.data());
  lazy->CatchUp(rows, dim, kSteps);
  for (std::size_t r = 0; r < kRows; ++r) {
    EXPECT_EQ(std::memcmp(a[r].data(), b[r].data(), 3 * dim * sizeof(float)), 0)
        << "row " << r << ": " << a[r][0] << " and " << b[r][0];
    EXPECT_EQ(std::bit_cast<std::uint32_t>(a[r].back()), kSteps);
  }
  // A row that is there already does not move, nor does an older t take it back.
  const auto before = a;
  lazy->CatchUp(rows, dim, kSteps);
  lazy->CatchUp(rows, dim, kSteps - 5);
  for (std::size_t r = 0; r < kRows; ++r) {
    EXPECT_EQ(std::memcmp(a[r].data(), before[r].data(), a[r].size() * sizeof(float)), 0);
  }
}

TEST_P(CatchUp, LazyMovesOnlyTouchedRows) {
  UpdaterSpec spec = SpecOf(GetParam());
  spec.catch_up = false;
  const auto updater = MakeUpdater(spec);
  std::vector<float> row(3, 1.0F);
  const auto before = row;
  float* const rows[] = {row.data()};
  updater->CatchUp(rows, 1, 100);
  EXPECT_EQ(row, before);
}

INSTANTIATE_TEST_SUITE_P(All, CatchUp,
                         testing::Values(Case{"adam", UpdaterKind::kAdam, 0, 0, 16},
                                         Case{"adam_l2", UpdaterKind::kAdam, 0.01F, 0, 17},
                                         Case{"adam_dim1", UpdaterKind::kAdam, 0.01F, 0, 1},
                                         Case{"adamw", UpdaterKind::kAdamW, 0, 0.1F, 16},
                                         Case{"adamw_l2", UpdaterKind::kAdamW, 0.01F, 0.1F, 5}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace rookery
