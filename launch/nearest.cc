#include "launch/nearest.h"

#include <algorithm>

#include "common/check.h"

namespace rookery {

std::size_t EditDistance(std::string_view a, std::string_view b) {
  // before, last, row: distances of the prefixes of `a` with i - 2, i - 1 and i letters.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::string NearestName(std::string_view name, const std::vector<std::string>& names) {
  ROOKERY_CHECK(!names.empty());
  return *std::min_element(names.begin(), names.end(), [name](const auto& a, const auto& b) {
    return EditDistance(name, a) < EditDistance(name, b);
  });
}

}  // namespace rookery
