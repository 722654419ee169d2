#include "models/zoo/scored_model.h"

#include <algorithm>
#include <cmath>

#include "common/check.h"
#include "common/trace.h"

namespace rookery {

void ScoredModel::Predict(const ModelInput& input, std::span<const float> dense,
                          Model::Scratch& scratch, std::span<float> scores) const {
  ROOKERY_CHECK(dense.size() == layout_.size() && scores.size() == input.examples * outputs());
  if (input.examples == 0) return;
  float* values = static_cast<OutputBuffers&>(scratch).outputs.Grow(scores.size());
  Infer(input, dense.data(), scratch, values);
  ScoresOf(loss_, scores.size(), values, scores.data());
}

double ScoredModel::ForwardBackward(const ModelInput& input, std::span<const float> dense,
                                    const DropoutStream& dropout, Model::Scratch& scratch,
                                    std::span<float> scores, ModelGradients& gradients) const {
  ROOKERY_CHECK(dense.size() == layout_.size() && scores.size() == input.examples * outputs());
  if (input.examples == 0) {
    std::fill_n(gradients.dense, layout_.size(), 0.0F);
    return 0;
  }
  TraceSpan span("forward");
  auto& buffers = static_cast<OutputBuffers&>(scratch);
  float* values = buffers.outputs.Grow(scores.size());
  Forward(input, dense.data(), dropout, scratch, values);
  ScoresOf(loss_, scores.size(), values, scores.data());
  span.Next("backward");
  float* d_outputs = buffers.d_outputs.Grow(scores.size());
  const double loss = outputs() > 1 ? LossOfSeveral(input, buffers)
                                    : LossAndGradient(loss_, input.examples, values, input.labels,
                                                      input.weights, d_outputs);
  Backward(input, dense.data(), d_outputs, scratch, gradients);
  return loss;
}

// An absent label counts nothing.
double ScoredModel::LossOfSeveral(const ModelInput& input, OutputBuffers& buffers) const {
  const std::size_t count = input.examples * outputs();
  float* labels = buffers.labels.Grow(count);
  float* weights = buffers.weights.Grow(count);
  for (std::size_t i = 0; i < count; ++i) {
    const bool absent = std::isnan(input.labels[i]);
    const float weight = input.weights == nullptr ? 1.0F : input.weights[i / outputs()];
    labels[i] = absent ? 0.0F : input.labels[i];
    weights[i] = absent ? 0.0F : weight * loss_weights_[i % outputs()];
  }
  return LossAndGradient(loss_, count, buffers.outputs.data(), labels, weights,
                         buffers.d_outputs.data());
}

}  // namespace rookery
