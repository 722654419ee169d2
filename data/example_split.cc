#include "data/example_split.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "common/check.h"
#include "common/hash.h"
#include "common/random.h"

namespace rookery {
namespace {

std::uint32_t GroupOf(std::span<const std::uint32_t> group, std::uint32_t example) {
  return group.empty() ? 0 : group[example];
}

template <class Wanted>
std::vector<std::uint32_t> Sorted(std::size_t examples, std::span<const std::uint32_t> group,
                                  std::span<const double> order, const Wanted& wanted) {
  std::vector<std::uint32_t> sorted;
  for (std::uint32_t i = 0; i < examples; ++i) {
    if (wanted(i)) sorted.push_back(i);
  }
  std::ranges::sort(sorted, [&](std::uint32_t a, std::uint32_t b) {
    const std::uint32_t group_a = GroupOf(group, a), group_b = GroupOf(group, b);
    return group_a != group_b ? group_a < group_b : ComesBefore(order, a, b);
  });
  return sorted;
}

// Calls split(the examples of a group, in order) for each group.
template <class Split>
void ForEachGroup(std::span<const std::uint32_t> group, std::span<const double> order,
                  const Parts& parts, const Split& split) {
  const std::vector<std::uint32_t> sorted =
      Sorted(parts.size(), group, order, [&](std::uint32_t i) { return parts[i] != Part::kNone; });
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    while (end < sorted.size() && GroupOf(group, sorted[end]) == GroupOf(group, sorted[begin])) {
      ++end;
    }
    split(std::span(sorted).subspan(begin, end - begin));
  }
}

// Shares are decimal fractions, which no double is: .1 * 30 must be 3 whichever side it falls.
std::size_t CountOf(double share, std::size_t examples) {
  constexpr double kRounding = 1e-9;
  return static_cast<std::size_t>(std::floor(share * static_cast<double>(examples) + kRounding));
}

}  // namespace

void SplitLeaveOneOut(std::span<const std::uint32_t> group, std::span<const double> order,
                      Parts* parts) {
  ForEachGroup(group, order, *parts, [parts](std::span<const std::uint32_t> examples) {
    for (const std::uint32_t i : examples) (*parts)[i] = Part::kTrain;
    if (examples.size() < 3) return;
    (*parts)[examples[examples.size() - 2]] = Part::kValid;
    (*parts)[examples.back()] = Part::kTest;
  });
}

void SplitAt(std::span<const double> order, double valid_from, double test_from, Parts* parts) {
  ROOKERY_CHECK(order.size() == parts->size());
  for (std::size_t i = 0; i < parts->size(); ++i) {
    if ((*parts)[i] == Part::kNone) continue;
    (*parts)[i] = order[i] >= test_from    ? Part::kTest
                  : order[i] >= valid_from ? Part::kValid
                                           : Part::kTrain;
  }
}

void SplitByShares(std::span<const std::uint32_t> group, std::span<const double> order,
                   const SplitShares& shares, Parts* parts) {
  ForEachGroup(group, order, *parts, [&](std::span<const std::uint32_t> examples) {
    const std::size_t test = examples.size() - CountOf(shares.test, examples.size());
    const std::size_t valid = test - CountOf(shares.valid, examples.size());
    std::size_t first = 0;  // of those of the same order
    for (std::size_t at = 0; at < examples.size(); ++at) {
      const bool tie = at > 0 && !order.empty() && order[examples[at]] == order[examples[at - 1]];
      if (!tie) first = at;
      (*parts)[examples[at]] = first >= test    ? Part::kTest
                               : first >= valid ? Part::kValid
                                                : Part::kTrain;
    }
  });
}

std::vector<double> RandomOrder(std::uint64_t seed, std::size_t examples) {
  Random random(seed, Purpose::kShuffle, HashText("split"));
  std::vector<double> order(examples);
  for (double& place : order) place = random.NextDouble();
  return order;
}

std::vector<std::uint32_t> InOrder(const Parts& parts, Part part,
                                   std::span<const std::uint32_t> group,
                                   std::span<const double> order) {
  return Sorted(parts.size(), group, order, [&](std::uint32_t i) { return parts[i] == part; });
}

}  // namespace rookery
