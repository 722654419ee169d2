// Ledger: what the rows of a LedgerModel must be, counted from the input files, and whether a
// checkpoint agrees.
//
// Plain functions, one thread. Each returns what is wrong in words; empty: nothing.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "common/types.h"
#include "io/file_system.h"
#include "launch/job_plan.h"

namespace rookery::sim {

// Occurrences of each key in one epoch, by table of the LedgerModel.
struct Ledger {
  std::array<std::map<Key, std::uint64_t>, 2> counts;
  std::uint64_t examples = 0;
};

[[nodiscard]] StatusOr<Ledger> CountInput(FileSystem* files, const JobPlan& plan,
                                          const FittedSchema& fitted);

// The checkpoint is whole, and (exact) holds as many updates as its input position says examples
// were trained.
[[nodiscard]] std::string CheckBalance(FileSystem* files, const std::string& directory, bool exact,
                                       bool lockstep);

// Every row is what `epochs` passes over the input make of it.
[[nodiscard]] std::string CheckLedger(FileSystem* files, const std::string& directory,
                                      const Ledger& ledger, std::uint64_t epochs);

}  // namespace rookery::sim
