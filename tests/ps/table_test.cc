#include "ps/table.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <map>

#include "tests/ps/testing/copy_rows.h"
#include "tests/ps/testing/keys.h"

namespace rookery {
namespace {

using testing::CopyRows;
using testing::DrawKeys;
using testing::Ordered;

constexpr std::uint32_t kBuckets = 16;

TableSpec Spec(std::uint32_t dim, UpdaterKind kind = UpdaterKind::kSgd) {
  TableSpec spec;
  spec.id = TableId{2};
  spec.name = "user";
  spec.dim = dim;
  spec.initializer = {InitializerKind::kNormal, 0.1F};
  spec.updater.kind = kind;
  spec.updater.learning_rate.rate = 0.5F;
  return spec;
}

std::vector<float> PullAll(Table* table, const std::vector<Key>& keys, bool create,
                           std::uint64_t t = 0) {
  std::vector<float> out(keys.size() * table->spec().dim, 99);
  EXPECT_TRUE(table->Pull(keys, create, t, out).ok());
  return out;
}

TEST(Table, AbsentRowsReadZeroAndAreMadeOnlyWhenAsked) {
  Table table(Spec(4), kBuckets, 0, kBuckets);
  const auto keys = Ordered({0, ~Key{0}, 5});
  EXPECT_EQ(PullAll(&table, keys, false), std::vector<float>(12, 0));
  EXPECT_EQ(table.rows(), 0U);
  const auto made = PullAll(&table, keys, true);
  EXPECT_EQ(table.rows(), 3U);
  EXPECT_EQ(PullAll(&table, keys, false), made);
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<float> expected(4);
    Initializer(table.spec()).Fill(keys[i], expected);
    EXPECT_EQ(std::vector<float>(made.begin() + static_cast<std::ptrdiff_t>(4 * i),
                                 made.begin() + static_cast<std::ptrdiff_t>(4 * i + 4)),
              expected);
  }
}

TEST(Table, PushMovesRowsAndMakesAbsentOnes) {
  Table table(Spec(2), kBuckets, 0, kBuckets);
  const auto keys = Ordered({1, 2});
  const auto before = PullAll(&table, {keys[0]}, true);
  RefusedGradients refused;
  ASSERT_TRUE(table.Push(keys, std::vector<float>{1, 2, 3, 4}, 1, &refused).ok());
  const auto after = PullAll(&table, keys, false);
  EXPECT_EQ(after[0], before[0] - 0.5F);
  EXPECT_EQ(after[1], before[1] - 1.0F);
  std::vector<float> start(2);
  Initializer(table.spec()).Fill(keys[1], start);
  EXPECT_EQ(after[2], start[0] - 1.5F);
  EXPECT_EQ(refused.count, 0U);
}

TEST(Table, RefusesGradientsRowByRow) {
  Table table(Spec(2), kBuckets, 0, kBuckets);
  const auto keys = Ordered({10, 11, 12, 13, 14});
  const auto before = PullAll(&table, keys, true);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const std::vector<float> g{1, 1, 0, kNan, -kInf, 0, 2, 2, 1e20F, 0};
  RefusedGradients refused;
  ASSERT_TRUE(table.Push(keys, g, 1, &refused).ok());
  const auto after = PullAll(&table, keys, false);
  for (const std::size_t i : {0, 1, 6, 7}) EXPECT_EQ(after[i], before[i] - 0.5F * g[i]) << i;
  for (const std::size_t i : {2, 3, 4, 5, 8, 9}) EXPECT_EQ(after[i], before[i]) << i;
  EXPECT_EQ(refused.count, 3U);
  ASSERT_EQ(refused.examples.size(), 3U);
  EXPECT_EQ(refused.examples[0],
            StrCat("table 'user' key ", keys[1], ": gradient element 1 is nan"));
  EXPECT_EQ(refused.examples[1],
            StrCat("table 'user' key ", keys[2], ": gradient element 0 is -inf"));
  EXPECT_EQ(refused.examples[2],
            StrCat("table 'user' key ", keys[4], ": gradient element 0 is 1e+20"));
}

TEST(Table, ARefusedGradientMakesNoRow) {
  Table table(Spec(1), kBuckets, 0, kBuckets);
  RefusedGradients refused;
  const Key key = 3;
  const float bad = std::numeric_limits<float>::quiet_NaN();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(table.Push({&key, 1}, {&bad, 1}, 1, &refused).ok());
  EXPECT_EQ(table.rows(), 0U);
  EXPECT_EQ(refused.count, 10U);
  EXPECT_EQ(refused.examples.size(), RefusedGradients::kExamplesMax);
}

// Random pulls and pushes against a map; batches of all sizes around the inner batch.
TEST(Table, AgreesWithAMap) {
  Table table(Spec(3), kBuckets, 0, kBuckets);
  std::map<Key, std::vector<float>> reference;
  Random random(4, Purpose::kTest);
  RefusedGradients refused;
  for (std::uint64_t step = 1; step <= 60; ++step) {
    const auto keys = DrawKeys(&random, random.NextBelow(400), 3000);
    std::vector<float> g(keys.size() * 3);
    for (float& x : g) x = static_cast<float>(random.NextNormal());
    ASSERT_TRUE(table.Push(keys, g, step, &refused).ok());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      auto [row, added] = reference.try_emplace(keys[i], 3);
      if (added) Initializer(table.spec()).Fill(keys[i], row->second);
      for (std::size_t j = 0; j < 3; ++j) row->second[j] -= 0.5F * g[3 * i + j];
    }
    const auto asked = DrawKeys(&random, 300, 3000);
    const auto rows = PullAll(&table, asked, false);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const auto found = reference.find(asked[i]);
      for (std::size_t j = 0; j < 3; ++j) {
        ASSERT_EQ(rows[3 * i + j], found == reference.end() ? 0 : found->second[j]);
      }
    }
  }
  EXPECT_EQ(table.rows(), reference.size());
}

