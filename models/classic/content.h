// Content and blends: scores from the items' attributes, and the sum of two other scorers.
//
//   content  w(i, a) = log(I' / |I_a|), I' items with attributes and I_a those with a; the rows are
//            scaled to length 1. score(i) = w(i).(sum of w(j) over the profile), which orders items
//            as the cosine with the profile does. (TF-IDF: Salton & Buckley 1988.)
//   blend    score(i) = weight z_a(i) + (1 - weight) z_b(i), where z are a user's scores less their
//            mean over all items, divided by their standard deviation (0 where all are equal)
#pragma once

#include <memory>

#include "models/classic/item_scorer.h"
#include "models/classic/sparse_rows.h"

namespace rookery {

// attributes [I, A]
[[nodiscard]] std::unique_ptr<ItemScorer> MakeContentScorer(const SparseRows& attributes);
// `a` and `b` outlive the blend.
[[nodiscard]] std::unique_ptr<ItemScorer> MakeBlend(const ItemScorer* a, const ItemScorer* b,
                                                    double weight);

}  // namespace rookery
