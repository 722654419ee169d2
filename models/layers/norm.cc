#include "models/layers/norm.h"

namespace rookery {

StatusOr<NormKind> ParseNorm(const std::string& name) {
  if (name == "none") return NormKind::kNone;
  if (name == "batch") return NormKind::kBatch;
  if (name == "layer") return NormKind::kLayer;
  return InvalidInput("unknown norm '", name, "'; known: none, batch, layer");
}

std::unique_ptr<Norm> MakeNorm(NormKind kind, const std::string& name, std::size_t width,
                               DenseLayout& layout) {
  switch (kind) {
    case NormKind::kBatch:
      return MakeBatchNorm(name, width, layout);
    case NormKind::kLayer:
      return MakeLayerNorm(name, width, layout);
    case NormKind::kNone:
      break;
  }
  return nullptr;
}

}  // namespace rookery
