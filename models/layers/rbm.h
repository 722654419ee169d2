// Restricted Boltzmann machines (Smolensky 1986), and a step of contrastive divergence, by which
// they learn what their visible units are like without any label (CD-1, Hinton 2002).
//
//   p(v, h) ~ exp(-E),  E = -A(v) - c.h - X(v).h,  h in {0, 1}^H
//   x = c + X(v),  p(h_j = 1 | v) = sigmoid(x_j)
//   F(v) = -A(v) - sum_j log(1 + exp x_j), the free energy: p(v) ~ exp(-F)
//
// A(v) and X(v) are sums over the visible units, which are of two sorts:
//   row units  each has one of many states, and a row for it (softmax units, Salakhutdinov, Mnih,
//              Hinton 2007): A is the row's last float, X the others. The states that a unit can
//              have are those of the examples at hand; which are the same is told by their bits.
//   numbers    v with a dense weight W: X = v W; bernoulli, of [0, 1]: A = a.v; gaussian, of
//              variance 1: A = -|v - a|^2 / 2 (Welling, Rosen-Zvi, Hinton 2005)
//
// CD-1: draw h given the data v, then v' given h: row units and gaussian numbers are drawn,
// bernoulli ones are their mean (Hinton 2010). The gradient is that of F(v) - F(v') with v' held.
//
// Shapes   row-major; B examples, F row units, N numbers, H hidden units.
// Threads  pure functions but for scratches, which keep their memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/random.h"
#include "models/float_buffer.h"

namespace rookery {

struct Rbm {
  enum class Numbers : std::uint8_t { kBernoulli, kGaussian };

  std::size_t hidden = 0;               // H, at least 1
  const float* hidden_bias = nullptr;   // c [H]
  std::size_t row_units = 0;            // F
  std::size_t numbers = 0;              // N; F + N > 0
  Numbers kind = Numbers::kBernoulli;   // of all of them
  const float* weight = nullptr;        // W [N, H]
  const float* visible_bias = nullptr;  // a [N]
  [[nodiscard]] std::size_t row_width() const { return hidden + 1; }
};

struct RbmExamples {
  std::size_t count = 0;           // B, at least 1
  const float* rows = nullptr;     // [B, F, H + 1]
  const float* numbers = nullptr;  // [B, N]
  const float* weights = nullptr;  // [B]; nullptr: all 1
  [[nodiscard]] float weight(std::size_t b) const { return weights == nullptr ? 1.0F : weights[b]; }
};

// What the visible units show, where it is not what the examples have.
struct RbmVisible {
  const std::uint32_t* places = nullptr;  // [B, F]: of which example a unit has the row
  const float* numbers = nullptr;         // [B, N]
};

// Added to.
struct RbmGradients {
  float* rows = nullptr;          // [B, F, H + 1]: of the examples' rows
  float* weight = nullptr;        // [N, H]
  float* visible_bias = nullptr;  // [N]
  float* hidden_bias = nullptr;   // [H]
};

struct RbmScratch {
  FloatBuffer sampled, hidden, numbers;  // of a step: h drawn; p(h | v'), v'
  FloatBuffer weighed;                   // of a gradient
  FloatBuffer states, scores;            // of a row unit that is redrawn
  GrowBuffer<std::uint32_t> places;
  std::vector<std::uint32_t> order, firsts, state_of;
};

// h [B, H] = p(h = 1 | v).
void RbmHidden(const Rbm& rbm, const RbmExamples& examples, const RbmVisible& visible, float* h);

// places [B, F] and numbers [B, N]: the visible units given h [B, H] of zeros and ones. Returns the
// sum over examples of weight * the mean over visible units of -log p(what the example has | h),
// of gaussian units without the constant.
double RbmRedraw(const Rbm& rbm, const RbmExamples& examples, const float* h, Random& random,
                 std::uint32_t* places, float* numbers, RbmScratch& scratch);

// Adds `sign` times the gradient of the sum over examples of weight * F(v); h [B, H] = p(h = 1 |
// v).
void AddFreeEnergyGradient(const Rbm& rbm, const RbmExamples& examples, const RbmVisible& visible,
                           const float* h, float factor, RbmScratch& scratch,
                           const RbmGradients& gradients);

// A step of CD-1, given h [B, H] = p(h = 1 | examples): adds `factor` times the gradient of the sum
// of weight * (F(v) - F(v')), and returns what RbmRedraw does.
double ContrastiveDivergence(const Rbm& rbm, const RbmExamples& examples, const float* h,
                             float factor, Random random, RbmScratch& scratch,
                             const RbmGradients& gradients);

}  // namespace rookery
