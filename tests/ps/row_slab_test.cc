#include "ps/row_slab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ps/page_arena.h"

namespace rookery {
namespace {

TEST(PageArena, BlocksAreAlignedZeroAndApart) {
  PageArena arena;
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t bytes : {1, 63, 64, 65, 4096, 300'000, 5'000'000, 100}) {
    auto* block = static_cast<unsigned char*>(arena.Allocate(bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 64, 0U);
    EXPECT_TRUE(std::all_of(block, block + bytes, [](unsigned char b) { return b == 0; }));
    std::fill_n(block, bytes, static_cast<unsigned char>(blocks.size() + 1));
    blocks.emplace_back(block, bytes);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto [block, bytes] = blocks[i];
    EXPECT_TRUE(std::all_of(block, block + bytes, [i](unsigned char b) { return b == i + 1; }));
  }
}

TEST(PageArena, FreedBlocksComeAgainAndAreZero) {
  PageArena arena;
  auto* block = static_cast<unsigned char*>(arena.Allocate(100));
  std::fill_n(block, 100, static_cast<unsigned char>(7));
  const std::uint64_t before = arena.bytes();
  arena.Free(block, 100);
  auto* again = static_cast<unsigned char*>(arena.Allocate(100));
  EXPECT_EQ(again, block);
  EXPECT_EQ(arena.bytes(), before);
  EXPECT_TRUE(std::all_of(again, again + 100, [](unsigned char b) { return b == 0; }));
}

TEST(PageArena, MoreThanTheSystemHasIsAnAnswer) {
  PageArena arena;
  EXPECT_EQ(arena.Allocate(std::size_t{1} << 60U), nullptr);
  EXPECT_NE(arena.Allocate(64), nullptr);
}

TEST(RowSlab, RowsKeepTheirPlaceAndDoNotOverlap) {
  for (const std::size_t floats : {1, 3, 32, 100, 5000, 16384}) {
    PageArena arena;
    const RowShape shape(floats);
    const std::uint32_t rows = std::min<std::uint32_t>(shape.page_rows * 3 + 5, 2000);
    RowSlab slab;
    std::vector<float*> places;
    for (std::uint32_t i = 0; i < rows; ++i) {
      float* row = slab.Append(shape, &arena);
      ASSERT_NE(row, nullptr);
      EXPECT_TRUE(std::all_of(row, row + floats, [](float x) { return x == 0; }));
      std::fill_n(row, floats, static_cast<float>(i + 1));
      places.push_back(row);
    }
    EXPECT_EQ(slab.size(), rows);
    for (std::uint32_t i = 0; i < rows; ++i) {
      ASSERT_EQ(slab.Row(i, shape), places[i]) << "row " << i << " of " << floats << " floats";
      ASSERT_EQ(places[i][0], static_cast<float>(i + 1));
      ASSERT_EQ(places[i][floats - 1], static_cast<float>(i + 1));
    }
  }
}

// Doubling pages first, then pages of at most 256 rows: little is wasted.
TEST(RowSlab, WastesLessThanAPage) {
  PageArena arena;
  const RowShape shape(32);
  RowSlab slab;
  for (int i = 0; i < 4096; ++i) ASSERT_NE(slab.Append(shape, &arena), nullptr);
  EXPECT_EQ(arena.bytes(), std::uint64_t{4096} * 32 * sizeof(float));
}

}  // namespace
}  // namespace rookery
