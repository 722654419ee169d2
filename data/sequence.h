// Sequences: what lines of the format "sequence" mean for training and ranking.
//
// A line is a user and items. In training it becomes examples of three columns, (user, item,
// negative): each item of the line, with an item that the user does not have. In valid and test
// files its items are what a ranking of all items should find.
// Plain data and pure functions. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "data/transform.h"

namespace rookery {

enum class NegativeSampling : std::uint8_t {
  kUniform,     // every item alike
  kPopularity,  // in proportion to the number of users who have it
};
enum class SequenceSplit : std::uint8_t {
  kNone,         // each set has files of its own
  kLeaveOneOut,  // of each line the last item is for test, the one before for valid
};

struct SequenceOptions {
  std::uint32_t negatives = 1;  // examples made of each item, each with a negative of its own
  NegativeSampling sampling = NegativeSampling::kUniform;
  SequenceSplit split = SequenceSplit::kNone;
  bool mask_valid = true;  // the ranking of test leaves out the user's items of valid as well
};

// In the order of DataSet.
enum class SequenceSet : std::uint8_t { kTrain, kValid, kTest };

// The items [begin, end) that a set has of a line of `items`. With kLeaveOneOut a line of fewer
// than three items is trained whole and not ranked.
[[nodiscard]] std::pair<std::size_t, std::size_t> PartOfLine(SequenceSplit split, SequenceSet set,
                                                             std::size_t items);

// The columns of the examples: label, user, item, "negative", the last in the item's key space.
// Exports and `predict` know this schema, of format csv. REQUIRES: `lines` is of format sequence,
// from ResolveSchema.
[[nodiscard]] Schema ExampleSchemaOf(const Schema& lines);

// The same with what a pass over the lines found. The label mean is 1/2, as of pairs in no order: a
// mean of 1 would be no start for a bias.
[[nodiscard]] FittedSchema FittedExamplesOf(const FittedSchema& lines);

inline constexpr std::size_t kUserFeature = 0, kItemFeature = 1, kNegativeFeature = 2;

}  // namespace rookery
