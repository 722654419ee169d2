#include "ps/page_arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "common/random.h"

namespace rookery {
namespace {

TEST(PageArena, BlocksAreAlignedAndApart) {
  PageArena arena;
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t bytes : {1, 63, 64, 65, 4096, 300'000, 5'000'000, 100}) {
    auto* block = static_cast<unsigned char*>(arena.Allocate(bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 64, 0U);
    std::fill_n(block, bytes, static_cast<unsigned char>(blocks.size() + 1));
    blocks.emplace_back(block, bytes);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto [block, bytes] = blocks[i];
    EXPECT_TRUE(std::all_of(block, block + bytes, [i](unsigned char b) { return b == i + 1; }));
  }
}

// In whatever order neighbours are freed, they serve one request of their size together.
TEST(PageArena, FreedBlocksComeAgainAsOne) {
  for (const std::vector<std::size_t>& order :
       {std::vector<std::size_t>{0, 1, 2}, {2, 1, 0}, {0, 2, 1}, {1, 0, 2}}) {
    PageArena arena;
    std::vector<unsigned char*> blocks;
    for (int i = 0; i < 3; ++i) {
      blocks.push_back(static_cast<unsigned char*>(arena.Allocate(100)));
      std::fill_n(blocks.back(), 128, static_cast<unsigned char>(7));
    }
    ASSERT_EQ(blocks[2], blocks[0] + 256);
    const std::uint64_t before = arena.bytes();
    for (const std::size_t i : order) arena.Free(blocks[i], 100);
    auto* whole = static_cast<unsigned char*>(arena.Allocate(320));
    EXPECT_EQ(whole, blocks[0]);
    EXPECT_EQ(arena.Allocate(64), blocks[0] + 320);  // the rest
    EXPECT_EQ(arena.bytes(), before);
  }
}

TEST(PageArena, BlocksStayApartUnderRandomUse) {
  PageArena arena;
  Random random(1, Purpose::kTest);
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (int i = 0; i < 5000; ++i) {
    if (blocks.size() < 50 || random.NextBelow(2) == 0) {
      const std::size_t bytes = 1 + random.NextBelow(3000);
      auto* block = static_cast<unsigned char*>(arena.Allocate(bytes));
      ASSERT_NE(block, nullptr) << i;
      std::fill_n(block, bytes, static_cast<unsigned char>(i | 1));
      blocks.emplace_back(block, bytes);
    } else {
      std::swap(blocks[random.NextBelow(blocks.size())], blocks.back());
      const auto [block, bytes] = blocks.back();
      blocks.pop_back();
      ASSERT_TRUE(
          std::all_of(block, block + bytes, [block](unsigned char b) { return b == block[0]; }));
      arena.Free(block, bytes);
    }
  }
}

// Doubling blocks of many owners, each freed when the next is there: little is left over.
TEST(PageArena, GrowthWastesLittle) {
  PageArena arena;
  std::vector<void*> blocks(200);
  for (std::size_t bytes = 64; bytes <= 64 * 1024; bytes *= 2) {
    for (void*& block : blocks) {
      void* const next = arena.Allocate(bytes);
      ASSERT_NE(next, nullptr);
      if (block != nullptr) arena.Free(block, bytes / 2);
      block = next;
    }
  }
  EXPECT_LT(arena.bytes(), 200U * 64 * 1024 * 13 / 10);
}

TEST(PageArena, MoreThanTheSystemHasIsAnAnswer) {
  PageArena arena;
  EXPECT_EQ(arena.Allocate(std::size_t{1} << 60U), nullptr);
  EXPECT_EQ(arena.Allocate(~std::size_t{0}), nullptr);
  EXPECT_NE(arena.Allocate(64), nullptr);
}

TEST(PageArena, SaysBeforeWhatABlockWillTake) {
  PageArena arena;
  Random random(2, Purpose::kTest);
  std::vector<std::pair<void*, std::size_t>> blocks;
  std::uint64_t handed_out = 0;
  for (int i = 0; i < 4000; ++i) {
    if (blocks.size() < 50 || random.NextBelow(3) != 0) {
      const std::size_t bytes = 1 + random.NextBelow(i % 100 == 0 ? 3'000'000 : 20'000);
      const std::uint64_t wanted = arena.bytes() + arena.BytesToAllocate(bytes);
      blocks.emplace_back(arena.Allocate(bytes), bytes);
      ASSERT_EQ(arena.bytes(), wanted) << "block " << i << " of " << bytes;
      handed_out += bytes;
    } else {
      const std::size_t at = random.NextBelow(blocks.size());
      arena.Free(blocks[at].first, blocks[at].second);
      handed_out -= blocks[at].second;
      blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(at));
    }
    ASSERT_GE(arena.bytes(), handed_out);
  }
}

}  // namespace
}  // namespace rookery
