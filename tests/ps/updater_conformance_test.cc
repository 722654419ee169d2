// Every update rule against the float64 reference, and what all rules must keep: a batch is many
// singles, only their row is touched, saving changes nothing.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "common/random.h"
#include "ps/updater.h"
#include "tests/ps/testing/updater_reference.h"
#include "tests/ps/testing/updater_rows.h"

namespace rookery {
namespace {

class UpdaterConformance : public testing::TestWithParam<UpdaterSpec> {};

TEST_P(UpdaterConformance, FollowsTheFloat64Reference) {
  const UpdaterSpec& spec = GetParam();
  const auto updater = MakeUpdater(spec);
  for (const std::size_t dim : {1, 7, 8, 9, 16, 17, 33}) {
    Random random(5, Purpose::kTest, dim);
    std::vector<float> start(dim);
    for (float& x : start) x = static_cast<float>(random.NextNormal());
    ReferenceRow reference(spec, start);
    auto row = NewRow(*updater, start);
    for (std::uint64_t t = 1; t <= 200; ++t) {
      std::vector<float> g(dim);
      for (float& x : g) x = static_cast<float>(random.NextNormal());
      Touch(*updater, &row, g, t);
      ReferenceStep(spec, &reference, {g.begin(), g.end()}, t);
    }
    for (std::size_t i = 0; i < dim; ++i) {
      EXPECT_NEAR(row[i], reference.w[i], 1e-5 * std::max(1.0, std::fabs(reference.w[i])))
          << UpdaterName(spec.kind) << " dim " << dim << " element " << i;
    }
  }
}

TEST_P(UpdaterConformance, ABatchIsManySingles) {
  const auto updater = MakeUpdater(GetParam());
  constexpr std::size_t kDim = 9;
  constexpr std::size_t kRows = 5;
  Random random(6, Purpose::kTest);
  std::vector<std::vector<float>> together;
  std::vector<float> g(kRows * kDim);
  for (float& x : g) x = static_cast<float>(random.NextNormal());
  for (std::size_t r = 0; r < kRows; ++r) {
    together.push_back(NewRow(*updater, std::vector<float>(kDim, 0.25F * static_cast<float>(r))));
  }
  auto single = together;
  std::vector<float*> rows;
  for (auto& row : together) rows.push_back(row.data());
  for (std::uint64_t t = 1; t <= 3; ++t) {
    updater->Apply(rows, g, kDim, t);
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto begin = g.begin() + static_cast<std::ptrdiff_t>(r * kDim);
      Touch(*updater, &single[r], {begin, begin + kDim}, t);
    }
  }
  EXPECT_EQ(together, single);
}

TEST_P(UpdaterConformance, TouchesOnlyItsRow) {
  const auto updater = MakeUpdater(GetParam());
  for (const std::size_t dim : {1, 8, 16, 19}) {
    const std::size_t floats = dim + updater->StateFloats(dim);
    std::vector<float> memory(floats + 2, 77);
    updater->InitState(std::span(memory).subspan(1 + dim, floats - dim));
    float* const rows[] = {memory.data() + 1};
    updater->Apply(rows, std::vector<float>(dim, 0.5F), dim, 1);
    updater->CatchUp(rows, dim, 3);
    EXPECT_EQ(memory.front(), 77);
    EXPECT_EQ(memory.back(), 77);
  }
}

TEST_P(UpdaterConformance, SaveRestoreContinueIsBitEqual) {
  const auto updater = MakeUpdater(GetParam());
  constexpr std::size_t kDim = 12;
  auto row = NewRow(*updater, std::vector<float>(kDim, 0.5F));
  std::vector<float> g(kDim);
  Random random(7, Purpose::kTest);
  std::vector<float> saved;
  std::unique_ptr<Updater> fresh;
  for (std::uint64_t t = 1; t <= 20; ++t) {
    for (float& x : g) x = static_cast<float>(random.NextNormal());
    Touch(*updater, &row, g, t);
    if (fresh != nullptr) Touch(*fresh, &saved, g, t);
    if (t == 9) {
      saved = row;
      fresh = MakeUpdater(GetParam());
    }
  }
  EXPECT_EQ(std::memcmp(saved.data(), row.data(), row.size() * sizeof(float)), 0);
}

TEST_P(UpdaterConformance, DenseIsRowsOfOneElement) {
  const UpdaterSpec spec = GetParam();
  const auto updater = MakeUpdater(spec);
  constexpr std::size_t kSize = 37;
  const std::size_t states = updater->StateFloats(1);
  std::vector<float> weights(kSize), g(kSize), state(states * kSize);
  Random random(8, Purpose::kTest);
  for (float& x : weights) x = static_cast<float>(random.NextNormal());
  for (float& x : g) x = 0.1F * static_cast<float>(random.NextNormal());
  std::vector<std::vector<float>> rows;
  for (const float w : weights) rows.push_back(NewRow(*updater, {w}));
  std::vector<float*> kinds;
  for (std::size_t k = 0; k < states; ++k) {
    for (std::size_t i = 0; i < kSize; ++i) state[k * kSize + i] = rows[i][1 + k];
    kinds.push_back(state.data() + k * kSize);
  }
  for (std::uint64_t t = 1; t <= 4; ++t) {
    std::vector<float> prepared = g;  // what the front does, which dense parameters do themselves
    if (spec.l2 != 0 && spec.kind != UpdaterKind::kFtrl) {
      for (std::size_t i = 0; i < kSize; ++i) prepared[i] = g[i] + spec.l2 * weights[i];
    }
    if (updater->trusts_blocks()) {
      for (std::size_t i = 0; i < kSize; ++i) {
        float* const states_of[] = {kinds[0] + i, kinds[1] + i};
        Updater::DenseRun block{&weights[i], states_of, &prepared[i], 1, true};
        block.trust = updater->TrustOf(updater->NormsOf(block, t));
        updater->ApplyDense(block, t);
      }
    } else {
      updater->ApplyDense({weights.data(), kinds.data(), prepared.data(), kSize, true}, t);
    }
    for (std::size_t i = 0; i < kSize; ++i) Touch(*updater, &rows[i], {g[i]}, t);
  }
  for (std::size_t i = 0; i < kSize; ++i) EXPECT_EQ(weights[i], rows[i][0]) << i;
}

INSTANTIATE_TEST_SUITE_P(All, UpdaterConformance, testing::ValuesIn(AllSpecs()),
                         [](const auto& info) {
                           return std::string(UpdaterName(info.param.kind)) +
                                  (info.param.clip_norm > 0 ? "_full" : "_plain");
                         });

}  // namespace
}  // namespace rookery
