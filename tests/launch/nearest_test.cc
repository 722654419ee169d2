#include "launch/nearest.h"

#include <gtest/gtest.h>

namespace rookery {
namespace {

TEST(EditDistance, CountsInsertDeleteReplaceSwap) {
  EXPECT_EQ(EditDistance("", ""), 0U);
  EXPECT_EQ(EditDistance("abc", ""), 3U);
  EXPECT_EQ(EditDistance("", "ab"), 2U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
  EXPECT_EQ(EditDistance("trian", "train"), 1U);
  EXPECT_EQ(EditDistance("ca", "abc"), 3U);  // a swapped pair is not edited again
}

TEST(NearestName, TheFirstOfTheNearest) {
  EXPECT_EQ(NearestName("bath", {"cluster", "bat", "batch"}), "bat");
  EXPECT_EQ(NearestName("x", {"abc"}), "abc");
}

}  // namespace
}  // namespace rookery
