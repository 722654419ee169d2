// A table of texts for a terminal: columns as wide as their longest cell.
#pragma once

#include <string>
#include <vector>

namespace rookery {

// REQUIRES: at least one row, all of one length. Every row ends with '\n'.
[[nodiscard]] std::string AlignedTable(const std::vector<std::vector<std::string>>& rows);

}  // namespace rookery
