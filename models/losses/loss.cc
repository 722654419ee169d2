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

// Of p, the probability of the label whose logit is z, as a function of z.
LossTerm FocalOf(double z) {
  const double p = Sigmoid(z), rest = Sigmoid(-z);
  const double log_p = -std::log1p(std::exp(-std::abs(z))) + std::min(z, 0.0);
  return {-rest * rest * log_p, 2 * p * rest * rest * log_p - rest * rest * rest};
}

LossTerm Focal(double y, double label) {
  const LossTerm one = FocalOf(y), zero = FocalOf(-y);
  return {label * one.loss + (1 - label) * zero.loss, label * one.slope - (1 - label) * zero.slope};
}

LossTerm Hinge(double y, double label) {
  const double sign = label > 0.5 ? 1 : -1;
  const double margin = 1 - sign * y;
  return margin > 0 ? LossTerm{margin, -sign} : LossTerm{0, 0};
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

const std::vector<std::string>& LossNames() {
  static const std::vector<std::string> kNames = {"bce", "squared", "smooth_l1", "focal", "hinge"};
  return kNames;
}

StatusOr<Loss> ParseLoss(const std::string& name) {
  std::string known;
  for (std::size_t i = 0; i < LossNames().size(); ++i) {
    if (LossNames()[i] == name) return static_cast<Loss>(i);
    known += (i > 0 ? ", " : "") + LossNames()[i];
  }
  return InvalidInput("unknown loss '", name, "'; known: ", known);
}

bool IsBinary(Loss loss) {
  return loss == Loss::kBce || loss == Loss::kFocal || loss == Loss::kHinge;
}

bool IsBinaryLoss(const std::string& name) {
  const StatusOr<Loss> loss = ParseLoss(name);
  return loss.ok() && IsBinary(*loss);
}

float StartOfOutput(Loss loss, float label_mean) {
  if (!IsBinary(loss)) return label_mean;
  const double mean = std::clamp(label_mean, kMeanMin, 1 - kMeanMin);
  return static_cast<float>(std::log(mean / (1 - mean)));
}

void ScoresOf(Loss loss, std::size_t examples, const float* outputs, float* scores) {
  if (!IsBinary(loss)) {
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
    case Loss::kFocal:
      return SumTerms(examples, outputs, labels, weights, d_outputs, Focal);
    case Loss::kHinge:
      return SumTerms(examples, outputs, labels, weights, d_outputs, Hinge);
  }
  return 0;
}

}  // namespace rookery
