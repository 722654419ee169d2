// A capture has the rows of its cut, whatever is pulled and pushed while it is copied.
#include "ps/row_capture.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <vector>

#include "common/random.h"
#include "ps/table.h"
#include "tests/ps/testing/copy_rows.h"
#include "tests/ps/testing/keys.h"

namespace rookery {
namespace {

using testing::CopyRows;
using testing::DrawKeys;
using testing::FinishCapture;

constexpr std::uint32_t kBuckets = 8;
constexpr std::size_t kDim = 5;

TableSpec Spec(bool catch_up) {
  TableSpec spec;
  spec.name = "t";
  spec.dim = kDim;
  spec.updater.kind = catch_up ? UpdaterKind::kAdam : UpdaterKind::kAdagrad;
  spec.updater.catch_up = catch_up;
  return spec;
}

using Bits = std::map<Key, std::vector<std::uint32_t>>;

Bits BitsOf(const std::vector<BucketRows>& buckets) {
  Bits bits;
  for (const BucketRows& bucket : buckets) {
    const std::size_t floats = bucket.keys.empty() ? 0 : bucket.rows.size() / bucket.keys.size();
    for (std::size_t i = 0; i < bucket.keys.size(); ++i) {
      std::vector<std::uint32_t>& row = bits[bucket.keys[i]];
      for (std::size_t j = 0; j < floats; ++j) {
        row.push_back(std::bit_cast<std::uint32_t>(bucket.rows[i * floats + j]));
      }
    }
  }
  return bits;
}

// Two tables with the same updates; the second is never captured in the middle of them.
class Twins {
 public:
  Twins(std::uint64_t seed, bool catch_up)
      : random(seed, Purpose::kTest),
        table(Spec(catch_up), kBuckets, 0, kBuckets),
        twin(Spec(catch_up), kBuckets, 0, kBuckets) {}

  // A step: as often as not its rows are pulled first, and some are new.
  void Step(std::uint64_t keys_of) {
    ++t;
    const auto keys = DrawKeys(&random, 1 + random.NextBelow(80), keys_of);
    std::vector<float> gradients(keys.size() * kDim);
    for (float& x : gradients) x = static_cast<float>(random.NextNormal());
    std::vector<float> out(gradients.size());
    const bool pulls = random.NextBelow(2) == 0;
    for (Table* each : {&table, &twin}) {
      if (pulls) {
        ASSERT_TRUE(each->Pull(keys, true, t - 1, out).ok());
      }
      ASSERT_TRUE(each->Push(keys, gradients, t, &refused).ok());
    }
  }
  void EvaluationPull(std::uint64_t keys_of) {
    const auto keys = DrawKeys(&random, 50, keys_of);
    std::vector<float> out(keys.size() * kDim);
    for (Table* each : {&table, &twin}) ASSERT_TRUE(each->Pull(keys, false, t, out).ok());
  }

