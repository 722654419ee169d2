// SimJob: one seed: a job that runs undisturbed, then again with faults, started anew from the
// newest good checkpoint as often as it dies, until it ends; and everything that must be true then.
//
// Owner    the caller. Threads: one.
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/coverage.h"
#include "tests/sim/sim_options.h"

namespace rookery::sim {

struct SimResult {
  std::string options;     // in words
  std::string violation;   // empty: all rules were kept
  std::string history;     // of the last events, when there is a violation
  std::uint64_t hash = 0;  // of the whole history: equal in every run of the seed
  std::uint64_t events = 0;
  double virtual_seconds = 0;
  Coverage coverage;
};

[[nodiscard]] SimResult Simulate(const SimOptions& options);

}  // namespace rookery::sim
