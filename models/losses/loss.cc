#include "models/losses/loss.h"

#include <algorithm>
#include <cmath>

namespace rookery {
namespace {

constexpr float kMeanMin = 1e-4F;

struct LossTerm {
  double loss;
  double slope;
};

double Sigmoid(double y) {
  return 1.0 / (1.0 + std::exp(-y));
}

LossTerm Bce(double y, double label) {
  const double small = std::exp(-std::abs(y));
  const double score = (y >= 0 ? 1.0 : small) / (1.0 + small);
  return {std::max(y, 0.0) - y * label + std::log1p(small), score - label};
}

LossTerm Squared(double y, double label) {
  const double error = y - label;
  return {error * error, 2 * error};
}

LossTerm SmoothL1(double y, double label) {
  const double error = y - label;
  if (std::abs(error) < 1) return {0.5 * error * error, error};
  return {std::abs(error) - 0.5, error > 0 ? 1.0 : -1.0};
}

template <class Term>
double SumTerms(std::size_t examples, const float* outputs, const float* labels,
                const float* weights, float* d_outputs, const Term& term) {
  double total = 0;
  for (std::size_t b = 0; b < examples; ++b) {
    const double weight = weights == nullptr ? 1.0 : weights[b];
    const LossTerm result = term(outputs[b], labels[b]);
    total += weight * result.loss;
    d_outputs[b] = static_cast<float>(weight * result.slope);
  }
  return total;
}

}  // namespace

StatusOr<Loss> ParseLoss(const std::string& name) {
  if (name == "bce") return Loss::kBce;
  if (name == "squared") return Loss::kSquared;
  if (name == "smooth_l1") return Loss::kSmoothL1;
  return InvalidInput("unknown loss '", name, "'; known: bce, squared, smooth_l1");
}

float StartOfOutput(Loss loss, float label_mean) {
  if (loss != Loss::kBce) return label_mean;
  const double mean = std::clamp(label_mean, kMeanMin, 1 - kMeanMin);
  return static_cast<float>(std::log(mean / (1 - mean)));
}

void ScoresOf(Loss loss, std::size_t examples, const float* outputs, float* scores) {
  if (loss != Loss::kBce) {
    std::copy_n(outputs, examples, scores);
    return;
  }
  for (std::size_t b = 0; b < examples; ++b) scores[b] = static_cast<float>(Sigmoid(outputs[b]));
}

double LossAndGradient(Loss loss, std::size_t examples, const float* outputs, const float* labels,
                       const float* weights, float* d_outputs) {
  switch (loss) {
    case Loss::kBce:
      return SumTerms(examples, outputs, labels, weights, d_outputs, Bce);
    case Loss::kSquared:
      return SumTerms(examples, outputs, labels, weights, d_outputs, Squared);
    case Loss::kSmoothL1:
      return SumTerms(examples, outputs, labels, weights, d_outputs, SmoothL1);
  }
  return 0;
}

}  // namespace rookery