  Random random;
  Table table, twin;
  RefusedGradients refused;
  std::uint64_t t = 0;
};

class RowCaptureTest : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(All, RowCaptureTest, ::testing::Bool());

TEST_P(RowCaptureTest, HasTheRowsOfItsCut) {
  std::uint64_t kept = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    Twins twins(seed, GetParam());
    const std::uint64_t keys = 20 + twins.random.NextBelow(2000);
    for (std::uint64_t i = twins.random.NextBelow(30); i > 0; --i) twins.Step(keys);
    const std::uint64_t cut = twins.t;
    const Bits expected = BitsOf(CopyRows(twins.twin, cut));
    twins.table.BeginCapture(false);
    std::vector<BucketRows> buckets(kBuckets);
    while (!twins.table.capture()->done()) {
      for (std::uint64_t i = twins.random.NextBelow(3); i > 0; --i) twins.Step(keys);
      if (twins.random.NextBelow(3) == 0) twins.EvaluationPull(keys);
      const std::uint32_t bucket = twins.table.capture()->bucket();
      (void)twins.table.CaptureSome(&buckets[bucket]);
    }
    for (BucketRows& bucket : buckets) twins.table.CatchUpCopied(&bucket, cut);
    kept += twins.table.capture()->rows_kept();
    twins.table.EndCapture();
    ASSERT_EQ(BitsOf(buckets), expected);
    // And the capture left no trace in the table.
    twins.Step(keys);
    ASSERT_EQ(BitsOf(CopyRows(twins.table, twins.t)), BitsOf(CopyRows(twins.twin, twins.t)));
  }
  EXPECT_GT(kept, 100U);
}

TEST(RowCapture, ABucketTakesSeveralSlicesAndMayChangeInBetween) {
  TableSpec spec = Spec(false);
  spec.dim = 4096;  // 64 rows of 8,192 floats are a slice
  Table table(spec, 2, 0, 2);
  std::vector<Key> keys = testing::Ordered([] {
    std::vector<Key> all(400);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
  }());
  std::vector<float> gradients(keys.size() * spec.dim, 1.0F);
  RefusedGradients refused;
  ASSERT_TRUE(table.Push(keys, gradients, 1, &refused).ok());
  const Bits expected = BitsOf(CopyRows(table));
  table.BeginCapture(false);
  std::vector<BucketRows> buckets(2);
  std::uint64_t slices = 0;
  while (!table.capture()->done()) {
    const std::uint32_t bucket = table.capture()->bucket();
    (void)table.CaptureSome(&buckets[bucket]);
    ++slices;
    ASSERT_TRUE(table.Push(keys, gradients, 1 + slices, &refused).ok());
  }
  EXPECT_GE(slices, 400U / 64);
  // Each row once, however often it changed; those of the first slice never.
  EXPECT_EQ(table.capture()->rows_kept(), 400U - 64);
  EXPECT_EQ(BitsOf(buckets), expected);
}

TEST(RowCapture, ChangedRowsAreThoseSinceTheBase) {
  std::uint64_t left_out = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    Twins twins(seed, false);
    Random& random = twins.random;
    const std::uint64_t keys = 500 + random.NextBelow(5000);
    for (int i = 0; i < 20; ++i) twins.Step(keys);
    twins.table.TrackChanges();
    Bits base = BitsOf(CopyRows(twins.twin));
    for (int checkpoint = 0; checkpoint < 6; ++checkpoint) {
      for (std::uint64_t i = random.NextBelow(4); i > 0; --i) twins.Step(keys);
      const Bits now = BitsOf(CopyRows(twins.twin));
      twins.table.BeginCapture(true);
      std::vector<BucketRows> buckets(kBuckets);
      while (!twins.table.capture()->done()) {
        if (random.NextBelow(2) == 0) twins.Step(keys);
        const std::uint32_t bucket = twins.table.capture()->bucket();
        (void)twins.table.CaptureSome(&buckets[bucket]);
      }
      twins.table.EndCapture();
      const Bits changed = BitsOf(buckets);
      Bits merged = base;
      for (const auto& [key, row] : changed) merged[key] = row;
      ASSERT_EQ(merged, now);
      for (const auto& [key, row] : base) left_out += changed.contains(key) ? 0 : 1;
      if (random.NextBelow(3) == 0) {  // it was never published
        twins.table.RestoreCut();
        continue;
      }
      twins.table.ConfirmCut();
      base = now;
    }
  }
  EXPECT_GT(left_out, 1000U);
}

TEST(RowCapture, ARowIsLeftOutUntilItChanges) {
  Table table(Spec(false), kBuckets, 0, kBuckets);
  const auto keys = testing::Ordered({1, 2, 3, 4});
  const std::vector<float> gradients(4 * kDim, 1.0F);
  RefusedGradients refused;
  ASSERT_TRUE(table.Push(keys, gradients, 1, &refused).ok());
  EXPECT_FALSE(table.MayLeaveOut());
  table.TrackChanges();
  EXPECT_TRUE(table.MayLeaveOut());
  table.BeginCapture(true);
  EXPECT_TRUE(BitsOf(FinishCapture(table, 1)).empty());
  table.ConfirmCut();
  const std::span<const Key> one = std::span(keys).subspan(2, 1);
  ASSERT_TRUE(table.Push(one, std::span(gradients).first(kDim), 2, &refused).ok());
  std::vector<float> out(2 * kDim);
  ASSERT_TRUE(table.Pull(testing::Ordered({1, 9}), true, 2, out).ok());  // makes row 9
  table.BeginCapture(true);
  const Bits changed = BitsOf(FinishCapture(table, 2));
  EXPECT_EQ(changed.size(), 2U);
  EXPECT_TRUE(changed.contains(one[0]) && changed.contains(9));
}

TEST(RowCapture, WithCatchUpNoRowMayBeLeftOut) {
  Table table(Spec(true), kBuckets, 0, kBuckets);
  table.TrackChanges();
  EXPECT_FALSE(table.MayLeaveOut());
}

}  // namespace
}  // namespace rookery
