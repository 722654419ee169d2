#include "data/example_filter.h"

#include <algorithm>
#include <cstddef>

#include "common/check.h"

namespace rookery {
namespace {

class CoreCounts {
 public:
  CoreCounts(const CoreColumn& column, const Parts& parts)
      : column_(column), counts_(column.distinct) {
    ROOKERY_CHECK(column.values.size() == parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i] != Part::kNone) ++counts_[column_.values[i]];
    }
  }
  [[nodiscard]] bool TooFew(std::size_t example) const {
    return counts_[column_.values[example]] < column_.least;
  }
  void Drop(std::size_t example) { --counts_[column_.values[example]]; }

 private:
  const CoreColumn column_;
  std::vector<std::uint32_t> counts_;  // by value, of the examples left
};

}  // namespace

void DropRepeats(std::span<const Key> keys, std::span<const double> order, Repeat stays,
                 Parts* parts) {
  ROOKERY_CHECK(keys.size() == parts->size());
  std::vector<std::uint32_t> sorted;
  for (std::uint32_t i = 0; i < parts->size(); ++i) {
    if ((*parts)[i] != Part::kNone) sorted.push_back(i);
  }
  std::ranges::sort(sorted, [&](std::uint32_t a, std::uint32_t b) {
    if (keys[a] != keys[b]) return keys[a] < keys[b];
    return stays == Repeat::kFirst ? ComesBefore(order, a, b) : ComesBefore(order, b, a);
  });
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (keys[sorted[i]] == keys[sorted[i - 1]]) (*parts)[sorted[i]] = Part::kNone;
  }
}

std::uint32_t KeepCore(std::span<const CoreColumn> columns, Parts* parts) {
  std::vector<CoreCounts> counts;
  for (const CoreColumn& column : columns) counts.emplace_back(column, *parts);
  std::uint32_t passes = 0;
  for (bool changed = !columns.empty(); changed; ++passes) {
    changed = false;
    for (std::size_t i = 0; i < parts->size(); ++i) {
      const auto too_few = [i](const CoreCounts& column) { return column.TooFew(i); };
      if ((*parts)[i] == Part::kNone || std::ranges::none_of(counts, too_few)) continue;
      (*parts)[i] = Part::kNone;
      for (CoreCounts& column : counts) column.Drop(i);
      changed = true;
    }
  }
  return passes;
}

}  // namespace rookery
