// WithDim: runs a kernel compiled for a constant length where the length is a usual one, so that
// its loops over a row become a few vector instructions. Same arithmetic, same bits either way.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace rookery {

// Usual dims of embeddings, and the same with a first-order column.
using UsualDims = std::index_sequence<1, 4, 5, 8, 9, 10, 11, 16, 17, 32, 33, 64, 65>;

// Calls body(dim) with a std::integral_constant for a dim of the sequence, a std::size_t otherwise.
template <class Body, std::size_t... kDims>
void WithDim(std::size_t dim, const Body& body, std::index_sequence<kDims...> /*dims*/) {
  const bool done =
      ((dim == kDims && (body(std::integral_constant<std::size_t, kDims>{}), true)) || ...);
  if (!done) body(dim);
}

}  // namespace rookery
