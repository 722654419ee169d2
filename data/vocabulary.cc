#include "data/vocabulary.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace rookery {

ValueCounts Vocabulary::Of(std::span<const Part> parts) const {
  ValueCounts found;
  std::vector<std::uint32_t> sums;
  for (const auto& [value, counts] : counts_) {
    std::uint32_t sum = 0;
    for (const Part part : parts) sum += counts[static_cast<std::size_t>(part)];
    if (sum == 0) continue;
    sums.push_back(sum);
    found.occurrences += sum;
    if (sum == 1) ++found.once;
  }
  if (sums.empty()) return found;
  std::ranges::sort(sums);
  found.values = sums.size();
  found.least = sums.front();
  found.most = sums.back();
  found.median = (static_cast<double>(sums[(sums.size() - 1) / 2]) + sums[sums.size() / 2]) / 2;
  return found;
}

UnseenCounts Vocabulary::UnseenIn(Part part) const {
  UnseenCounts unseen;
  for (const auto& [value, counts] : counts_) {
    const std::uint32_t here = counts[static_cast<std::size_t>(part)];
    if (here == 0 || counts[static_cast<std::size_t>(Part::kTrain)] > 0) continue;
    ++unseen.values;
    unseen.occurrences += here;
  }
  return unseen;
}

}  // namespace rookery
