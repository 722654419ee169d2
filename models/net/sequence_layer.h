// SequenceLayer: what the layers over sequences share. Private to models/net/.
#pragma once

#include "common/check.h"
#include "models/net/layer.h"

namespace rookery {

class SequenceLayer : public Layer {
 protected:
  static std::size_t Begin(const Call& call, std::size_t example) {
    return call.offsets[example] - call.offsets[0];
  }
};

// One that graphs do not have: models with it are not exported (launch/commands/export.cc).
class NoGraphLayer : public SequenceLayer {
 public:
  GraphBuilder::Value Describe(GraphBuilder& /*graph*/,
                               std::span<const GraphBuilder::Value> /*inputs*/) const final {
    ROOKERY_CHECK(false) << "no graph has this layer";
    return {};
  }
};

}  // namespace rookery
