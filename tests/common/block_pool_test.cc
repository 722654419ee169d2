#include "common/block_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace rookery {
namespace {

TEST(BlockPool, ABlockOfTheSameSizeIsGivenAgain) {
  if (!BlocksAreKept()) GTEST_SKIP() << "sanitizer build: blocks come from the system";
  constexpr std::size_t kBytes = 123457;
  void* const first = TakeBlock(kBytes);
  void* const second = TakeBlock(kBytes);
  EXPECT_NE(first, second);
  GiveBlock(first, kBytes);
  EXPECT_EQ(TakeBlock(kBytes), first);
  GiveBlock(first, kBytes);
  std::thread([&] { EXPECT_EQ(TakeBlock(kBytes), first); }).join();  // also in another thread
  GiveBlock(first, kBytes);
  GiveBlock(second, kBytes);
}

TEST(BlockPool, SizesAreEnoughAndAtMostAQuarterTooLarge) {
  EXPECT_GE(BlockBytes(0), 8U);
  for (std::size_t bytes = 65; bytes < std::size_t{1} << 28; bytes += bytes / 61 + 1) {
    ASSERT_GE(BlockBytes(bytes), bytes);
    ASSERT_LE(BlockBytes(bytes), bytes + bytes / 4) << bytes;
  }
  if (!BlocksAreKept()) return;
  EXPECT_EQ(BlockBytes(1), 64U);
  EXPECT_EQ(BlockBytes(65), 80U);
  EXPECT_EQ(BlockBytes(128), 128U);
  EXPECT_EQ(BlockBytes(129), 160U);
  EXPECT_EQ(BlockBytes(std::size_t{64} << 20), std::size_t{64} << 20);
}

TEST(BlockPool, BlocksAreAlignedAndDoNotOverlap) {
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t bytes = 1; bytes < 5000; bytes += 37) {
      auto* block = static_cast<unsigned char*>(TakeBlock(bytes));
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block) % kBlockAlignment, 0U);
      std::memset(block, static_cast<int>(blocks.size() % 251), bytes);
      blocks.emplace_back(block, bytes);
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      for (std::size_t b = 0; b < blocks[i].second; ++b) {
        ASSERT_EQ(blocks[i].first[b], i % 251) << "block " << i;
      }
      GiveBlock(blocks[i].first, blocks[i].second);
    }
    blocks.clear();
  }
}

TEST(BlockPool, ManyThreadsNeverShareABlock) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 5000; ++i) {
        auto* block = static_cast<unsigned*>(TakeBlock(64));
        *block = t;
        std::this_thread::yield();
        ASSERT_EQ(*block, t);
        GiveBlock(block, 64);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace rookery
