#include "ps/kept_rows.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "common/error.h"
#include "common/random.h"
#include "ps/huge_pages.h"

namespace rookery {
namespace {

using Rows = std::map<std::uint32_t, std::vector<float>>;

// Against a map for each bucket; rows come and buckets go in any order.
TEST(KeptRows, FindsWhatWasAddedToItsBucketUntilThatIsDropped) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    Random random(seed, Purpose::kTest);
    const auto floats = 1 + random.NextBelow(20);
    const auto buckets = static_cast<std::uint32_t>(1 + random.NextBelow(6));
    KeptRows kept(floats, buckets, random.NextBelow(3000));
    std::vector<Rows> expected(buckets);
    std::uint32_t row = 0;
    for (int turn = 0; turn < 60; ++turn) {
      const auto bucket = static_cast<std::uint32_t>(random.NextBelow(buckets));
      for (std::uint64_t i = random.NextBelow(100); i > 0; --i) {
        std::vector<float> values(floats);
        for (float& value : values) value = random.NextFloat();
        ASSERT_TRUE(kept.Add(bucket, row, values.data()));
        expected[bucket][row++] = std::move(values);
      }
      kept.Select(bucket);
      for (std::uint32_t i = 0; i < row; ++i) {
        const float* const found = kept.Find(i);
        const auto wanted = expected[bucket].find(i);
        ASSERT_EQ(found != nullptr, wanted != expected[bucket].end()) << "row " << i;
        if (found != nullptr) {
          ASSERT_EQ(std::vector<float>(found, found + floats), wanted->second);
        }
      }
      if (random.NextBelow(4) == 0) {
        kept.Drop(bucket);
        expected[bucket].clear();
      }
    }
    EXPECT_EQ(kept.rows(), row);
  }
}

TEST(KeptRows, TakesAtMostWhatItSaidAndUsesItAgain) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    Random random(seed, Purpose::kTest);
    constexpr std::uint32_t kBuckets = 16;
    constexpr std::size_t kFloats = 24;
    KeptRows kept(kFloats, kBuckets, 20'000);
    const std::vector<float> values(kFloats, 1.0F);
    std::uint64_t after_first = 0;
    for (int round = 0; round < 4; ++round) {
      std::uint32_t row = 0;
      while (row < 20'000) {
        const std::uint64_t count = 1 + random.NextBelow(1000);
        const std::uint64_t most = kept.bytes() + kept.BytesToAdd(count);
        for (std::uint64_t i = 0; i < count; ++i) {
          const auto bucket = static_cast<std::uint32_t>(random.NextBelow(kBuckets));
          ASSERT_TRUE(kept.Add(bucket, row++, values.data()));
        }
        ASSERT_LE(kept.bytes(), most);
      }
      for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) kept.Drop(bucket);
      if (round == 0) after_first = kept.bytes();
    }
    EXPECT_GE(after_first, 20'000 * kFloats * sizeof(float));
    // Blocks that are not full differ from round to round, and so may a page or two.
    EXPECT_LE(kept.bytes(), after_first + 2 * kHugePageBytes);
  }
}

}  // namespace
}  // namespace rookery
