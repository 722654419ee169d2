#include "ps/key_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "common/random.h"

namespace rookery {
namespace {

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
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_TRUE(index.Insert(mixed[i], i, 0, &arena));
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
      ASSERT_TRUE(index.Insert(mixed, row, bucket_bits, &arena));
      ASSERT_EQ(index.Find(random.Next() >> bucket_bits, bucket_bits), KeyIndex::kAbsent);
    }
    EXPECT_EQ(index.size(), reference.size());
    for (const auto& [mixed, row] : reference) ASSERT_EQ(index.Find(mixed, bucket_bits), row);
    const auto sorted = index.Sorted();
    ASSERT_EQ(sorted.size(), reference.size());
    EXPECT_TRUE(std::equal(sorted.begin(), sorted.end(), reference.begin(),
                           [](const KeyIndex::Item& a, const auto& b) {
                             return a.mixed == b.first && a.row == b.second;
                           }));
  }
}

// All keys want the same slot, the last one: probing wraps around.
TEST(KeyIndex, SurvivesCollisions) {
  PageArena arena;
  KeyIndex index;
  for (std::uint32_t i = 0; i < 200; ++i) {
    ASSERT_TRUE(index.Insert(~std::uint64_t{0} - i, i, 4, &arena));
  }
  for (std::uint32_t i = 0; i < 200; ++i) EXPECT_EQ(index.Find(~std::uint64_t{0} - i, 4), i);
  EXPECT_EQ(index.Find(~std::uint64_t{0} - 200, 4), KeyIndex::kAbsent);
}

}  // namespace
}  // namespace rookery
