// The visible units of a restricted Boltzmann machine, given the hidden ones.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "models/gemm.h"
#include "models/layers/rbm.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

constexpr std::size_t kBlock = 64;  // examples scored at once: bounds the memory

// The different rows of unit f: scratch.firsts has, of each, the first example with it, and
// state_of [B] which of them an example has. The order follows from the bits.
void FindStates(const Rbm& rbm, const RbmExamples& examples, std::size_t f, RbmScratch& scratch) {
  const std::size_t width = rbm.row_width();
  const auto compare = [&](std::uint32_t a, std::uint32_t b) {
    return std::memcmp(examples.rows + (a * rbm.row_units + f) * width,
                       examples.rows + (b * rbm.row_units + f) * width, width * sizeof(float));
  };
  std::vector<std::uint32_t>& order = scratch.order;
  order.resize(examples.count);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int difference = compare(a, b);
    return difference < 0 || (difference == 0 && a < b);
  });
  scratch.firsts.clear();
  scratch.state_of.resize(examples.count);
  for (const std::uint32_t b : order) {
    if (scratch.firsts.empty() || compare(scratch.firsts.back(), b) != 0) {
      scratch.firsts.push_back(b);
    }
    scratch.state_of[b] = static_cast<std::uint32_t>(scratch.firsts.size() - 1);
  }
}

struct Drawn {
  std::size_t state = 0;
  double error = 0;  // -log p(own)
};

// One of `count` states with p ~ exp(score), by a number of [0, 1). The scores are overwritten.
Drawn DrawState(float* scores, std::size_t count, std::size_t own, float number) {
  const float largest = *std::max_element(scores, scores + count);
  const float of_own = scores[own] - largest;
  float sum = 0;
  for (std::size_t s = 0; s < count; ++s) sum += scores[s] = std::exp(scores[s] - largest);
  const double error = double{std::log(sum)} - double{of_own};
  float rest = number * sum;
  for (std::size_t s = 0; s + 1 < count; ++s) {
    if (rest < scores[s]) return {s, error};
    rest -= scores[s];
  }
  return {count - 1, error};
}

// places[b * F + f]; returns the sum of weight * -log p(own row | h).
double RedrawRows(const Rbm& rbm, const RbmExamples& examples, std::size_t f, const float* h,
                  Random& random, std::uint32_t* places, RbmScratch& scratch) {
  FindStates(rbm, examples, f, scratch);
  const std::size_t hidden = rbm.hidden, width = rbm.row_width(), count = scratch.firsts.size();
  float* states = scratch.states.Grow(count * width);
  for (std::size_t s = 0; s < count; ++s) {
    std::copy_n(examples.rows + (scratch.firsts[s] * rbm.row_units + f) * width, width,
                states + s * width);
  }
  double error = 0;
  float* scores = scratch.scores.Grow(kBlock * count);
  for (std::size_t begin = 0; begin < examples.count; begin += kBlock) {
    const std::size_t end = std::min(begin + kBlock, examples.count);
    Gemm(false, true, end - begin, count, hidden, 1, h + begin * hidden, hidden, states, width, 0,
         scores, count);
    for (std::size_t b = begin; b < end; ++b) {
      float* row = scores + (b - begin) * count;
      for (std::size_t s = 0; s < count; ++s) row[s] += states[s * width + hidden];
      const Drawn drawn = DrawState(row, count, scratch.state_of[b], random.NextFloat());
      places[b * rbm.row_units + f] = scratch.firsts[drawn.state];
      error += double{examples.weight(b)} * drawn.error;
    }
  }
  return error;
}

// Of one number with a + W h = y; returns -log p(v).
double RedrawNumber(Rbm::Numbers kind, double y, double v, Random& random, float* redrawn) {
  if (kind == Rbm::Numbers::kGaussian) {
    *redrawn = static_cast<float>(y + random.NextNormal());
    return 0.5 * (v - y) * (v - y);
  }
  const double small = std::exp(-std::abs(y));
  *redrawn = static_cast<float>((y >= 0 ? 1 : small) / (1 + small));
  return std::max(y, 0.0) - y * v + std::log1p(small);
}

}  // namespace

double RbmRedraw(const Rbm& rbm, const RbmExamples& examples, const float* h, Random& random,
                 std::uint32_t* places, float* numbers, RbmScratch& scratch) {
  double error = 0;
  for (std::size_t f = 0; f < rbm.row_units; ++f) {
    error += RedrawRows(rbm, examples, f, h, random, places, scratch);
  }
  if (rbm.numbers > 0) {
    Gemm(false, true, examples.count, rbm.numbers, rbm.hidden, 1, h, rbm.hidden, rbm.weight,
         rbm.hidden, 0, numbers, rbm.numbers);
  }
  for (std::size_t b = 0; b < examples.count; ++b) {
    double of_example = 0;
    for (std::size_t i = 0; i < rbm.numbers; ++i) {
      float* number = numbers + b * rbm.numbers + i;
      of_example += RedrawNumber(rbm.kind, double{*number} + double{rbm.visible_bias[i]},
                                 examples.numbers[b * rbm.numbers + i], random, number);
    }
    error += double{examples.weight(b)} * of_example;
  }
  return error / static_cast<double>(rbm.row_units + rbm.numbers);
}

}  // namespace rookery
