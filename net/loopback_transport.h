// LoopbackNetwork: ranks inside one process; a frame is moved to the receiver, never copied.
//
// Owner    the composition root owns the network; endpoints are owned by it and live as long.
// Threads  as Transport. The receiver's handler is called on the sender's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "net/transport.h"

namespace rookery {

class LoopbackNetwork {
 public:
  explicit LoopbackNetwork(std::uint32_t ranks);
  ~LoopbackNetwork();
  [[nodiscard]] Transport* endpoint(Rank rank);

 private:
  class Endpoint;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace rookery
