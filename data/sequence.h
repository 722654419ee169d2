// Sequences: what lines of the format "sequence" mean for training and ranking.
//
// A line is a user and items. In training it becomes either examples of three columns, (user, item,
// negative): each item of the line, with an item that the user does not have; or one example of
// four, (user, item, negative, history), the last three lists: each item but the last as history,
// the one after it as item, with items that the user does not have. In valid and test files a
// line's items are what a ranking of all items should find, and its history what came before them.
// Plain data and pure functions. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
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

// What examples are made of a line.
enum class SequenceExamples : std::uint8_t {
  kPairs,     // one of each item
  kNextItem,  // one of all
};

// Of a catalog that a model tells items from by full_softmax.
inline constexpr std::size_t kToldItemsMax = std::size_t{1} << 18U;

struct SequenceOptions {
  SequenceExamples examples = SequenceExamples::kPairs;
  std::uint32_t negatives = 1;  // of each item; of kNextItem 0 is possible
  NegativeSampling sampling = NegativeSampling::kUniform;
  bool told_from_catalog = false;  // the model does: at most kToldItemsMax items
  bool item_counts = false;        // of kPairs: an example's weight is how many users have its item
  SequenceSplit split = SequenceSplit::kNone;
  bool mask_valid = true;  // the ranking of test leaves out the user's items of valid as well
  // Of a ranking: how many items beside those wanted are ranked, and how they are drawn.
  std::uint32_t rank_negatives = 0;  // 0: all items are ranked
  NegativeSampling rank_sampling = NegativeSampling::kUniform;
  // Of kNextItem: the longest history, and which of its elements are left of a longer one.
  std::uint32_t max_length = 50;
  ListEnd keep = ListEnd::kLast;
};

// In the order of DataSet.
enum class SequenceSet : std::uint8_t { kTrain, kValid, kTest };

// The items [begin, end) that a set has of a line of `items`. With kLeaveOneOut a line of fewer
// than three items is trained whole and not ranked.
[[nodiscard]] std::pair<std::size_t, std::size_t> PartOfLine(SequenceSplit split, SequenceSet set,
                                                             std::size_t items);

// Of a history of `elements` those that are kept, [begin, end).
[[nodiscard]] std::pair<std::size_t, std::size_t> KeptOf(const SequenceOptions& options,
                                                         std::size_t elements);

// Whether rankings take histories from other lines than their own, whose order the catalog keeps.
[[nodiscard]] bool NeedsOrder(const SequenceOptions& options);

// The columns of the examples: label, user, item, "negative", of kNextItem also "history", the last
// ones in the item's key space. Exports and `predict` know this schema, of format csv. REQUIRES:
// `lines` is of format sequence, from ResolveSchema.
[[nodiscard]] Schema ExampleSchemaOf(const Schema& lines, const SequenceOptions& options);

// The same with what a pass over the lines found. The label mean is 1/2, as of pairs in no order: a
// mean of 1 would be no start for a bias.
[[nodiscard]] FittedSchema FittedExamplesOf(const FittedSchema& lines,
                                            const SequenceOptions& options);

inline constexpr std::string_view kHistoryColumn = "history";

inline constexpr std::size_t kUserFeature = 0, kItemFeature = 1, kNegativeFeature = 2,
                             kHistoryFeature = 3;

}  // namespace rookery
