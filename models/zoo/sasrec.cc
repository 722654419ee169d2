#include "models/zoo/sasrec.h"

#include "models/zoo/attention_block.h"
#include "models/zoo/next_item_model.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeSasRec(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NextItemOptions options, NextItemOptionsOf(spec));
  ROOKERY_RETURN_IF_ERROR(CheckAttention(spec, options.tables[0].dim));
  options.build = [&](NetBuilder& net, NetValue history) {
    return AddAttentionBlocks(net, spec, history, true);
  };
  return MakeNextItemModel(options);
}

}  // namespace rookery