// Bucket after bucket the rows ascend by MixKey, whatever the order of arrival; a table filled with
// them continues with the same bits.
TEST(Table, SaveRestoreContinueIsBitEqual) {
  for (const auto kind : {UpdaterKind::kAdam, UpdaterKind::kFtrl, UpdaterKind::kRowwiseAdagrad}) {
    TableSpec spec = Spec(5, kind);
    spec.updater.catch_up = kind == UpdaterKind::kAdam;
    Table table(spec, kBuckets, 0, kBuckets);
    Table copy(spec, kBuckets, 0, kBuckets);
    Random random(5, Purpose::kTest);
    RefusedGradients refused;
    std::vector<float> g;
    const auto push = [&](std::uint64_t t, std::vector<Table*> targets) {
      const auto keys = DrawKeys(&random, 200, 500);
      g.resize(keys.size() * 5);
      for (float& x : g) x = static_cast<float>(random.NextNormal());
      for (Table* target : targets) ASSERT_TRUE(target->Push(keys, g, t, &refused).ok());
    };
    for (std::uint64_t t = 1; t <= 5; ++t) push(t, {&table});
    const std::vector<BucketRows> cut = CopyRows(table, 5);
    std::uint64_t total = 0;
    std::uint64_t previous = 0;
    for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
      const BucketRows& rows = cut[bucket];
      for (std::size_t i = 0; i < rows.keys.size(); ++i) {
        EXPECT_EQ(Raw(BucketOf(rows.keys[i], kBuckets)), bucket);
        EXPECT_TRUE(total == 0 || MixKey(rows.keys[i]) > previous);
        previous = MixKey(rows.keys[i]);
        ++total;
        const auto row = std::span(rows.rows).subspan(i * table.row_floats(), table.row_floats());
        ASSERT_TRUE(copy.InsertRow(rows.keys[i], row).ok());
      }
    }
    EXPECT_EQ(total, table.rows());
    for (std::uint64_t t = 6; t <= 9; ++t) push(t, {&table, &copy});
    const std::vector<BucketRows> of_table = CopyRows(table, 9);
    const std::vector<BucketRows> of_copy = CopyRows(copy, 9);
    for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
      const BucketRows& rows = of_table[bucket];
      const BucketRows& again = of_copy[bucket];
      EXPECT_EQ(rows.keys, again.keys);
      ASSERT_EQ(rows.rows.size(), again.rows.size());
      for (std::size_t i = 0; i < rows.rows.size(); ++i) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(rows.rows[i]),
                  std::bit_cast<std::uint32_t>(again.rows[i]));
      }
    }
  }
}

// Rows do not depend on how many tables share the buckets.
TEST(Table, SplitTablesHoldTheSameRows) {
  Table whole(Spec(4, UpdaterKind::kAdagrad), kBuckets, 0, kBuckets);
  Table low(Spec(4, UpdaterKind::kAdagrad), kBuckets, 0, 5);
  Table high(Spec(4, UpdaterKind::kAdagrad), kBuckets, 5, kBuckets);
  Random random(6, Purpose::kTest);
  RefusedGradients refused;
  const auto keys = DrawKeys(&random, 300, 100'000);
  std::vector<float> g(keys.size() * 4);
  for (float& x : g) x = static_cast<float>(random.NextNormal());
  ASSERT_TRUE(whole.Push(keys, g, 1, &refused).ok());
  std::size_t split = 0;
  while (split < keys.size() && low.Owns(keys[split])) ++split;
  const std::span<const Key> all(keys);
  ASSERT_TRUE(high.Push(all.subspan(split), std::span(g).subspan(4 * split), 1, &refused).ok());
  ASSERT_TRUE(low.Push(all.first(split), std::span(g).first(4 * split), 1, &refused).ok());
  EXPECT_EQ(low.rows() + high.rows(), whole.rows());
  const std::vector<BucketRows> a = CopyRows(whole), of_low = CopyRows(low),
                                of_high = CopyRows(high);
  for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
    const BucketRows& b = (bucket < 5 ? of_low : of_high)[bucket];
    EXPECT_EQ(a[bucket].keys, b.keys);
    EXPECT_EQ(a[bucket].rows, b.rows);
  }
}

