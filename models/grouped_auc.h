// GroupedAuc: how well scores rank the examples within each group, such as those of a user, as sums
// that merge exactly: the metric of N workers is that of one process, bit for bit, in any order.
//
//   gauc         the mean AUC of groups, weighted by the group's weighted number of examples, over
//                groups with both classes (Zhu et al. 2017, Zhou et al. 2018); absent without any
//   gauc_groups  how many groups it is the mean of
//
// An entry is a group and a bin of the score (models/score_bins.h) with the weighted counts of both
// classes. Of more than entries_max of them a sample is kept, of whole groups: those whose mixed
// key is below 2^64 / 2^level, at the lowest level at which the entries fit. What a part of the
// examples keeps is never less than what all together keep, so the sample does not depend on who
// scored what.
// Memory   32 bytes an entry, and as much again for what waits to be sorted: 128 MiB at the most.
// Owner    plain data. Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/types.h"

namespace rookery {

class GroupedAuc {
 public:
  static constexpr std::size_t kEntriesMax = std::size_t{1} << 21U;

  explicit GroupedAuc(std::size_t entries_max = kEntriesMax) : entries_max_(entries_max) {}

  // An example with a number that is not finite, or without weight, counts nothing.
  void Add(Key group, double score, double label, double weight);
  // REQUIRES: the same entries_max.
  void Merge(const GroupedAuc& other);
  [[nodiscard]] std::map<std::string, double> Values() const;

  // Decode refuses what Encode does not write.
  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static StatusOr<GroupedAuc> Decode(std::string_view bytes,
                                                   std::size_t entries_max = kEntriesMax);

 private:
  struct Entry {
    std::uint64_t group;  // the mixed key
    std::uint32_t bin;
    std::uint64_t positive, negative;
  };
  [[nodiscard]] bool Keeps(std::uint64_t group) const;
  // Drops the groups that are not kept. REQUIRES: entries in order.
  void DropOthers();
  // Afterwards the entries are in order, each there once, and at most entries_max.
  void Compact();
  [[nodiscard]] GroupedAuc Compacted() const;

  std::size_t entries_max_;
  std::uint32_t level_ = 0;
  std::vector<Entry> entries_;
  std::size_t compact_at_ = 0;  // entries; 0: nothing was compacted yet
};

}  // namespace rookery
