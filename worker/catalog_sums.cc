#include "worker/catalog_sums.h"

#include "common/trace.h"

namespace rookery {
namespace {

constexpr std::size_t kPiecesPerThread = 4;

}  // namespace

void CatalogSums::AddOthers(ComputePool* pool, std::span<float> total) const {
  const std::size_t pieces = pool->threads() * kPiecesPerThread;
  pool->Run(pieces, [&](std::size_t piece, std::size_t) {
    const TraceSpan span("sum parts");
    const std::size_t begin = total.size() * piece / pieces;
    const std::size_t end = total.size() * (piece + 1) / pieces;
    for (std::size_t first = 0; first < others_.size(); first += total.size()) {
      const float* sum = others_.data() + first;
      for (std::size_t i = begin; i < end; ++i) total[i] += sum[i];
    }
  });
}

}  // namespace rookery
