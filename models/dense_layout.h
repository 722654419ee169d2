// DenseLayout: the dense blocks of a model as its layers ask for them, one after the other.
// Used while a model is made; not shared between threads.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "protocol/table_spec.h"

namespace rookery {

// Where a block is in the dense vector, and its name for graphs.
struct DenseBlock {
  std::string name;
  std::uint64_t offset = 0;
};

class DenseLayout {
 public:
  // A weight [rows, columns] with Xavier's start values.
  DenseBlock AddWeight(std::string name, std::size_t rows, std::size_t columns) {
    return Add({.name = std::move(name),
                .rows = static_cast<std::uint32_t>(rows),
                .columns = static_cast<std::uint32_t>(columns),
                .initializer = {.kind = InitializerKind::kXavier}});
  }
  // [rows, columns] of normal start values around 0.
  DenseBlock AddNormal(std::string name, std::size_t rows, std::size_t columns, float deviation) {
    return Add({.name = std::move(name),
                .rows = static_cast<std::uint32_t>(rows),
                .columns = static_cast<std::uint32_t>(columns),
                .initializer = {.kind = InitializerKind::kNormal, .scale = deviation}});
  }
  // [rows, 1] or [1, columns] of one start value; a statistic when its rate is not 0.
  DenseBlock AddConstant(std::string name, std::size_t rows, std::size_t columns, float value,
                         float statistic_rate = 0) {
    return Add({.name = std::move(name),
                .rows = static_cast<std::uint32_t>(rows),
                .columns = static_cast<std::uint32_t>(columns),
                .initializer = {.kind = InitializerKind::kZeros},
                .initial_value = value,
                .statistic_rate = statistic_rate});
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<DenseBlockSpec>& blocks() const { return blocks_; }

 private:
  DenseBlock Add(DenseBlockSpec block) {
    block.offset = size_;
    size_ += block.size();
    blocks_.push_back(std::move(block));
    return {blocks_.back().name, blocks_.back().offset};
  }

  std::vector<DenseBlockSpec> blocks_;
  std::uint64_t size_ = 0;
};

}  // namespace rookery
