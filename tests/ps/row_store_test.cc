#include "ps/row_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace rookery {
namespace {

TEST(RowStore, RowsKeepTheirPlaceAndDoNotOverlap) {
  for (const std::size_t floats : {1, 3, 32, 100, 5000, 49153, 20'000'000}) {
    RowStore store(floats);
    const std::uint32_t rows = floats < 49153 ? 2000 : floats < 100'000 ? 700 : 2;
    std::vector<float*> places;
    for (std::uint32_t i = 0; i < rows; ++i) {
      ASSERT_EQ(store.Append(), i);
      float* const row = store.Row(i);
      EXPECT_EQ(row[0], 0);
      EXPECT_EQ(row[floats - 1], 0);
      row[0] = static_cast<float>(i + 1);
      row[floats - 1] = static_cast<float>(i + 1);
      places.push_back(row);
    }
    EXPECT_EQ(store.size(), rows);
    for (std::uint32_t i = 0; i < rows; ++i) {
      ASSERT_EQ(store.Row(i), places[i]) << "row " << i << " of " << floats << " floats";
      ASSERT_EQ(places[i][0], static_cast<float>(i + 1));
      ASSERT_EQ(places[i][floats - 1], static_cast<float>(i + 1));
    }
  }
}

TEST(RowStore, SaysBeforeWhatARowWillTakeInWholePages) {
  RowStore store(33);
  EXPECT_EQ(store.bytes(), 0U);
  constexpr std::uint64_t kRows = 600'000;  // more than a segment
  for (std::uint64_t i = 0; i < kRows; ++i) {
    const std::uint64_t wanted = store.bytes() + store.BytesToAppend();
    ASSERT_NE(store.Append(), RowStore::kNone);
    ASSERT_EQ(store.bytes(), wanted) << "row " << i;
    const std::uint64_t exact = (i + 1) * 33 * sizeof(float);
    ASSERT_GE(store.bytes(), exact);
    // Small pages at first, then huge ones.
    ASSERT_LT(store.bytes(), exact + (exact <= kHugePageBytes - 4096 ? 4096 : kHugePageBytes));
  }
}

TEST(RowStore, MoreThanTheSystemHasIsAnAnswer) {
  RowStore store(std::size_t{1} << 58U);
  EXPECT_EQ(store.Append(), RowStore::kNone);
  EXPECT_EQ(store.size(), 0U);
}

}  // namespace
}  // namespace rookery
