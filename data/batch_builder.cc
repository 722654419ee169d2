#include "data/batch_builder.h"

#include <algorithm>
#include <utility>

#include "common/check.h"

namespace rookery {

BatchBuilder::BatchBuilder(std::size_t batch_examples) : batch_examples_(batch_examples) {
  ROOKERY_CHECK(batch_examples > 0);
}

void BatchBuilder::AddBlock(Batch block, std::vector<std::uint32_t> order, std::size_t skip) {
  ROOKERY_CHECK(skip <= order.size());
  waiting_ += order.size() - skip;
  blocks_.push_back({std::move(block), std::move(order), skip});
  DropUsedBlocks();
}

bool BatchBuilder::Next(Batch* batch) {
  if (waiting_ < batch_examples_) return false;
  Take(batch_examples_, batch);
  return true;
}

bool BatchBuilder::Flush(Batch* batch) {
  if (waiting_ == 0) return false;
  Take(std::min(waiting_, batch_examples_), batch);
  return true;
}

BlockPosition BatchBuilder::position() const {
  return {first_block_, blocks_.empty() ? 0 : blocks_.front().used};
}

void BatchBuilder::Take(std::size_t count, Batch* batch) {
  ClearLike(blocks_.front().examples, batch);
  waiting_ -= count;
  while (count > 0) {
    Block& block = blocks_.front();
    const std::size_t part = std::min(count, block.order.size() - block.used);
    AppendRows(block.examples, block.order.data() + block.used, part, batch);
    block.used += part;
    count -= part;
    DropUsedBlocks();
  }
}

void BatchBuilder::DropUsedBlocks() {
  while (!blocks_.empty() && blocks_.front().used == blocks_.front().order.size()) {
    blocks_.pop_front();
    ++first_block_;
  }
}

}  // namespace rookery
