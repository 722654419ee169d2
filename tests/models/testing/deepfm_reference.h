// DeepFmReference: three steps' worth of DeepFM in double, written down from the formulas and with
// nothing in common with models/: gather, forward, backward, Adam for the dense, Adagrad for rows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace rookery {

using Doubles = std::vector<double>;

// A linear layer's parameters with Adam's moments.
struct ReferenceBlock {
  Doubles value, gradient, first, second;

  explicit ReferenceBlock(Doubles start)
      : value(std::move(start)),
        gradient(value.size()),
        first(value.size()),
        second(value.size()) {}

  void Adam(double rate, double step) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      first[i] = 0.9 * first[i] + 0.1 * gradient[i];
      second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
      const double mean = first[i] / (1 - std::pow(0.9, step));
      const double square = second[i] / (1 - std::pow(0.999, step));
      value[i] -= rate * mean / (std::sqrt(square) + 1e-8);
      gradient[i] = 0;
    }
  }
};

struct ReferenceExample {
  // Per feature: (row, factor of the row in the feature's vector).
  std::vector<std::vector<std::pair<std::size_t, double>>> features;
  Doubles numeric;
  double label = 0;
  double weight = 1;
};

struct DeepFmReference {
  std::size_t dim;                                 // without the first-order column
  std::vector<Doubles> rows, row_gradients, sums;  // [U][dim + 1]; Adagrad's sums of squares
  ReferenceBlock bias;
  std::vector<ReferenceBlock> weights;  // of each layer [inputs, outputs], the output layer last
  std::vector<ReferenceBlock> biases;   // of the hidden layers

  // Adds the gradients of weight * loss / examples; returns weight * loss.
  double Learn(const ReferenceExample& example, double examples) {
    std::vector<Doubles> vectors;
    for (const auto& feature : example.features) {
      Doubles vector(dim + 1);
      for (const auto& [row, factor] : feature) {
        for (std::size_t d = 0; d <= dim; ++d) vector[d] += factor * rows[row][d];
      }
      vectors.push_back(vector);
    }
    double y = bias.value[0];
    for (std::size_t f = 0; f < vectors.size(); ++f) {
      y += vectors[f][dim];
      for (std::size_t g = f + 1; g < vectors.size(); ++g) {
        for (std::size_t d = 0; d < dim; ++d) y += vectors[f][d] * vectors[g][d];
      }
    }
    std::vector<Doubles> activations(1);
    for (const Doubles& vector : vectors) {
      activations[0].insert(activations[0].end(), vector.begin(), vector.end() - 1);
    }
    activations[0].insert(activations[0].end(), example.numeric.begin(), example.numeric.end());
    for (std::size_t layer = 0; layer < biases.size(); ++layer) {
      Doubles out = biases[layer].value;
      for (std::size_t j = 0; j < out.size(); ++j) {
        for (std::size_t i = 0; i < activations[layer].size(); ++i) {
          out[j] += activations[layer][i] * weights[layer].value[i * out.size() + j];
        }
        out[j] = std::max(out[j], 0.0);
      }
      activations.push_back(out);
    }
    for (std::size_t i = 0; i < activations.back().size(); ++i) {
      y += activations.back()[i] * weights.back().value[i];
    }
    const double score = 1 / (1 + std::exp(-y));
    Back(example, vectors, activations, example.weight * (score - example.label) / examples);
    return -example.weight *
           (example.label * std::log(score) + (1 - example.label) * std::log(1 - score));
  }

  void Update(double dense_rate, double row_rate, double step) {
    bias.Adam(dense_rate, step);
    for (ReferenceBlock& block : weights) block.Adam(dense_rate, step);
    for (ReferenceBlock& block : biases) block.Adam(dense_rate, step);
    for (std::size_t u = 0; u < rows.size(); ++u) {
      for (std::size_t d = 0; d <= dim; ++d) {
        const double gradient = row_gradients[u][d];
        sums[u][d] += gradient * gradient;
        if (gradient != 0) rows[u][d] -= row_rate * gradient / (std::sqrt(sums[u][d]) + 1e-8);
        row_gradients[u][d] = 0;
      }
    }
  }

 private:
  void Back(const ReferenceExample& example, const std::vector<Doubles>& vectors,
            const std::vector<Doubles>& activations, double dy) {
    bias.gradient[0] += dy;
    Doubles above = {dy};
    for (std::size_t layer = weights.size(); layer-- > 0;) {
      const Doubles& input = activations[layer];
      Doubles below(input.size());
      for (std::size_t i = 0; i < input.size(); ++i) {
        for (std::size_t j = 0; j < above.size(); ++j) {
          weights[layer].gradient[i * above.size() + j] += input[i] * above[j];
          below[i] += weights[layer].value[i * above.size() + j] * above[j];
        }
        if (layer > 0 && input[i] <= 0) below[i] = 0;
        if (layer > 0) biases[layer - 1].gradient[i] += below[i];
      }
      above = below;
    }
    for (std::size_t f = 0; f < vectors.size(); ++f) {
      Doubles gradient(dim + 1, dy);
      for (std::size_t d = 0; d < dim; ++d) {
        gradient[d] = above[f * dim + d];
        for (std::size_t g = 0; g < vectors.size(); ++g) {
          if (g != f) gradient[d] += dy * vectors[g][d];
        }
      }
      for (const auto& [row, factor] : example.features[f]) {
        for (std::size_t d = 0; d <= dim; ++d) row_gradients[row][d] += factor * gradient[d];
      }
    }
  }
};

}  // namespace rookery
