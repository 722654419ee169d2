#include "models/zoo/catalog_loss.h"

#include <algorithm>
#include <cmath>

#include "common/check.h"
#include "models/losses/full_softmax.h"

namespace rookery {
namespace {

// The queries and what they want: one of each element, or of each example whose states are alike.
void FindQueries(const HistoryStates& states, const CatalogRows& catalog, CatalogLossScratch* to) {
  to->elements.clear();
  to->examples.clear();
  to->weights.clear();
  to->offsets.assign(1, 0);
  to->wanted.clear();
  for (std::size_t b = 0; b < states.examples; ++b) {
    const std::size_t before = to->elements.size();
    for (std::size_t s = states.Begin(b); s < states.End(b); ++s) {
      if (!states.Learned(s) || catalog.places[s] == CatalogRows::kNowhere) continue;
      if (!states.alike || to->elements.size() == before) {
        to->elements.push_back(s);
        to->examples.push_back(b);
        to->weights.push_back(states.Weight(b));
        to->offsets.push_back(to->offsets.back());
      }
      to->wanted.push_back(catalog.places[s]);
      ++to->offsets.back();
    }
  }
}

}  // namespace

double CatalogLoss(const HistoryStates& states, const CatalogRows& catalog, std::span<float> scores,
                   float* d_states, float* d_catalog, CatalogLossScratch* scratch) {
  ROOKERY_CHECK(catalog.items > 0);
  FindQueries(states, catalog, scratch);
  const std::size_t dim = states.dim, queries = scratch->elements.size();
  float* rows = scratch->queries.Grow(queries * dim);
  float* d_rows = scratch->d_queries.Grow(queries * dim);
  for (std::size_t q = 0; q < queries; ++q) {
    std::copy_n(states.rows + scratch->elements[q] * dim, dim, rows + q * dim);
  }
  scratch->losses.resize(queries);
  FullSoftmax({.width = dim,
               .items = catalog.items,
               .item_rows = catalog.rows,
               .queries = queries,
               .query_rows = rows,
               .weights = scratch->weights.data(),
               .offsets = scratch->offsets.data(),
               .wanted = scratch->wanted.data()},
              scratch->losses.data(), d_rows, d_catalog, &scratch->products);

  std::fill_n(d_states, states.Begin(states.examples) * dim, 0.0F);
  double total = 0;
  std::size_t q = 0;
  for (std::size_t b = 0; b < states.examples; ++b) {
    const std::size_t first = q;
    double sum = 0;
    for (; q < queries && scratch->examples[q] == b; ++q) {
      sum += scratch->losses[q];
      std::copy_n(d_rows + q * dim, dim, d_states + scratch->elements[q] * dim);
    }
    const std::uint32_t learned = scratch->offsets[q] - scratch->offsets[first];
    scores[b] = static_cast<float>(std::exp(-sum / std::max(learned, 1U)));
    total += states.Weight(b) * sum;
  }
  return total;
}

}  // namespace rookery
