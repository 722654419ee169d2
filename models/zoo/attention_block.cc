#include "models/zoo/attention_block.h"

#include <cmath>

#include "models/net/basic_layers.h"
#include "models/net/row_layers.h"
#include "models/net/sequence_layers.h"

namespace rookery {
namespace {

struct Block {
  std::size_t heads = 1, wide = 1;
  Activation activation = Activation::kRelu;
  float dropout = 0;
  bool causal = true;
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
      linear(".output", AddSelfAttention(net, q, k, v, block.heads, scale, block.causal), dim);
  h = AddLayerNorm(net, name + ".attended",
                   AddSum(net, {h, AddDropout(net, attended, block.dropout, layer)}));
  const NetValue wide =
      AddActivation(net, name + ".wide", linear(".wide", h, block.wide), block.activation);
  const NetValue fed = linear(".narrow", wide, dim);
  return AddLayerNorm(net, name + ".done",
                      AddSum(net, {h, AddDropout(net, fed, block.dropout, layer + 1)}));
}

}  // namespace

Status CheckAttention(const ModelSpec& spec, std::uint32_t dim) {
  ROOKERY_RETURN_IF_ERROR(ParseActivation(spec.activation).status());
  if (spec.attention_heads > 0 && dim % spec.attention_heads == 0) return OkStatus();
  return InvalidInput("model.attention_heads = ", spec.attention_heads,
                      " does not divide the dim of table 'default', ", dim);
}

NetValue AddAttentionBlocks(NetBuilder& net, const ModelSpec& spec, NetValue x, bool causal) {
  const Block block{.heads = spec.attention_heads,
                    .wide = spec.feed_forward > 0 ? spec.feed_forward : 4 * net.width(x),
                    .activation = *ParseActivation(spec.activation),
                    .dropout = spec.dropout,
                    .causal = causal};
  NetValue h = AddPositions(net, "positions", x, spec.max_length);
  h = AddDropout(net, AddLayerNorm(net, "start", h), spec.dropout, 0);
  for (std::uint32_t l = 0; l < spec.attention_layers; ++l) {
    h = AddBlock(net, "block." + std::to_string(l), h, block, 1 + 2 * std::size_t{l});
  }
  return h;
}

}  // namespace rookery
