#include "models/zoo/sasrec.h"

#include <cmath>
#include <string>

#include "models/net/basic_layers.h"
#include "models/net/row_layers.h"
#include "models/net/sequence_layers.h"
#include "models/zoo/next_item_model.h"

namespace rookery {
namespace {

struct Block {
  std::size_t heads = 1, wide = 1;
  Activation activation = Activation::kRelu;
  float dropout = 0;
};

// `layer`: of the first dropout; there are two.
NetValue AddBlock(NetBuilder& net, const std::string& name, NetValue h, const Block& block,
                  std::size_t layer) {
  const std::size_t dim = net.width(h);
  const auto linear = [&](const char* of, NetValue x, std::size_t outputs) {
    return AddLinear(net, name + of, x, outputs, true);
  };
  const NetValue q = linear(".query", h, dim), k = linear(".key", h, dim);
  const NetValue v = linear(".value", h, dim);
  const float scale = 1 / std::sqrt(static_cast<float>(dim / block.heads));
  const NetValue attended =
      linear(".output", AddSelfAttention(net, q, k, v, block.heads, scale, true), dim);
  h = AddLayerNorm(net, name + ".attended",
                   AddSum(net, {h, AddDropout(net, attended, block.dropout, layer)}));
  const NetValue wide =
      AddActivation(net, name + ".wide", linear(".wide", h, block.wide), block.activation);
  const NetValue fed = linear(".narrow", wide, dim);
  return AddLayerNorm(net, name + ".done",
                      AddSum(net, {h, AddDropout(net, fed, block.dropout, layer + 1)}));
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeSasRec(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NextItemOptions options, NextItemOptionsOf(spec));
  const std::uint32_t dim = options.tables[0].dim;
  Block block{.heads = spec.attention_heads, .wide = spec.feed_forward, .dropout = spec.dropout};
  ROOKERY_ASSIGN_OR_RETURN(block.activation, ParseActivation(spec.activation));
  if (block.heads == 0 || dim % block.heads != 0) {
    return InvalidInput("model.attention_heads = ", block.heads,
                        " does not divide the dim of table 'default', ", dim);
  }
  if (block.wide == 0) block.wide = 4 * dim;
  options.build = [&](NetBuilder& net, NetValue history) {
    NetValue h = AddPositions(net, "positions", history, spec.max_length);
    h = AddDropout(net, AddLayerNorm(net, "start", h), spec.dropout, 0);
    for (std::uint32_t l = 0; l < spec.attention_layers; ++l) {
      h = AddBlock(net, "block." + std::to_string(l), h, block, 1 + 2 * std::size_t{l});
    }
    return h;
  };
  return MakeNextItemModel(options);
}

}  // namespace rookery
