#include "net/ordered_add.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace rookery {
namespace {

TEST(SegmentOf, CoversTheVectorOnce) {
  for (const std::size_t length : {0U, 1U, 16U, 17U, 63U, 64U, 65U, 1000U}) {
    for (const std::size_t members : {1U, 2U, 3U, 5U, 8U}) {
      std::size_t next = 0;
      for (std::size_t member = 0; member < members; ++member) {
        const FloatRange range = SegmentOf(member, members, length);
        EXPECT_EQ(range.begin, next) << length << " floats, member " << member << "/" << members;
        next = range.end;
      }
      EXPECT_EQ(next, length) << length << " floats, " << members << " members";
    }
  }
  EXPECT_EQ(SegmentOf(1, 2, 100).begin, 64U);  // ceil(100 / 2) in whole lines of 16
}

TEST(AddInOrder, AddsFromTheLeftAndMayWriteOverASlice) {
  std::vector<float> a = {1e8F, 0.25F};
  std::vector<float> b = {1.0F, 0.5F};
  std::vector<float> c = {-1e8F, 1.0F};
  const std::vector<const float*> slices = {a.data(), b.data(), c.data()};
  AddInOrder(slices, b);
  EXPECT_EQ(b, (std::vector<float>{0.0F, 1.75F}));  // 1e8 + 1 is 1e8 in fp32
}

TEST(AddInOrder, OneSliceIsCopiedBitForBit) {
  const std::vector<float> a = {-0.0F, 3.0F};
  std::vector<float> sum(2);
  AddInOrder(std::vector<const float*>{a.data()}, sum);
  EXPECT_TRUE(std::signbit(sum[0]));
  EXPECT_EQ(sum[1], 3.0F);
}

}  // namespace
}  // namespace rookery
