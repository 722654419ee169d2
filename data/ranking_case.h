// RankingCase: what a ranking of all items for one user leaves out and should find. The one place
// of that rule, for whatever ranks.
//
// Left out are the user's training items, and with mask_valid those of valid, but never an item
// that is wanted. Wanted items that are not in the catalog are counted and never found.
// Plain data and a pure function. Any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "data/batch.h"
#include "data/catalog.h"
#include "data/sequence.h"

namespace rookery {

struct RankingCase {
  std::vector<Catalog::Item> known;  // of training, and of valid with mask_valid; ascending
  std::vector<Catalog::Item> masked, wanted;  // ascending
  std::size_t wanted_count = 0;               // with those that are not in the catalog
};

// Of one example of MakeRankingReader. mask_valid: for the set test, as SequenceOptions says.
[[nodiscard]] RankingCase RankingCaseOf(const Catalog& catalog, bool mask_valid, const Batch& batch,
                                        std::size_t example);

}  // namespace rookery