TEST(Table, CatchUpPullEqualsDenseAdam) {
  TableSpec spec = Spec(3, UpdaterKind::kAdam);
  spec.updater.catch_up = true;
  spec.updater.l2 = 0.1F;
  Table table(spec, kBuckets, 0, kBuckets);
  UpdaterSpec dense_spec = spec.updater;
  dense_spec.catch_up = false;
  const auto dense = MakeUpdater(dense_spec);
  const auto keys = Ordered({1, 2, 3});
  std::vector<std::vector<float>> rows(3, std::vector<float>(9));
  std::vector<float*> pointers;
  for (std::size_t i = 0; i < 3; ++i) {
    Initializer(spec).Fill(keys[i], std::span(rows[i]).first(3));
    pointers.push_back(rows[i].data());
  }
  RefusedGradients refused;
  for (std::uint64_t t = 1; t <= 40; ++t) {
    std::vector<float> g(9, 0.0F);
    if (t == 7 || t == 23) {
      std::fill_n(g.begin() + 3, 3, 0.25F);
      ASSERT_TRUE(table.Push({&keys[1], 1}, std::span(g).subspan(3, 3), t, &refused).ok());
    }
    dense->Apply(pointers, g, 3, t);
  }
  // keys[1] was touched; keys[0] and keys[2] are made now, as if they had always been there.
  const auto pulled = PullAll(&table, keys, true, 40);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(pulled[i], rows[i / 3][i % 3]) << i;
}

TEST(Table, LoadRefusesForeignAndDoubleKeys) {
  Table table(Spec(1), kBuckets, 0, 4);
  const float row = 1;
  Key mine = 0;
  while (!table.Owns(mine)) ++mine;
  Key foreign = 0;
  while (table.Owns(foreign)) ++foreign;
  ASSERT_TRUE(table.InsertRow(mine, {&row, 1}).ok());
  EXPECT_EQ(table.InsertRow(mine, {&row, 1}).message(),
            StrCat("table 'user': key ", mine, " comes twice"));
  EXPECT_EQ(table.InsertRow(foreign, {&row, 1}).code(), Code::kCorrupt);
  EXPECT_EQ(table.rows(), 1U);
}

TEST(Table, EmptyTableIsSmallAndRowsAreWhatTheySay) {
  Table table(Spec(16, UpdaterKind::kAdagrad), 1024, 0, 1024);
  EXPECT_EQ(table.row_floats(), 32U);
  EXPECT_LT(table.bytes(), 1'000'000U);
  Random random(7, Purpose::kTest);
  constexpr std::size_t kRows = 200'000;
  std::vector<Key> keys(kRows);
  for (std::size_t i = 0; i < kRows; ++i) keys[i] = i;
  PullAll(&table, Ordered(std::move(keys)), true);
  EXPECT_EQ(table.rows(), kRows);
  // 128 bytes a row, 16 to 32 of index, freed index blocks and the last page of each bucket.
  EXPECT_LT(table.bytes(), kRows * (128 + 32) * 3 / 2);
  table.Clear();
  EXPECT_EQ(table.rows(), 0U);
  EXPECT_LT(table.bytes(), 1'000'000U);
  EXPECT_EQ(PullAll(&table, {7}, false), std::vector<float>(16, 0));
}

TEST(TableDeathTest, KeysOutOfOrderAreABug) {
  Table table(Spec(1), kBuckets, 0, kBuckets);
  auto keys = Ordered({1, 2, 3});
  std::swap(keys[0], keys[1]);
  std::vector<float> out(3);
  EXPECT_DEATH((void)table.Pull(keys, true, 0, out), "do not ascend");
}

// A bucket without rows is filled at once only when its keys are in order.
TEST(Table, ABucketRefusesAKeyThatComesTwice) {
  const Key key = 7;
  const std::vector<Key> twice = {key, key};
  const std::vector<float> rows = {1, 2};
  Table table(Spec(1), kBuckets, 0, kBuckets);
  EXPECT_EQ(table.InsertBucket(twice, rows).code(), Code::kCorrupt);
  table.Clear();
  ASSERT_TRUE(table.InsertBucket({twice.data(), 1}, {rows.data(), 1}).ok());
  EXPECT_EQ(table.InsertBucket({twice.data(), 1}, {rows.data(), 1}).code(), Code::kCorrupt);
  EXPECT_EQ(table.rows(), 1U);
}

}  // namespace
}  // namespace rookery
