#include "models/layers/dot_interaction.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "models/fixed_dim.h"

namespace rookery {
namespace {

using DotDims = std::index_sequence<4, 8, 10, 16, 32, 64>;

// Eight floats, as one vector register: the sums of a tile stay in registers.
constexpr std::size_t kTile = 8;
using Tile = float __attribute__((vector_size(kTile * sizeof(float))));

Tile Load(const float* from) {
  Tile tile;
  std::memcpy(&tile, from, sizeof(tile));
  return tile;
}
void Store(const Tile& tile, float* to) {
  std::memcpy(to, &tile, sizeof(tile));
}

std::size_t RoundUp(std::size_t count) {
  return (count + kTile - 1) / kTile * kTile;
}

// transposed [D, padded]: column v is vector v, columns from V on are zero.
template <class Dim>
void Transpose(const DotShape& shape, const float* __restrict vectors, Dim dim,
               float* __restrict transposed) {
  const std::size_t padded = RoundUp(shape.vectors);
  for (std::size_t d = 0; d < dim; ++d) {
    float* out = transposed + d * padded;
    for (std::size_t v = 0; v < shape.vectors; ++v) out[v] = vectors[v * dim + d];
    std::fill(out + shape.vectors, out + padded, 0.0F);
  }
}

// out[r * padded + lane] = vectors[r] . column lane, for kRows vectors and kTiles tiles.
template <std::size_t kRows, std::size_t kTiles, class Dim>
void Products(const float* vectors, const float* transposed, Dim dim, std::size_t padded,
              float* out) {
  std::array<std::array<Tile, kTiles>, kRows> sums{};
  for (std::size_t d = 0; d < dim; ++d) {
    for (std::size_t t = 0; t < kTiles; ++t) {
      const Tile columns = Load(transposed + d * padded + t * kTile);
      for (std::size_t r = 0; r < kRows; ++r) sums[r][t] += vectors[r * dim + d] * columns;
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t t = 0; t < kTiles; ++t) Store(sums[r][t], out + r * padded + t * kTile);
  }
}

// The rows [i, i + kRows) of V V^T up to their diagonals, into `products` one after the other.
template <std::size_t kRows, class Dim>
void TriangleRows(const float* vectors, const float* transposed, Dim dim, std::size_t padded,
                  std::size_t i, float* rows, float* products) {
  const std::size_t columns = i + kRows - 1;
  std::size_t j = 0;
  for (; j + kTile < columns; j += 2 * kTile) {
    Products<kRows, 2>(vectors + i * dim, transposed + j, dim, padded, rows + j);
  }
  if (j < columns) Products<kRows, 1>(vectors + i * dim, transposed + j, dim, padded, rows + j);
  for (std::size_t r = 0; r < kRows; ++r) {
    std::memcpy(products, rows + r * padded, (i + r) * sizeof(float));
    products += i + r;
  }
}

// symmetric [V, padded]: both triangles, zeros on the diagonal.
void Mirror(const DotShape& shape, const float* __restrict d_products,
            float* __restrict symmetric) {
  const std::size_t padded = RoundUp(shape.vectors);
  for (std::size_t i = 0; i < shape.vectors; ++i) {
    std::memcpy(symmetric + i * padded, d_products, i * sizeof(float));
    d_products += i;
    symmetric[i * padded + i] = 0;
    for (std::size_t j = 0; j < i; ++j) symmetric[j * padded + i] = symmetric[i * padded + j];
  }
}

// kRows rows of symmetric . vectors, kTiles tiles of their columns. Symmetric is read by columns.
template <std::size_t kRows, std::size_t kTiles>
void Gradients(std::size_t count, const float* symmetric, std::size_t padded, const float* vectors,
               std::size_t dim, float* out) {
  std::array<std::array<Tile, kTiles>, kRows> sums{};
  for (std::size_t v = 0; v < count; ++v) {
    for (std::size_t t = 0; t < kTiles; ++t) {
      const Tile columns = Load(vectors + v * dim + t * kTile);
      for (std::size_t r = 0; r < kRows; ++r) sums[r][t] += symmetric[v * padded + r] * columns;
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t t = 0; t < kTiles; ++t) Store(sums[r][t], out + r * dim + t * kTile);
  }
}

template <std::size_t kRows, class Dim>
void GradientRows(const DotShape& shape, const float* symmetric, const float* vectors, Dim dim,
                  float* out) {
  const std::size_t padded = RoundUp(shape.vectors);
  std::size_t d = 0;
  for (; d + 2 * kTile <= dim; d += 2 * kTile) {
    Gradients<kRows, 2>(shape.vectors, symmetric, padded, vectors + d, dim, out + d);
  }
  for (; d + kTile <= dim; d += kTile) {
    Gradients<kRows, 1>(shape.vectors, symmetric, padded, vectors + d, dim, out + d);
  }
  for (std::size_t r = 0; r < kRows && d < dim; ++r) {
    for (std::size_t rest = d; rest < dim; ++rest) {
      float sum = 0;
      for (std::size_t v = 0; v < shape.vectors; ++v) {
        sum += symmetric[v * padded + r] * vectors[v * dim + rest];
      }
      out[r * dim + rest] = sum;
    }
  }
}

}  // namespace

std::size_t DotWorkFloats(const DotShape& shape) {
  const std::size_t padded = RoundUp(shape.vectors);
  // Forward: the transposed vectors and four rows. Backward: the symmetric matrix.
  return std::max(shape.dim + 4, shape.vectors) * padded;
}

void DotForward(const DotShape& shape, const float* vectors, float* work, float* products) {
  const std::size_t padded = RoundUp(shape.vectors);
  float* transposed = work;
  float* rows = work + shape.dim * padded;
  WithDim(
      shape.dim,
      [&](auto dim) {
        Transpose(shape, vectors, dim, transposed);
        std::size_t i = 1;
        for (; i + 4 <= shape.vectors; i += 4) {
          TriangleRows<4>(vectors, transposed, dim, padded, i, rows, products);
          products += 4 * i + 6;
        }
        for (; i < shape.vectors; ++i) {
          TriangleRows<1>(vectors, transposed, dim, padded, i, rows, products);
          products += i;
        }
      },
      DotDims{});
}

void DotBackward(const DotShape& shape, const float* vectors, const float* d_products, float* work,
                 float* d_vectors) {
  Mirror(shape, d_products, work);
  WithDim(
      shape.dim,
      [&](auto dim) {
        std::size_t i = 0;
        for (; i + 4 <= shape.vectors; i += 4) {
          GradientRows<4>(shape, work + i, vectors, dim, d_vectors + i * dim);
        }
        for (; i < shape.vectors; ++i) {
          GradientRows<1>(shape, work + i, vectors, dim, d_vectors + i * dim);
        }
      },
      DotDims{});
}

}  // namespace rookery
