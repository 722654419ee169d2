#include "models/zoo/one_output_model.h"

#include <algorithm>

#include "common/check.h"
#include "common/trace.h"

namespace rookery {

void OneOutputModel::Predict(const ModelInput& input, std::span<const float> dense,
                             Model::Scratch& scratch, std::span<float> scores) const {
  ROOKERY_CHECK(dense.size() == layout_.size() && scores.size() == input.examples);
  if (input.examples == 0) return;
  float* outputs = static_cast<OutputBuffers&>(scratch).outputs.Grow(input.examples);
  Infer(input, dense.data(), scratch, outputs);
  ScoresOf(loss_, input.examples, outputs, scores.data());
}

double OneOutputModel::ForwardBackward(const ModelInput& input, std::span<const float> dense,
                                       const DropoutStream& dropout, Model::Scratch& scratch,
                                       std::span<float> scores, ModelGradients& gradients) const {
  ROOKERY_CHECK(dense.size() == layout_.size() && scores.size() == input.examples);
  const std::size_t examples = input.examples;
  if (examples == 0) {
    std::fill_n(gradients.dense, layout_.size(), 0.0F);
    return 0;
  }
  TraceSpan span("forward");
  auto& buffers = static_cast<OutputBuffers&>(scratch);
  float* outputs = buffers.outputs.Grow(examples);
  Forward(input, dense.data(), dropout, scratch, outputs);
  ScoresOf(loss_, examples, outputs, scores.data());
  span.Next("backward");
  float* d_outputs = buffers.d_outputs.Grow(examples);
  const double loss =
      LossAndGradient(loss_, examples, outputs, input.labels, input.weights, d_outputs);
  Backward(input, dense.data(), d_outputs, scratch, gradients);
  return loss;
}

}  // namespace rookery
