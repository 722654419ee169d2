// Updater state for weights that come from elsewhere: from a checkpoint of another updater.
#pragma once

#include <cstdint>
#include <span>

#include "protocol/table_spec.h"

namespace rookery {

// The state that a new row would have at optimizer step t, except where weights are a function of
// the state (ftrl): there one that gives these weights. `state` is [k][weights] for k kinds of
// state; of a table row without the last step of an updater that catches up.
void ResetState(const UpdaterSpec& spec, std::span<const float> weights, std::uint64_t t,
                std::span<float> state);

}  // namespace rookery
