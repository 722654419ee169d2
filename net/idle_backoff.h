// What a polling thread does when nothing moved: spin, then yield, then sleep, longer after long
// idleness. Pure; the times are arguments.
#pragma once

#include <algorithm>
#include <chrono>

#include "common/executor.h"

namespace rookery {

struct IdleOptions {
  Duration spin{};       // no pause at all for so long
  Duration sleep_max{};  // of one sleep while there was traffic lately
};

enum class IdleAction { kSpin, kYield, kSleep };

struct IdleStep {
  IdleAction action = IdleAction::kSpin;
  Duration sleep{};
};

inline constexpr Duration kIdleYield = std::chrono::microseconds(1000);
inline constexpr Duration kIdleLong = std::chrono::milliseconds(20);
inline constexpr Duration kIdleLongSleep = std::chrono::milliseconds(1);
inline constexpr Duration kIdlePendingSleep = std::chrono::microseconds(500);

// `pending`: transfers are under way that move only when they are polled. When none of them has
// ended for long, as when the peer stands still, polling costs more than it brings.
[[nodiscard]] inline IdleStep NextIdleStep(const IdleOptions& options, Duration idle_for,
                                           bool pending) {
  if (idle_for < options.spin) return {IdleAction::kSpin, {}};
  if (idle_for < options.spin + kIdleYield) return {IdleAction::kYield, {}};
  if (idle_for < kIdleLong) return {IdleAction::kSleep, options.sleep_max};
  return {IdleAction::kSleep,
          std::max(options.sleep_max, pending ? kIdlePendingSleep : kIdleLongSleep)};
}

}  // namespace rookery
