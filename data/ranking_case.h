// RankingCase: what a ranking for one user leaves out and should find, and what is ranked. The one
// place of these rules, for whatever ranks.
//
// Left out are the user's training items, and with mask_valid those of valid, but never an item
// that is wanted. Wanted items that are not in the catalog are counted and never found.
// With `negatives` the items wanted are ranked among so many others that the user does not have,
// no two the same; all of these when there are not more. What is drawn is named by (seed, set,
// user): it is the same on any number of workers, in every epoch, and for every model.
// Plain data and pure functions. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/batch.h"
#include "data/catalog.h"
#include "data/sequence.h"

namespace rookery {

struct RankingRule {
  bool mask_valid = false;
  std::uint32_t negatives = 0;  // 0: all items are ranked
  NegativeSampling sampling = NegativeSampling::kUniform;
  std::uint64_t seed = 1;
  SequenceSet set = SequenceSet::kTest;
};
[[nodiscard]] RankingRule RankingRuleOf(const SequenceOptions& options, SequenceSet set,
                                        std::uint64_t seed);

struct RankingCase {
  std::vector<Catalog::Item> known;  // of training, and of valid with mask_valid; ascending
  std::vector<Catalog::Item> masked, wanted;  // ascending
  std::size_t wanted_count = 0;               // with those that are not in the catalog
  std::vector<Catalog::Item> ranked;          // ascending; of a rule without negatives: empty
};

// Of one example of MakeRankingReader.
[[nodiscard]] RankingCase RankingCaseOf(const Catalog& catalog, const RankingRule& rule,
                                        const Batch& batch, std::size_t example);

}  // namespace rookery
