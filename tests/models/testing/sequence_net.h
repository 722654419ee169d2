// SequenceNet: a net over sequences with made-up rows, for tests of layers beside numbers from
// tests/models/net/torch_golden.py.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/net/net.h"

namespace rookery {

using Floats = std::vector<float>;

inline Floats Wave(std::size_t count, double start, double factor = 1) {
  Floats values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(factor * std::sin(start + 0.7 * static_cast<double>(i))));
  }
  return values;
}

inline void ExpectNear(const std::string& what, const float* got, const Floats& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(got[i], wanted[i], 2e-6) << what << "[" << i << "]";
  }
}

// A net over sequences of three examples with 3, 0 and 1 elements.
class SequenceNet : public testing::Test {
 protected:
  // `width` of each of `count` sequences, which begin with Wave(1), Wave(2), ...
  std::vector<NetValue> Begin(std::size_t count, std::uint32_t width) {
    const ModelTable table{.name = "t", .dim = width, .features = {}};
    std::vector<NetValue> values;
    for (std::uint32_t s = 0; s < count; ++s) {
      rows_.push_back(Wave(4 * width, s + 1.0));
      d_rows_.emplace_back(4 * width, NAN);
      const NetValue value = builder_.Sequence(table, s);
      values.push_back(s == 0 ? value : builder_.Aligned(values[0], value));
    }
    return values;
  }
  void Run(NetValue output, const Floats& dense, std::size_t output_rows) {
    net_ = builder_.Take();
    ASSERT_EQ(dense.size(), layout_.size());
    scratch_ = net_.MakeScratch();
    ModelInput input;
    input.examples = 3;
    ModelGradients gradients;
    for (std::size_t s = 0; s < rows_.size(); ++s) {
      input.sequences.push_back({rows_[s].data(), offsets_.data()});
      gradients.sequences.push_back(d_rows_[s].data());
    }
    d_dense_.assign(dense.size() + 1, NAN);
    gradients.dense = d_dense_.data();
    const DropoutStream training{};
    net_.Forward(input, dense.data(), &training, scratch_);
    const std::size_t size = output_rows * net_.width(output);
    const float* y = net_.ValueOf(output, input, scratch_);
    y_.assign(y, y + size);
    const Floats d_y = Wave(size, 6);
    const float* gradient = d_y.data();
    net_.Backward(input, dense.data(), {&output, 1}, {&gradient, 1}, scratch_, gradients);
  }

  DenseLayout layout_;
  NetBuilder builder_{&layout_};
  Net net_;
  Net::Scratch scratch_;
  std::vector<std::uint32_t> offsets_ = {40, 43, 43, 44};
  std::vector<Floats> rows_, d_rows_;
  Floats y_, d_dense_;
};

}  // namespace rookery
