// Losses, from a model's raw outputs to scores, the loss and its gradient.
//
//   bce        y is a logit, score = sigmoid(y), loss = -l log(score) - (1 - l) log(1 - score),
//              computed from the logit, so it is finite for any
//   focal      as bce, but loss = -(1 - p)^2 log p with p what the score gives the label, so that
//              easy examples count little (Lin et al. 2017)
//   hinge      score = sigmoid(y), loss = max(0, 1 - y) for l = 1, max(0, 1 + y) for l = 0
//   squared    score = y, loss = (y - l)^2
//   smooth_l1  score = y, loss = (y - l)^2 / 2 below |y - l| = 1, |y - l| - 1/2 above
//
// Shapes   every array is [B]; weights may be nullptr (all 1). Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"

namespace rookery {

enum class Loss : std::uint8_t { kBce, kSquared, kSmoothL1, kFocal, kHinge };

// Their names.
[[nodiscard]] const std::vector<std::string>& LossNames();
// Otherwise kInvalidInput with the list.
[[nodiscard]] StatusOr<Loss> ParseLoss(const std::string& name);
// Of labels 0 and 1, with scores from 0 to 1.
[[nodiscard]] bool IsBinary(Loss loss);
[[nodiscard]] bool IsBinaryLoss(const std::string& name);

// The raw output that scores the mean of the labels: logit(mean), with the mean held to
// [0.0001, 0.9999], for binary losses; the mean itself otherwise.
[[nodiscard]] float StartOfOutput(Loss loss, float label_mean);

void ScoresOf(Loss loss, std::size_t examples, const float* outputs, float* scores);

// Returns the sum of weight * loss; d_outputs is the gradient of that sum.
double LossAndGradient(Loss loss, std::size_t examples, const float* outputs, const float* labels,
                       const float* weights, float* d_outputs);

}  // namespace rookery
