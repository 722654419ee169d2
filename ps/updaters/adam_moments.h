// What adam and lamb share: a gradient's running mean and square, both corrected for their start at
// zero (Kingma 2015).
//   m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2
//   direction = scale m^ / (sqrt(v^) + epsilon), m^ = m / (1 - beta1^t), v^ = v / (1 - beta2^t)
// Values; any thread.
#pragma once

#include <cmath>
#include <cstdint>

#include "protocol/table_spec.h"
#include "ps/updaters/rules.h"

namespace rookery {

// Moments below this count as zero: those of an idle row would otherwise become denormal numbers,
// on which arithmetic is many times slower, and stay there.
inline constexpr float kTinyMoment = 1e-36F;

// What one step needs of them, computed once.
struct AdamMoments {
  float beta1, one_less_beta1;
  float beta2, one_less_beta2;
  float rate;        // scale / (1 - beta1^t)
  float correction;  // 1 / (1 - beta2^t)
  float epsilon;

  // At step t, from 1.
  [[nodiscard]] static AdamMoments At(const UpdaterSpec& spec, float scale, std::uint64_t t) {
    return {spec.beta1,
            1 - spec.beta1,
            spec.beta2,
            1 - spec.beta2,
            static_cast<float>(scale / (1 - PowerOf(spec.beta1, t))),
            static_cast<float>(1 / (1 - PowerOf(spec.beta2, t))),
            spec.epsilon};
  }
  // Moves *m and *v by g; the direction.
  [[nodiscard]] float Move(float g, float* m, float* v) const {
    const float mean = beta1 * *m + one_less_beta1 * g;
    const float square = beta2 * *v + one_less_beta2 * (g * g);
    *m = std::fabs(mean) < kTinyMoment ? 0.0F : mean;
    *v = square < kTinyMoment ? 0.0F : square;
    return rate * *m / (std::sqrt(*v * correction) + epsilon);
  }
};

}  // namespace rookery
