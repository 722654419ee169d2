// VerifyExport: is this directory what the exporter wrote, and does it still give its scores here?
//
// Compares size and checksum of every file with MANIFEST.json, then reads the raw lines of
// golden.data as `predict` would and compares keys (exactly), numeric inputs and scores (to
// 1e-6) with golden.json.
//
// Threads  one. Errors: kCorrupt names the file, or the golden row and what differs.
#pragma once

#include <cstdint>
#include <string>

#include "common/error.h"
#include "io/file_system.h"

namespace rookery {

struct VerifyReport {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t golden_rows = 0;
  double score_difference_max = 0;
};

[[nodiscard]] StatusOr<VerifyReport> VerifyExport(FileSystem* files, const std::string& directory);

}  // namespace rookery
