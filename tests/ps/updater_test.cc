// Every update rule against numbers worked out by hand.
#include "ps/updater.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/ps/testing/updater_rows.h"

namespace rookery {
namespace {

TEST(Updater, SgdByHand) {
  const auto updater = MakeUpdater(Spec(UpdaterKind::kSgd, 0.5F));
  auto row = NewRow(*updater, {1, -2});
  ASSERT_EQ(row.size(), 2U);
  Touch(*updater, &row, {1, 4}, 1);
  EXPECT_EQ(row, (std::vector<float>{0.5F, -4}));
  Touch(*updater, &row, {-1, 0}, 2);
  EXPECT_EQ(row, (std::vector<float>{1, -4}));
}

TEST(Updater, MomentumByHand) {
  auto spec = Spec(UpdaterKind::kMomentum, 0.5F);
  spec.momentum = 0.5F;
  const auto updater = MakeUpdater(spec);
  auto row = NewRow(*updater, {1});
  Touch(*updater, &row, {2}, 1);  // m = 2
  EXPECT_EQ(row, (std::vector<float>{0, 2}));
  Touch(*updater, &row, {1}, 2);  // m = 2
  EXPECT_EQ(row, (std::vector<float>{-1, 2}));
  Touch(*updater, &row, {0}, 3);  // m = 1
  EXPECT_EQ(row, (std::vector<float>{-1.5F, 1}));
}

TEST(Updater, AdagradByHand) {
  auto spec = Spec(UpdaterKind::kAdagrad, 1);
  spec.epsilon = 1;
  const auto updater = MakeUpdater(spec);
  auto row = NewRow(*updater, {10});
  Touch(*updater, &row, {3}, 1);  // n = 9: 3 / (3 + 1)
  EXPECT_EQ(row, (std::vector<float>{9.25F, 9}));
  Touch(*updater, &row, {4}, 2);  // n = 25: 4 / (5 + 1)
  EXPECT_FLOAT_EQ(row[0], 9.25F - 4.0F / 6.0F);
  EXPECT_EQ(row[1], 25);
}

TEST(Updater, RowwiseAdagradByHand) {
  auto spec = Spec(UpdaterKind::kRowwiseAdagrad, 1);
  spec.epsilon = 0;
  spec.initial_accumulator = 4;
  const auto updater = MakeUpdater(spec);
  auto row = NewRow(*updater, {0, 0});
  ASSERT_EQ(row.size(), 3U);
  Touch(*updater, &row, {1, 3}, 1);  // n = 4 + (1 + 9) / 2 = 9
  EXPECT_EQ(row[2], 9);
  EXPECT_FLOAT_EQ(row[0], -1.0F / 3);
  EXPECT_FLOAT_EQ(row[1], -1);
}

// In the first step m^ = g and v^ = g^2, so Adam moves by the rate whatever the gradient.
TEST(Updater, AdamByHand) {
  const auto updater = MakeUpdater(Spec(UpdaterKind::kAdam, 0.1F));
  auto row = NewRow(*updater, {1, 1});
  Touch(*updater, &row, {100, -0.01F}, 1);
  EXPECT_NEAR(row[0], 0.9, 1e-6);
  EXPECT_NEAR(row[1], 1.1, 1e-6);
  // Step 2, g = 0: m^ = .09 g / .19, v^ = .000999 g^2 / .001999
  Touch(*updater, &row, {0, 0}, 2);
  EXPECT_NEAR(row[0], 0.9 - 0.1 * (0.09 / 0.19) / std::sqrt(0.000999 / 0.001999), 1e-5);
}

TEST(Updater, AdamWDecaysApartFromTheGradient) {
  auto spec = Spec(UpdaterKind::kAdamW, 0.1F);
  spec.weight_decay = 0.5F;
  const auto updater = MakeUpdater(spec);
  auto row = NewRow(*updater, {2});
  Touch(*updater, &row, {1}, 1);  // 2 - .1 * .5 * 2 - .1
  EXPECT_NEAR(row[0], 1.8, 1e-6);
}

TEST(Updater, FtrlByHand) {
  auto spec = Spec(UpdaterKind::kFtrl, 0.5F);
  spec.l1 = 1;
  spec.l2 = 2;
  spec.beta = 1;
  const auto updater = MakeUpdater(spec);
  auto row = NewRow(*updater, {0, 0});
  ASSERT_EQ(row.size(), 6U);
  // z = g, n = g^2. First: |z| - l1 = 2 over (1 + 3) / .5 + 2 = 10. Second: |z| < l1: zero.
  Touch(*updater, &row, {3, -0.5F}, 1);
  EXPECT_FLOAT_EQ(row[0], -0.2F);
  EXPECT_EQ(row[1], 0);
  EXPECT_FALSE(std::signbit(row[1]));
  // n = 25, sigma = (5 - 3) / .5 = 4, z = 3 + 4 + 4 * .2 = 7.8; 6.8 / ((1 + 5) / .5 + 2)
  Touch(*updater, &row, {4, 0}, 2);
  EXPECT_FLOAT_EQ(row[0], -6.8F / 14);
  EXPECT_FLOAT_EQ(row[2], 7.8F);
}

// In the first step m^ / sqrt(v^) is the gradient's sign: r = (1, -1), and |w| / |r| = 5 / sqrt(2).
TEST(Updater, LambByHand) {
  auto spec = Spec(UpdaterKind::kLamb, 0.1F);
  const auto updater = MakeUpdater(spec);
  auto row = NewRow(*updater, {3, 4});
  ASSERT_EQ(row.size(), 6U);
  Touch(*updater, &row, {7, -0.01F}, 1);
  EXPECT_NEAR(row[0], 3 - 0.5 / std::sqrt(2.0), 1e-5);
  EXPECT_NEAR(row[1], 4 + 0.5 / std::sqrt(2.0), 1e-5);
  spec.trust_max = 2;
  const auto limited = MakeUpdater(spec);
  row = NewRow(*limited, {3, 4});
  Touch(*limited, &row, {7, -0.01F}, 1);
  EXPECT_NEAR(row[0], 2.8, 1e-6);
  EXPECT_NEAR(row[1], 4.2, 1e-6);
}

TEST(Updater, LambTrustsARowOfZerosAndMovesNothingWithoutAnUpdate) {
  auto spec = Spec(UpdaterKind::kLamb, 0.1F);
  const auto updater = MakeUpdater(spec);
  auto row = NewRow(*updater, {0, 0});
  Touch(*updater, &row, {5, -5}, 1);
  EXPECT_NEAR(row[0], -0.1, 1e-6);
  EXPECT_NEAR(row[1], 0.1, 1e-6);
  row = NewRow(*updater, {3, 4});
  Touch(*updater, &row, {0, 0}, 1);
  EXPECT_EQ(row, (std::vector<float>{3, 4, 0, 0, 0, 0}));
  spec.weight_decay = 0.5F;  // r = .5 w, so trust is 2 and w falls by the rate
  const auto decaying = MakeUpdater(spec);
  Touch(*decaying, &row, {0, 0}, 1);
  EXPECT_NEAR(row[0], 2.7, 1e-6);
  EXPECT_NEAR(row[1], 3.6, 1e-6);
}

TEST(Updater, FrontClipsThenAddsL2) {
  auto spec = Spec(UpdaterKind::kSgd, 1);
  spec.clip_value = 4;
  spec.clip_norm = 2.5F;
  spec.l2 = 0.5F;
  const auto updater = MakeUpdater(spec);
  auto row = NewRow(*updater, {0, 2});
  Touch(*updater, &row, {3, -100}, 1);  // (3, -4) of norm 5 becomes (1.5, -2); + (0, 1)
  EXPECT_EQ(row, (std::vector<float>{-1.5F, 3}));
}

TEST(Updater, NamesAreRoundTrips) {
  for (const char* name :
       {"sgd", "momentum", "adagrad", "rowwise_adagrad", "adam", "adamw", "ftrl", "lamb"}) {
    const auto kind = UpdaterKindFromName(name);
    ASSERT_TRUE(kind.ok());
    EXPECT_EQ(UpdaterName(*kind), name);
  }
  EXPECT_EQ(UpdaterKindFromName("adagrd").status().ToString(),
            "invalid input: unknown updater 'adagrd'; known: sgd, momentum, adagrad, "
            "rowwise_adagrad, adam, adamw, ftrl, lamb");
}

}  // namespace
}  // namespace rookery
