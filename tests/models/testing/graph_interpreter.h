// GraphInterpreter: a GraphBuilder that computes what it is told, in double, for one batch.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/graph.h"
#include "models/model.h"
#include "tests/models/testing/sequenceless_graph.h"

namespace rookery {

class GraphInterpreter final : public SequencelessGraph {
 public:
  GraphInterpreter(const Model& model, const ModelInput& input, std::size_t numeric,
                   std::span<const float> dense)
      : model_(model), input_(input), numeric_(numeric), dense_(dense) {}

  [[nodiscard]] const std::vector<double>& scores() const { return scores_; }

  Value Embeddings(std::uint32_t table) override {
    const ModelTable& shape = model_.tables()[table];
    return Read(input_.embeddings[table], shape.features.size() * shape.dim);
  }
  Value Numeric() override { return Read(input_.numeric, numeric_); }
  Value Linear(Value x, const std::string& weight, const std::string& bias) override {
    const DenseBlockSpec& block = Block(weight);
    EXPECT_EQ(Of(x).width, block.rows) << weight;
    Tensor y = Like(block.columns);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      for (std::size_t j = 0; j < block.columns; ++j) {
        double sum = bias.empty() ? 0 : dense_[Block(bias).offset + j];
        for (std::size_t i = 0; i < block.rows; ++i) {
          sum += Of(x).at(b, i) * dense_[block.offset + i * block.columns + j];
        }
        y.at(b, j) = sum;
      }
    }
    return Keep(std::move(y));
  }
  Value GroupLinear(Value x, std::uint32_t groups, const std::string& weight,
                    const std::string& bias) override {
    std::vector<Value> parts;
    const auto width = static_cast<std::uint32_t>(Of(x).width / groups);
    for (std::uint32_t g = 0; g < groups; ++g) {
      parts.push_back(Linear(GroupColumns(x, 1, g * width, (g + 1) * width), weight, bias));
    }
    return Concat(parts);
  }
  Value AddParameter(Value x, const std::string& parameter) override {
    const DenseBlockSpec& block = Block(parameter);
    return Map(x, [&](double v, std::size_t i) { return v + dense_[block.offset + i]; });
  }
  Value MultiplyParameter(Value x, const std::string& parameter) override {
    const DenseBlockSpec& block = Block(parameter);
    return Map(x, [&](double v, std::size_t i) { return v * dense_[block.offset + i]; });
  }
  Value Erf(Value x) override {
    return Map(x, [](double v, std::size_t) { return std::erf(v); });
  }
  Value LogSumExp(Value x) override {
    const Value sums = SumColumns(Map(x, [](double v, std::size_t) { return std::exp(v); }));
    return Map(sums, [](double v, std::size_t) { return std::log(v); });
  }
  Value Softmax(Value x) override {
    Tensor y = Like(Of(x).width);
    const Value all = LogSumExp(x);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      const double sum = Of(all).at(b, 0);
      for (std::size_t i = 0; i < y.width; ++i) y.at(b, i) = std::exp(Of(x).at(b, i) - sum);
    }
    return Keep(std::move(y));
  }
  Value Relu(Value x) override {
    return Map(x, [](double v, std::size_t) { return v > 0 ? v : 0; });
  }
  Value Sigmoid(Value x) override {
    return Map(x, [](double v, std::size_t) { return 1 / (1 + std::exp(-v)); });
  }
  Value Tanh(Value x) override {
    return Map(x, [](double v, std::size_t) { return std::tanh(v); });
  }
  Value Add(Value a, Value b) override {
    return Zip(a, b, [](double x, double y) { return x + y; });
  }
  Value Multiply(Value a, Value b) override {
    return Zip(a, b, [](double x, double y) { return x * y; });
  }
  Value Scale(Value x, float factor) override {
    return Map(x, [&](double v, std::size_t) { return v * factor; });
  }
  Value Concat(const std::vector<Value>& values) override {
    std::size_t width = 0;
    for (const Value value : values) width += Of(value).width;
    Tensor y = Like(width);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      std::size_t at = 0;
      for (const Value value : values) {
        for (std::size_t i = 0; i < Of(value).width; ++i) y.at(b, at++) = Of(value).at(b, i);
      }
    }
    return Keep(std::move(y));
  }
  Value GroupColumns(Value x, std::uint32_t groups, std::uint32_t begin,
                     std::uint32_t end) override {
    const std::size_t width = Of(x).width / groups;
    EXPECT_EQ(width * groups, Of(x).width);
    EXPECT_LT(begin, end);
    EXPECT_LE(end, width);
    Tensor y = Like(std::size_t{groups} * (end - begin));
    for (std::size_t b = 0; b < input_.examples; ++b) {
      for (std::size_t i = 0; i < y.width; ++i) {
        y.at(b, i) = Of(x).at(b, i / (end - begin) * width + begin + i % (end - begin));
      }
    }
    return Keep(std::move(y));
  }
  Value SelectGroups(Value x, std::uint32_t groups,
                     const std::vector<std::uint32_t>& indices) override {
    std::vector<Value> parts;
    const auto width = static_cast<std::uint32_t>(Of(x).width / groups);
    for (const std::uint32_t g : indices) {
      parts.push_back(GroupColumns(x, 1, g * width, (g + 1) * width));
    }
    return Concat(parts);
  }
  Value TransposeGroups(Value x, std::uint32_t groups) override {
    std::vector<Value> parts;
    for (std::uint32_t d = 0; d < Of(x).width / groups; ++d) {
      parts.push_back(GroupColumns(x, groups, d, d + 1));
    }
    return Concat(parts);
  }
  Value GroupOuter(Value a, Value c, std::uint32_t groups) override {
    const std::size_t rows = Of(a).width / groups, columns = Of(c).width / groups;
    Tensor y = Like(groups * rows * columns);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      for (std::size_t i = 0; i < y.width; ++i) {
        const std::size_t g = i / (rows * columns);
        y.at(b, i) = Of(a).at(b, i / columns) * Of(c).at(b, g * columns + i % columns);
      }
    }
    return Keep(std::move(y));
  }
  Value GroupAttention(Value q, Value k, Value v, std::uint32_t groups, std::uint32_t heads,
                       float scale) override {
    const std::size_t width = Of(q).width / groups, head = width / heads;
    Tensor y = Like(Of(q).width);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      for (std::size_t i = 0; i < groups * heads; ++i) {
        const std::size_t at = i / heads * width + i % heads * head, column = i % heads * head;
        std::vector<double> shares(groups);
        double sum = 0;
        for (std::size_t j = 0; j < groups; ++j) {
          double product = 0;
          for (std::size_t d = 0; d < head; ++d) {
            product += Of(q).at(b, at + d) * Of(k).at(b, j * width + column + d);
          }
          sum += shares[j] = std::exp(scale * product);
        }
        for (std::size_t j = 0; j < groups; ++j) {
          for (std::size_t d = 0; d < head; ++d) {
            y.at(b, at + d) += shares[j] / sum * Of(v).at(b, j * width + column + d);
          }
        }
      }
    }
    return Keep(std::move(y));
  }
  Value SumGroups(Value x, std::uint32_t groups) override {
    Tensor y = Like(Of(x).width / groups);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      for (std::size_t i = 0; i < Of(x).width; ++i) y.at(b, i % y.width) += Of(x).at(b, i);
    }
    return Keep(std::move(y));
  }
  Value MaxGroups(Value x, std::uint32_t groups) override {
    const std::size_t width = Of(x).width / groups;
    Tensor y = Like(width);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      for (std::size_t i = 0; i < Of(x).width; ++i) {
        double& most = y.at(b, i % width);
        if (i < width || Of(x).at(b, i) > most) most = Of(x).at(b, i);
      }
    }
    return Keep(std::move(y));
  }
  Value SumColumns(Value x) override {
    Tensor y = Like(1);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      for (std::size_t i = 0; i < Of(x).width; ++i) y.at(b, 0) += Of(x).at(b, i);
    }
    return Keep(std::move(y));
  }
  Value PairProducts(Value x, std::uint32_t groups) override {
    const std::size_t width = Of(x).width / groups;
    EXPECT_EQ(width * groups, Of(x).width);
    Tensor y = Like(std::size_t{groups} * (groups - 1) / 2);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      std::size_t at = 0;
      for (std::size_t i = 1; i < groups; ++i) {
        for (std::size_t j = 0; j < i; ++j, ++at) {
          for (std::size_t d = 0; d < width; ++d) {
            y.at(b, at) += Of(x).at(b, i * width + d) * Of(x).at(b, j * width + d);
          }
        }
      }
    }
    return Keep(std::move(y));
  }
  Value BatchNorm(Value x, const std::string& mean, const std::string& variance,
                  const std::string& gain, const std::string& shift, float epsilon) override {
    return Map(x, [&](double v, std::size_t i) {
      const auto value = [&](const std::string& name) { return dense_[Block(name).offset + i]; };
      return (v - value(mean)) / std::sqrt(value(variance) + epsilon) * value(gain) + value(shift);
    });
  }
  Value LayerNorm(Value x, const std::string& gain, const std::string& shift,
                  float epsilon) override {
    Tensor y = Like(Of(x).width);
    for (std::size_t b = 0; b < input_.examples; ++b) {
      double mean = 0, variance = 0;
      for (std::size_t i = 0; i < y.width; ++i) mean += Of(x).at(b, i) / double(y.width);
      for (std::size_t i = 0; i < y.width; ++i) {
        variance += std::pow(Of(x).at(b, i) - mean, 2) / double(y.width);
      }
      for (std::size_t i = 0; i < y.width; ++i) {
        y.at(b, i) = (Of(x).at(b, i) - mean) / std::sqrt(variance + epsilon) *
                         dense_[Block(gain).offset + i] +
                     dense_[Block(shift).offset + i];
      }
    }
    return Keep(std::move(y));
  }
  void Output(Value score) override {
    EXPECT_TRUE(scores_.empty()) << "two outputs";
    EXPECT_EQ(Of(score).width, model_.outputs());
    scores_ = Of(score).values;
  }

 private:
  struct Tensor {
    std::size_t width = 0;
    std::vector<double> values;
    double& at(std::size_t b, std::size_t i) { return values[b * width + i]; }
  };

  Tensor& Of(Value value) { return tensors_[static_cast<std::size_t>(value)]; }
  [[nodiscard]] Tensor Like(std::size_t width) const {
    return {width, std::vector<double>(input_.examples * width)};
  }
  Value Keep(Tensor tensor) {
    tensors_.push_back(std::move(tensor));
    return static_cast<Value>(tensors_.size() - 1);
  }
  Value Read(const float* values, std::size_t width) {
    return Keep({width, std::vector<double>(values, values + input_.examples * width)});
  }
  template <class Function>
  Value Map(Value x, const Function& function) {
    Tensor y = Of(x);
    for (std::size_t i = 0; i < y.values.size(); ++i) {
      y.values[i] = function(y.values[i], i % y.width);
    }
    return Keep(std::move(y));
  }
  template <class Function>
  Value Zip(Value a, Value b, const Function& function) {
    const bool wide = Of(b).width != 1;
    EXPECT_TRUE(Of(a).width == Of(b).width || !wide);
    Tensor y = Of(a);
    for (std::size_t i = 0; i < y.values.size(); ++i) {
      y.values[i] = function(y.values[i], Of(b).values[wide ? i : i / y.width]);
    }
    return Keep(std::move(y));
  }
  [[nodiscard]] const DenseBlockSpec& Block(const std::string& name) const {
    for (const DenseBlockSpec& block : model_.dense_blocks()) {
      if (block.name == name) return block;
    }
    ADD_FAILURE() << "no dense block '" << name << "'";
    return model_.dense_blocks().front();
  }

  const Model& model_;
  const ModelInput& input_;
  std::size_t numeric_;
  std::span<const float> dense_;
  std::vector<Tensor> tensors_;
  std::vector<double> scores_;
};

}  // namespace rookery
