#include "models/losses/item_loss.h"

#include <algorithm>
#include <cmath>

#include "common/check.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

// log(1 + exp(x)), finite for any.
double SoftPlus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

double Sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

double Bce(std::size_t negatives, float* scores) {
  double loss = SoftPlus(-scores[0]);
  scores[0] = static_cast<float>(Sigmoid(scores[0]) - 1);
  const double share = 1 / static_cast<double>(negatives);
  for (std::size_t k = 1; k <= negatives; ++k) {
    loss += share * SoftPlus(scores[k]);
    scores[k] = static_cast<float>(share * Sigmoid(scores[k]));
  }
  return loss;
}

double Bpr(std::size_t negatives, float* scores) {
  double loss = 0, gradient = 0;
  const double share = 1 / static_cast<double>(negatives);
  for (std::size_t k = 1; k <= negatives; ++k) {
    const double behind = static_cast<double>(scores[k]) - scores[0];
    loss += share * SoftPlus(behind);
    const double slope = share * Sigmoid(behind);
    gradient -= slope;
    scores[k] = static_cast<float>(slope);
  }
  scores[0] = static_cast<float>(gradient);
  return loss;
}

double Softmax(std::size_t negatives, float* scores) {
  const float largest = *std::max_element(scores, scores + negatives + 1);
  double sum = 0;
  for (std::size_t k = 0; k <= negatives; ++k) {
    sum += std::exp(static_cast<double>(scores[k]) - largest);
  }
  const double loss = std::log(sum) + largest - scores[0];
  SoftmaxRow(scores, negatives + 1);
  scores[0] -= 1;
  return loss;
}

}  // namespace

StatusOr<ItemLoss> ParseItemLoss(const std::string& name) {
  if (name == "bce") return ItemLoss::kBce;
  if (name == "bpr") return ItemLoss::kBpr;
  if (name == "softmax") return ItemLoss::kSoftmax;
  if (name == "full_softmax") return ItemLoss::kFullSoftmax;
  return InvalidInput("unknown item loss '", name, "'; known: bce, bpr, softmax, full_softmax");
}

double ItemLossAndGradient(ItemLoss loss, std::size_t negatives, float* scores) {
  switch (loss) {
    case ItemLoss::kBce:
      return Bce(negatives, scores);
    case ItemLoss::kBpr:
      return Bpr(negatives, scores);
    case ItemLoss::kSoftmax:
      return Softmax(negatives, scores);
    case ItemLoss::kFullSoftmax:
      break;
  }
  ROOKERY_CHECK(loss != ItemLoss::kFullSoftmax);
  return 0;
}

}  // namespace rookery
