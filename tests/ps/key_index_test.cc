#include "ps/key_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "common/random.h"

namespace rookery {
namespace {

bool Add(KeyIndex* index, std::uint64_t mixed, std::uint32_t row, unsigned bucket_bits,
         PageArena* arena) {
  if (!index->Reserve(index->size() + 1, bucket_bits, arena)) return false;
  index->Insert(mixed, row, bucket_bits);
  return true;
}

TEST(KeyIndex, UnmixIsTheInverse) {
  Random random(1, Purpose::kTest);
  for (int i = 0; i < 1000; ++i) {
    const Key key = random.Next();
    EXPECT_EQ(UnmixKey(MixKey(key)), key);
  }
}

TEST(KeyIndex, EveryKeyIsLegal) {
  PageArena arena;
  KeyIndex index;
  const std::uint64_t mixed[] = {0, ~std::uint64_t{0}, 1, std::uint64_t{1} << 63U};
  for (const std::uint64_t m : mixed) EXPECT_EQ(index.Find(m, 0), KeyIndex::kAbsent);
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_TRUE(Add(&index, mixed[i], i, 0, &arena));
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(index.Find(mixed[i], 0), i);
  EXPECT_EQ(index.Find(2, 0), KeyIndex::kAbsent);
}

TEST(KeyIndex, AgreesWithAMapWhileItGrows) {
  for (const unsigned bucket_bits : {1U, 10U}) {
    PageArena arena;
    KeyIndex index;
    std::map<std::uint64_t, std::uint32_t> reference;
    Random random(2, Purpose::kTest, bucket_bits);
    for (std::uint32_t row = 0; row < 5000; ++row) {
      const std::uint64_t mixed = random.Next() >> bucket_bits;  // one bucket: top bits zero
      if (!reference.emplace(mixed, row).second) continue;
      ASSERT_TRUE(Add(&index, mixed, row, bucket_bits, &arena));
      ASSERT_EQ(index.Find(random.Next() >> bucket_bits, bucket_bits), KeyIndex::kAbsent);
    }
    EXPECT_EQ(index.size(), reference.size());
    for (const auto& [mixed, row] : reference) ASSERT_EQ(index.Find(mixed, bucket_bits), row);
    std::vector<KeyIndex::Item> sorted;
    index.Sorted(bucket_bits, &sorted, [](std::uint32_t) { return true; });
    ASSERT_EQ(sorted.size(), reference.size());
    EXPECT_TRUE(std::equal(sorted.begin(), sorted.end(), reference.begin(),
                           [](const KeyIndex::Item& a, const auto& b) {
                             return a.mixed == b.first && a.row == b.second;
                           }));
  }
}

// All keys want the same line, the last one: probing wraps around.
TEST(KeyIndex, SurvivesCollisions) {
  PageArena arena;
  KeyIndex index;
  for (std::uint32_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(Add(&index, ~std::uint64_t{0} - i, i, 4, &arena));
  }
  for (std::uint32_t i = 0; i < 200; ++i) EXPECT_EQ(index.Find(~std::uint64_t{0} - i, 4), i);
  EXPECT_EQ(index.Find(~std::uint64_t{0} - 200, 4), KeyIndex::kAbsent);
  std::vector<KeyIndex::Item> sorted;
  index.Sorted(4, &sorted, [](std::uint32_t) { return true; });
  ASSERT_EQ(sorted.size(), 200U);
  for (std::uint32_t i = 0; i < 200; ++i) {
    EXPECT_EQ(sorted[i].mixed, ~std::uint64_t{0} - 199 + i);
    EXPECT_EQ(sorted[i].row, 199 - i);
  }
}

TEST(KeyIndex, RoomMadeAtOnceHoldsWhatWasAskedFor) {
  PageArena arena;
  KeyIndex index;
  ASSERT_TRUE(Add(&index, 5, 0, 1, &arena));
  ASSERT_TRUE(index.Reserve(1000, 1, &arena));
  const std::uint64_t bytes = arena.bytes();
  for (std::uint32_t i = 1; i < 1000; ++i) ASSERT_TRUE(Add(&index, MixKey(i) >> 1U, i, 1, &arena));
  EXPECT_EQ(arena.bytes(), bytes);
  EXPECT_EQ(index.Find(5, 1), 0U);
  for (std::uint32_t i = 1; i < 1000; ++i) ASSERT_EQ(index.Find(MixKey(i) >> 1U, 1), i);
  EXPECT_FALSE(index.Reserve(std::uint64_t{1} << 40U, 1, &arena));
  EXPECT_EQ(index.size(), 1000U);
}

}  // namespace
}  // namespace rookery
