// BatchBuilder: blocks of examples, each in an order of its own -> batches of exactly n examples
// across the borders of blocks, and one shorter batch at the end.
//
// The batches depend on the sequence of (block, order) alone: adding the block of position() again
// with skip = position().examples goes on exactly where the last batch ended.
//
// Owner    owns the blocks until they are used up. Threads: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "data/batch.h"

namespace rookery {

// How far the batches given out so far have come: all blocks before `block`, and the first
// `examples` of its order.
struct BlockPosition {
  std::uint64_t block = 0;  // counts AddBlock calls, from 0
  std::size_t examples = 0;
};

class BatchBuilder {
 public:
  explicit BatchBuilder(std::size_t batch_examples);

  // Leaves out the first `skip` of `order`. REQUIRES: order holds indices into the block, skip is
  // at most its size, all blocks have one shape. The block is put in order here, column by column,
  // because a column stays in the cache where all of them do not.
  void AddBlock(Batch block, const std::vector<std::uint32_t>& order, std::size_t skip = 0);
  // Replaces `batch` by the next full one; false when it takes another block.
  [[nodiscard]] bool Next(Batch* batch);
  // The same for what is left when no block will follow; false when nothing is.
  [[nodiscard]] bool Flush(Batch* batch);

  // A block that is used up, for its memory; false when there is none.
  [[nodiscard]] bool TakeUsed(Batch* block);

  [[nodiscard]] std::size_t waiting() const { return waiting_; }  // examples not given out
  [[nodiscard]] BlockPosition position() const;

 private:
  struct Block {
    Batch examples;  // in order
    std::size_t used = 0;
  };
  void Take(std::size_t count, Batch* batch);
  void DropUsedBlocks();

  const std::size_t batch_examples_;
  std::deque<Block> blocks_;  // the first is not used up
  Batch scratch_;             // of ReorderRows
  std::vector<Batch> used_;   // few, for TakeUsed
  std::uint64_t first_block_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace rookery
