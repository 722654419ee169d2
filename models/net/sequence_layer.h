// SequenceLayer: what the layers over sequences share. Private to models/net/.
#pragma once

#include "models/net/layer.h"

namespace rookery {

class SequenceLayer : public Layer {
 protected:
  static std::size_t Begin(const Call& call, std::size_t example) {
    return call.offsets[example] - call.offsets[0];
  }
};

}  // namespace rookery
