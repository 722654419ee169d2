// Tables of a server with a memory limit: what is counted, and what a key without a row does.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "common/hash.h"
#include "ps/table.h"

namespace rookery {
namespace {

constexpr std::uint32_t kBuckets = 64;

TableSpec Spec(UpdaterKind kind, bool catch_up = false) {
  TableSpec spec;
  spec.name = "t";
  spec.dim = 16;
  spec.seed = 5;
  spec.initializer.kind = InitializerKind::kUniform;
  spec.initializer.scale = 0.5F;
  spec.updater.kind = kind;
  spec.updater.catch_up = catch_up;
  spec.updater.learning_rate.rate = 0.5F;
  return spec;
}

std::vector<Key> Keys(Key first, std::size_t count) {
  std::vector<Key> keys(count);
  std::iota(keys.begin(), keys.end(), first);
  std::ranges::sort(keys, {}, MixKey);
  return keys;
}

// The budget counts exactly what the table says it has, whatever grows; and rows were asked for
// before they took anything.
TEST(TableAdmission, EveryByteIsAskedForBefore) {
  constexpr std::uint64_t kLimit = 12'000'000;
  MemoryBudget budget({kLimit, 1});
  Table table(Spec(UpdaterKind::kAdagrad), kBuckets, 0, kBuckets, &budget);
  std::vector<float> out(500 * 16);
  for (Key first = 0; first < 200'000; first += 500) {
    const auto keys = Keys(first, 500);
    ASSERT_TRUE(table.Pull(keys, true, 0, out).ok());
    ASSERT_EQ(budget.bytes(), table.bytes());
    ASSERT_LE(table.bytes(), kLimit);
  }
  EXPECT_TRUE(budget.must_end());
  EXPECT_GT(table.bytes(), kLimit * 8 / 10) << "stopped too early";
  EXPECT_GT(table.rows(), 50'000U);
  table.Clear();
  EXPECT_EQ(budget.bytes(), table.bytes());
  EXPECT_LT(table.bytes(), 10'000U);
}

// More keys than one batch of the table has; zeros in a row do not make it absent.
TEST(TableAdmission, FindRowsTellsRowsFromAbsentOnes) {
  TableSpec spec = Spec(UpdaterKind::kSgd);
  spec.initializer.kind = InitializerKind::kZeros;
  Table table(spec, kBuckets, 0, kBuckets);
  const auto made = Keys(1000, 1000);
  std::vector<float> out(1000 * 16);
  ASSERT_TRUE(table.Pull(made, true, 0, out).ok());
  const auto keys = Keys(0, 3000);
  std::vector<std::uint8_t> present(keys.size(), 7);
  table.FindRows(keys, present);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_EQ(present[i], keys[i] >= 1000 && keys[i] < 2000) << keys[i];
  }
  EXPECT_EQ(table.rows(), made.size());
  table.FindRows({}, {});
}

struct Case {
  UpdaterKind kind;
  bool catch_up;
};
class UnadmittedKeys : public ::testing::TestWithParam<Case> {};

// Rows that are there train as in a table without a limit; the others read zeros.
TEST_P(UnadmittedKeys, ReadZerosAndLoseTheirGradients) {
  const TableSpec spec = Spec(GetParam().kind, GetParam().catch_up);
  MemoryBudget budget({1'000'000, 0.5});
  Table table(spec, kBuckets, 0, kBuckets, &budget);
  Table free(spec, kBuckets, 0, kBuckets);
  const auto old_keys = Keys(0, 1000);
  std::vector<float> old_rows(1000 * 16);
  ASSERT_TRUE(table.Pull(old_keys, true, 0, old_rows).ok());
  ASSERT_TRUE(free.Pull(old_keys, true, 0, old_rows).ok());
  ASSERT_TRUE(budget.admits());
  ASSERT_FALSE(budget.MayTake(1'000'000));
  const std::uint64_t bytes = table.bytes();

  const auto keys = Keys(500, 1000);  // half of them are new
  std::vector<float> rows(1000 * 16);
  std::vector<float> wanted(1000 * 16);
  const std::vector<float> gradients(1000 * 16, 0.25F);
  RefusedGradients refused;
  for (std::uint64_t t = 1; t <= 3; ++t) {
    ASSERT_TRUE(table.Pull(keys, true, t - 1, rows).ok());
    ASSERT_TRUE(free.Pull(keys, true, t - 1, wanted).ok());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      for (std::size_t j = 0; j < 16; ++j) {
        ASSERT_EQ(rows[i * 16 + j], keys[i] < 1000 ? wanted[i * 16 + j] : 0) << keys[i];
      }
    }
    ASSERT_TRUE(table.Push(keys, gradients, t, &refused).ok());
    ASSERT_TRUE(free.Push(keys, gradients, t, &refused).ok());
    EXPECT_EQ(table.unadmitted(), 500 * t);
  }
  EXPECT_EQ(table.rows(), 1000U);
  std::vector<std::uint8_t> present(keys.size());
  table.FindRows(keys, present);
  for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(present[i], keys[i] < 1000) << keys[i];
  EXPECT_LE(table.bytes(), bytes + 1000 * 16 * RecentRows::kPulls);
}

INSTANTIATE_TEST_SUITE_P(Updaters, UnadmittedKeys,
                         ::testing::Values(Case{UpdaterKind::kSgd, false},
                                           Case{UpdaterKind::kAdagrad, false},
                                           Case{UpdaterKind::kAdam, false},
                                           Case{UpdaterKind::kAdam, true}));

// A push whose pull is no longer known looks its keys up again.
TEST(TableAdmission, APushWithoutItsPullDropsWhatHasNoRow) {
  MemoryBudget budget({1'000'000, 0.5});
  Table table(Spec(UpdaterKind::kSgd), kBuckets, 0, kBuckets, &budget);
  ASSERT_FALSE(budget.MayTake(1'000'000));
  RefusedGradients refused;
  ASSERT_TRUE(table.Push(Keys(0, 10), std::vector<float>(160, 1.0F), 1, &refused).ok());
  EXPECT_EQ(table.unadmitted(), 10U);
  EXPECT_EQ(table.rows(), 0U);
  EXPECT_EQ(refused.count, 0U);
}

TEST(TableAdmission, ACheckpointMayFillTheLimitAndNoMore) {
  MemoryBudget budget({2'000'000, 0.1});
  Table table(Spec(UpdaterKind::kSgd), kBuckets, 0, kBuckets, &budget);
  const std::vector<float> row(16, 1.0F);
  Status status;
  Key key = 0;
  while (status.ok()) status = table.InsertRow(key++, row);
  EXPECT_EQ(status.code(), Code::kExhausted);
  EXPECT_NE(status.message().find("do not fit"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("more servers or a larger limit"), std::string::npos);
  EXPECT_LE(budget.bytes(), 2'000'000U);
  EXPECT_GT(table.rows(), 15'000U);
  EXPECT_FALSE(budget.must_end());
  EXPECT_FALSE(budget.MayTake(4096));  // beyond the soft limit
}

}  // namespace
}  // namespace rookery
