// DataProfile: what is in the columns of some input: how much is missing, how many different
// values, how numbers are spread; and how far another input of the same columns is from that.
//
// Drift is the population stability index, sum over bins of (b - a) ln(b / a), a and b the shares
// of the bin in the two inputs, at least 1e-4. Bins of a number: between the deciles of the first
// input, its 95th and its 99th percentile; of keys: each of its 50 most frequent ones, its others,
// and those that it has not; and one for what is missing. Below .1 little has changed, above .25
// much.
//
// Owner    plain values, kept in memory: every number, and every different key with its count.
// Threads  one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/error.h"
#include "common/types.h"
#include "data/batch.h"
#include "data/schema.h"
#include "io/file_system.h"

namespace rookery {

struct NumberProfile {
  std::string name;
  std::uint64_t missing = 0;
  std::vector<float> values;  // sorted by Finish

  [[nodiscard]] double Mean() const;
  // The value below which a share of all is; 0 without values. After Finish.
  [[nodiscard]] double Quantile(double share) const;
};

struct KeyProfile {
  std::string name;
  bool list = false;
  std::uint64_t missing = 0;  // examples without a value
  std::uint64_t keys = 0;     // occurrences, without missing ones
  std::unordered_map<Key, std::uint32_t> counts;
};

struct DataProfile {
  std::uint64_t examples = 0;
  std::vector<NumberProfile> labels, numbers;
  std::vector<KeyProfile> features;  // columns; buckets and crosses follow from them
};

// Of the first `examples_max` examples of the files, whose schema is resolved and not of blocks.
[[nodiscard]] StatusOr<DataProfile> ProfileData(FileSystem& files, const Schema& schema,
                                                const std::vector<std::string>& patterns,
                                                std::uint64_t examples_max);

// Of `now` against `before`.
[[nodiscard]] double DriftOf(const NumberProfile& before, const NumberProfile& now);
[[nodiscard]] double DriftOf(const KeyProfile& before, const KeyProfile& now);
// The share of `now`'s occurrences whose key `before` has not.
[[nodiscard]] double UnseenShare(const KeyProfile& before, const KeyProfile& now);

}  // namespace rookery
