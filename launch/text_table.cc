#include "launch/text_table.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace rookery {

std::string AlignedTable(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::ostringstream text;
  for (const std::vector<std::string>& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      text << std::left << std::setw(static_cast<int>(widths[i]) + 2) << row[i];
    }
    text << row.back() << "\n";
  }
  return text.str();
}

}  // namespace rookery
