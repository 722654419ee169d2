#include "models/zoo/bert4rec.h"

#include "models/net/masked_elements.h"
#include "models/net/sequence_layers.h"
#include "models/zoo/attention_block.h"
#include "models/zoo/next_item_model.h"

namespace rookery {
namespace {

// The element after each; zeros for the last.
NetValue AddShifted(NetBuilder& net, NetValue history) {
  const std::size_t dim = net.width(history);
  const NetValue pairs = AddWindow(net, AddReversed(net, history), 2);
  return AddReversed(net, net.GroupColumns(pairs, 1, 0, dim));
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeBert4Rec(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NextItemOptions options, NextItemOptionsOf(spec));
  ROOKERY_RETURN_IF_ERROR(CheckAttention(spec, options.tables[0].dim));
  options.hidden_percent = spec.masked_percent;
  options.build = [&](NetBuilder& net, NetValue history) {
    const NetValue seen = AddHiddenElements(net, AddShifted(net, history), spec.masked_percent);
    return AddAttentionBlocks(net, spec, seen, false);
  };
  return MakeNextItemModel(options);
}

}  // namespace rookery
