// The update rules in double, written from the papers' formulas (ps/updater.h), and the settings
// that tests compare them with.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tests/ps/testing/updater_rows.h"

namespace rookery {

// A row of the reference, its state as the papers have it.
struct ReferenceRow {
  std::vector<double> w, a, b;
  double row_sum = 0;

  ReferenceRow(const UpdaterSpec& spec, std::span<const float> weights)
      : w(weights.begin(), weights.end()), a(w.size()), b(w.size(), spec.initial_accumulator) {
    if (spec.kind != UpdaterKind::kFtrl) b.assign(w.size(), 0);
  }
};

inline double RateReference(const LearningRate& r, std::uint64_t t) {
  return r.rate * (t < r.warmup_steps ? double(t) / double(r.warmup_steps) : 1.0);
}

// w -= lr min(|w| / |r|, trust_max) r over the whole row.
inline void LambReferenceStep(const UpdaterSpec& s, ReferenceRow* row, const std::vector<double>& g,
                              std::uint64_t t) {
  std::vector<double> r;
  double weights = 0;
  double update = 0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    row->a[i] = double(s.beta1) * row->a[i] + (1 - double(s.beta1)) * g[i];
    row->b[i] = double(s.beta2) * row->b[i] + (1 - double(s.beta2)) * g[i] * g[i];
    const double m = row->a[i] / (1 - std::pow(double(s.beta1), double(t)));
    const double v = row->b[i] / (1 - std::pow(double(s.beta2), double(t)));
    r.push_back(m / (std::sqrt(v) + double(s.epsilon)) + double(s.weight_decay) * row->w[i]);
    weights += row->w[i] * row->w[i];
    update += r[i] * r[i];
  }
  const bool trusted = weights > 0 && update > 0;
  const double trust =
      trusted ? std::min(std::sqrt(weights) / std::sqrt(update), double(s.trust_max)) : 1.0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    row->w[i] -= RateReference(s.learning_rate, t) * trust * r[i];
  }
}

// Clipping, L2, then the rule, as optimizer step t.
inline void ReferenceStep(const UpdaterSpec& s, ReferenceRow* r, std::vector<double> g,
                          std::uint64_t t) {
  const std::size_t dim = g.size();
  const double lr = RateReference(s.learning_rate, t);
  double norm = 0;
  for (double& x : g) {
    if (s.clip_value > 0) x = std::max(-double(s.clip_value), std::min(double(s.clip_value), x));
    norm += x * x;
  }
  norm = std::sqrt(norm);
  double squares = 0;
  for (std::size_t i = 0; i < dim; ++i) {
    if (s.clip_norm > 0 && norm > s.clip_norm) g[i] *= s.clip_norm / norm;
    if (s.kind != UpdaterKind::kFtrl) g[i] += double(s.l2) * r->w[i];
    squares += g[i] * g[i];
  }
  r->row_sum += squares / double(dim);
  if (s.kind == UpdaterKind::kLamb) return LambReferenceStep(s, r, g, t);
  for (std::size_t i = 0; i < dim; ++i) {
    double& w = r->w[i];
    double& a = r->a[i];
    double& b = r->b[i];
    switch (s.kind) {
      case UpdaterKind::kSgd:
        w -= lr * g[i];
        break;
      case UpdaterKind::kMomentum:
        a = double(s.momentum) * a + g[i];
        w -= lr * a;
        break;
      case UpdaterKind::kAdagrad:
        a += g[i] * g[i];
        w -= lr * g[i] / (std::sqrt(a + double(s.initial_accumulator)) + double(s.epsilon));
        break;
      case UpdaterKind::kRowwiseAdagrad:
        w -=
            lr * g[i] / (std::sqrt(r->row_sum + double(s.initial_accumulator)) + double(s.epsilon));
        break;
      case UpdaterKind::kAdam:
      case UpdaterKind::kAdamW: {
        const double w0 = w;
        a = double(s.beta1) * a + (1 - double(s.beta1)) * g[i];
        b = double(s.beta2) * b + (1 - double(s.beta2)) * g[i] * g[i];
        const double m = a / (1 - std::pow(double(s.beta1), double(t)));
        const double v = b / (1 - std::pow(double(s.beta2), double(t)));
        w -= lr * m / (std::sqrt(v) + double(s.epsilon));
        if (s.kind == UpdaterKind::kAdamW) w -= lr * double(s.weight_decay) * w0;
        break;
      }
      case UpdaterKind::kFtrl: {
        const double n0 = b;
        const double n = n0 + g[i] * g[i];
        a += g[i] - (std::sqrt(n) - std::sqrt(n0)) / lr * w;
        b = n;
        w = std::fabs(a) <= double(s.l1)
                ? 0
                : -(a - std::copysign(double(s.l1), a)) /
                      ((double(s.beta) + std::sqrt(n)) / lr + double(s.l2));
        break;
      }
      case UpdaterKind::kLamb:
        break;
    }
  }
}

// Each rule plain, and with everything that goes before it.
inline std::vector<UpdaterSpec> AllSpecs() {
  std::vector<UpdaterSpec> specs;
  for (int kind = 0; kind <= 7; ++kind) {
    UpdaterSpec plain = Spec(static_cast<UpdaterKind>(kind), 0.05F);
    plain.epsilon = 1e-6F;
    plain.initial_accumulator = 0.1F;
    plain.weight_decay = 0.02F;
    specs.push_back(plain);
    UpdaterSpec full = plain;
    full.l1 = 0.03F;
    full.l2 = 0.01F;
    full.clip_value = 1.5F;
    full.clip_norm = 2;
    full.learning_rate.warmup_steps = 20;
    full.trust_max = 1.5F;
    specs.push_back(full);
  }
  return specs;
}

}  // namespace rookery
