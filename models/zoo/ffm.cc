#include "models/zoo/ffm.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/limits.h"
#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

// The sum over f < g of the product of part g of feature f's row and part f of feature g's.
NetValue FieldAwarePairs(NetBuilder& net, NetValue rows, std::size_t features) {
  std::vector<std::uint32_t> mine, other;
  for (std::uint32_t f = 0; f < features; ++f) {
    for (std::uint32_t g = f + 1; g < features; ++g) {
      mine.push_back(f * static_cast<std::uint32_t>(features) + g);
      other.push_back(g * static_cast<std::uint32_t>(features) + f);
    }
  }
  const std::size_t parts = features * features;
  return AddSumColumns(net, AddProduct(net, AddSelectGroups(net, rows, parts, std::move(mine)),
                                       AddSelectGroups(net, rows, parts, std::move(other))));
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeFfm(const ModelSpec& spec) {
  ModelSpec wide = spec;
  const std::uint64_t dim = std::uint64_t{spec.dim} * spec.features.size();
  if (spec.dim == 0 || dim >= kDimMax) {
    return InvalidInput("model 'ffm' keeps a vector for each of the ", spec.features.size(),
                        " features in a row: dim ", spec.dim, " makes rows of ", dim + 1,
                        " floats; 2 to ", kDimMax, " are possible, so a dim from 1 to ",
                        (kDimMax - 1) / std::max<std::size_t>(1, spec.features.size()));
  }
  wide.dim = static_cast<std::uint32_t>(dim);
  ROOKERY_ASSIGN_OR_RETURN(NetModelOptions options, ClickOptions(wide, true));
  ROOKERY_RETURN_IF_ERROR(CheckPairs(spec, options.tables[0]));
  options.build = [&](NetBuilder& net) {
    const ClickInputs in = AddClickInputs(net, options.tables[0], 0);
    std::vector<NetValue> terms = {in.first_order, FieldAwarePairs(net, in.vectors, in.features)};
    if (spec.numeric > 0) {
      terms.push_back(AddLinear(net, "linear", net.Numeric(spec.numeric), 1, false));
    }
    return AddSum(net, terms);
  };
  return MakeNetModel(options);
}

}  // namespace rookery
