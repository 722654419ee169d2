#include "data/batch_builder.h"

#include <algorithm>
#include <utility>

#include "common/check.h"

namespace rookery {
namespace {

constexpr std::size_t kUsedMax = 2;

bool InFileOrder(const Batch& block, const std::vector<std::uint32_t>& order) {
  std::size_t i = 0;
  while (i < order.size() && order[i] == i) ++i;
  return i == block.examples;
}

}  // namespace

BatchBuilder::BatchBuilder(std::size_t batch_examples) : batch_examples_(batch_examples) {
  ROOKERY_CHECK(batch_examples > 0);
}

void BatchBuilder::AddBlock(Batch block, const std::vector<std::uint32_t>& order,
                            std::size_t skip) {
  ROOKERY_CHECK(skip <= order.size());
  waiting_ += order.size() - skip;
  if (!InFileOrder(block, order)) ReorderRows(order.data(), order.size(), &block, &scratch_);
  blocks_.push_back({std::move(block), skip});
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
  ShapeLike(blocks_.front().examples, count, batch);
  waiting_ -= count;
  std::size_t taken = 0;
  while (taken < count) {
    Block& block = blocks_.front();
    const std::size_t part = std::min(count - taken, block.examples.examples - block.used);
    CopyRows(block.examples, block.used, part, taken, batch);
    block.used += part;
    taken += part;
    DropUsedBlocks();
  }
}

void BatchBuilder::DropUsedBlocks() {
  while (!blocks_.empty() && blocks_.front().used == blocks_.front().examples.examples) {
    if (used_.size() < kUsedMax) used_.push_back(std::move(blocks_.front().examples));
    blocks_.pop_front();
    ++first_block_;
  }
}

bool BatchBuilder::TakeUsed(Batch* block) {
  if (used_.empty()) return false;
  *block = std::move(used_.back());
  used_.pop_back();
  return true;
}

}  // namespace rookery
