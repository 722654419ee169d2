// Norm: brings the inputs of an activation to mean 0 and variance 1, then applies gain and shift.
//
//   layer  over the columns of each example
//   batch  over the examples of each column. In training these are the examples of the part
//   ("ghost"
//          batches: smaller than the step's batch, and independent of the number of workers);
//          weights of examples do not count. In scoring it is the running mean and variance.
//
// The running values are statistics (protocol/table_spec.h): the gradient entry of a part with B
// examples is (running - observed) * B. The caller sums parts and divides by the examples of the
// step, which leaves running - average(observed), and the owner moves by statistic_rate times that.
//
// Shapes   y [B, width]. Formulas: Ioffe & Szegedy 2015, Ba et al. 2016; variances are biased.
// Threads  immutable; const methods from any thread, each with a State of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/error.h"
#include "models/dense_layout.h"
#include "models/float_buffer.h"
#include "models/graph.h"

namespace rookery {

enum class NormKind : std::uint8_t { kNone, kBatch, kLayer };

inline constexpr float kNormEpsilon = 1e-5F;
// The start values are forgotten within some 50 steps: small jobs have few of them.
inline constexpr float kStatisticRate = 0.1F;

// "none", "batch" or "layer"; otherwise kInvalidInput with the list.
[[nodiscard]] StatusOr<NormKind> ParseNorm(const std::string& name);

class Norm {
 public:
  // What Backward needs of the forward pass.
  struct State {
    FloatBuffer normalized;         // [B, width]: before gain and shift
    FloatBuffer inverse_deviation;  // layer: [B]; batch: [width]
    FloatBuffer mean;               // batch: [width]
    FloatBuffer variance;           // batch: [width]
  };

  virtual ~Norm() = default;
  // In place, for training.
  virtual void Forward(std::size_t examples, const float* dense, State& state, float* y) const = 0;
  // In place, for scoring.
  virtual void Infer(std::size_t examples, const float* dense, float* y) const = 0;
  // dy becomes the gradient of Forward's input; gradients of gain, shift and statistics are
  // overwritten.
  virtual void Backward(std::size_t examples, const float* dense, const State& state, float* dy,
                        float* dense_gradient) const = 0;
  virtual GraphBuilder::Value Describe(GraphBuilder& graph, GraphBuilder::Value x) const = 0;
};

// Adds `name`.gain and `name`.shift (batch: and `name`.mean, `name`.variance) to the layout;
// nullptr for kNone.
[[nodiscard]] std::unique_ptr<Norm> MakeNorm(NormKind kind, const std::string& name,
                                             std::size_t width, DenseLayout& layout);
[[nodiscard]] std::unique_ptr<Norm> MakeLayerNorm(const std::string& name, std::size_t width,
                                                  DenseLayout& layout);
[[nodiscard]] std::unique_ptr<Norm> MakeBatchNorm(const std::string& name, std::size_t width,
                                                  DenseLayout& layout);

}  // namespace rookery
