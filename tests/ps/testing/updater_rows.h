// One row under one update rule, as the tests of the updaters make and touch it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ps/updater.h"

namespace rookery {

inline UpdaterSpec Spec(UpdaterKind kind, float rate) {
  UpdaterSpec spec;
  spec.kind = kind;
  spec.learning_rate.rate = rate;
  return spec;
}

// The weights followed by the state of a new row.
inline std::vector<float> NewRow(const Updater& updater, std::vector<float> weights) {
  const std::size_t dim = weights.size();
  weights.resize(dim + updater.StateFloats(dim));
  updater.InitState(std::span(weights).subspan(dim));
  return weights;
}

// One update of one row; `t` is the step, from 1.
inline void Touch(const Updater& updater, std::vector<float>* row, std::vector<float> gradient,
                  std::uint64_t t) {
  float* const rows[] = {row->data()};
  updater.Apply(rows, gradient, gradient.size(), t);
}

}  // namespace rookery
