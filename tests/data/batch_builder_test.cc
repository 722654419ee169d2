#include "data/batch_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "common/random.h"
#include "data/shuffle_window.h"

namespace rookery {
namespace {

// Labels begin, begin + 1, ...; one list feature with label % 3 values equal to the label.
Batch Block(std::size_t begin, std::size_t examples) {
  Batch block;
  block.examples = examples;
  block.numeric_width = 1;
  block.features.resize(1);
  block.features[0].offsets.push_back(0);
  for (std::size_t i = begin; i < begin + examples; ++i) {
    block.labels.push_back(static_cast<float>(i));
    block.numeric.push_back(static_cast<float>(2 * i));
    block.features[0].keys.insert(block.features[0].keys.end(), i % 3, i);
    block.features[0].offsets.push_back(static_cast<std::uint32_t>(block.features[0].keys.size()));
  }
  return block;
}

TEST(ShuffledOrder, IsANamedPermutation) {
  const ShuffleOptions options{true, 5};
  const ChunkRun run{1, 8, 4, 2};
  std::vector<std::uint32_t> order = ShuffledOrder(options, 0, run, 1000);
  EXPECT_EQ(order, ShuffledOrder(options, 0, run, 1000));
  EXPECT_NE(order, ShuffledOrder(options, 1, run, 1000));
  EXPECT_NE(order, ShuffledOrder(options, 0, {1, 9, 4, 2}, 1000));
  EXPECT_NE(order, ShuffledOrder(options, 0, {2, 8, 4, 2}, 1000));
  EXPECT_NE(order, ShuffledOrder({true, 6}, 0, run, 1000));
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  const std::vector<std::uint32_t> in_order = ShuffledOrder({false, 5}, 0, run, 1000);
  EXPECT_EQ(order, in_order);
  EXPECT_EQ(in_order[999], 999U);
}

TEST(BatchBuilder, CutsAcrossBlocks) {
  BatchBuilder builder(4);
  Batch batch;
  EXPECT_FALSE(builder.Next(&batch));
  builder.AddBlock(Block(0, 3), {2, 1, 0});
  EXPECT_FALSE(builder.Next(&batch));
  builder.AddBlock(Block(3, 0), {});
  builder.AddBlock(Block(3, 3), {0, 1, 2});
  ASSERT_TRUE(builder.Next(&batch));
  EXPECT_EQ(batch.labels, (std::vector<float>{2, 1, 0, 3}));
  EXPECT_EQ(batch.numeric, (std::vector<float>{4, 2, 0, 6}));
  EXPECT_EQ(batch.features[0].keys, (std::vector<Key>{2, 2, 1}));
  EXPECT_EQ(batch.features[0].offsets, (std::vector<std::uint32_t>{0, 2, 3, 3, 3}));
  EXPECT_EQ(builder.position().block, 2U);
  EXPECT_EQ(builder.position().examples, 1U);
  EXPECT_FALSE(builder.Next(&batch));
  EXPECT_EQ(builder.waiting(), 2U);
  ASSERT_TRUE(builder.Flush(&batch));
  EXPECT_EQ(batch.labels, (std::vector<float>{4, 5}));
  EXPECT_FALSE(builder.Flush(&batch));
  EXPECT_EQ(builder.position().block, 3U);
  EXPECT_EQ(builder.position().examples, 0U);
}

// Labels of all batches, from a position on.
std::vector<std::vector<float>> BatchesFrom(BlockPosition from, std::size_t batches_max,
                                            BlockPosition* reached) {
  constexpr std::size_t kSizes[] = {10, 1, 0, 33, 5, 5, 17};
  BatchBuilder builder(8);
  std::vector<std::vector<float>> batches;
  std::size_t begin = 0;
  Batch batch;
  for (std::uint64_t block = 0; block < std::size(kSizes); ++block) {
    const std::size_t size = kSizes[block];
    if (block >= from.block) {
      builder.AddBlock(Block(begin, size), ShuffledOrder({true, 3}, 0, {0, block, 1, 1}, size),
                       block == from.block ? from.examples : 0);
    }
    begin += size;
    while (batches.size() < batches_max && builder.Next(&batch)) batches.push_back(batch.labels);
    if (batches.size() == batches_max) break;
  }
  *reached = {builder.position().block + from.block, builder.position().examples};
  if (batches.size() < batches_max && builder.Flush(&batch)) batches.push_back(batch.labels);
  return batches;
}

TEST(BatchBuilder, ResumesExactlyAfterAnyBatch) {
  BlockPosition reached;
  const auto whole = BatchesFrom({}, 100, &reached);
  ASSERT_EQ(whole.size(), 9U);  // 71 examples
  EXPECT_EQ(whole.back().size(), 7U);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    auto resumed = BatchesFrom({}, cut, &reached);
    ASSERT_EQ(resumed.size(), cut);
    BlockPosition end;
    for (auto& labels : BatchesFrom(reached, 100, &end)) resumed.push_back(labels);
    EXPECT_EQ(resumed, whole) << "cut after " << cut;
  }
}

}  // namespace
}  // namespace rookery
