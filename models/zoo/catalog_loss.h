// CatalogLoss: the items of histories' elements told from all items of the catalog by a softmax
// (losses/full_softmax.h), for models of the next item.
//
// An element whose item has no place in the catalog has no loss.
// Threads  any, each with a scratch of its own.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/float_buffer.h"
#include "models/model.h"
#include "models/zoo/history_states.h"

namespace rookery {

struct CatalogLossScratch {
  std::vector<std::size_t> elements, examples;  // [Q]: whose state a query is
  std::vector<std::uint32_t> offsets, wanted;
  std::vector<float> weights;
  std::vector<double> losses;
  FloatBuffer queries, d_queries, products;
};

// Returns the sum of weight * loss over the examples. scores [B] become exp(-mean of the elements'
// losses), d_states [S, D] are overwritten, to d_catalog [I, D] gradients are added.
// REQUIRES: a catalog.
double CatalogLoss(const HistoryStates& states, const CatalogRows& catalog, std::span<float> scores,
                   float* d_states, float* d_catalog, CatalogLossScratch* scratch);

}  // namespace rookery
