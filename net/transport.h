// Transport: the only door to other processes (seam 3 of 3). Moves whole frames between ranks.
//
// Promise  frames from one rank to another arrive whole, once and in order, or the transport
// reports
//          the peer as lost; nothing is promised about the order between different senders.
// Owner    made by the composition root, one per rank; outlives the RpcNode on it.
// Threads  Send() from any thread, never blocks, takes the frame. The handler is called on a thread
//          of the transport and must only post to an executor.
// Implementations: net/mpi_transport (one communication thread makes every MPI call),
// net/loopback_transport (ranks inside one process; frames are moved, not copied);
// tests/sim has a faulty one. One conformance suite runs all.
#pragma once

#include <cstdint>
#include <functional>

#include "common/executor.h"
#include "common/types.h"
#include "net/frame.h"

namespace rookery {

class Transport {
 public:
  using Handler = std::function<void(Rank from, Frame frame)>;

  virtual ~Transport() = default;
  [[nodiscard]] virtual Rank rank() const = 0;
  [[nodiscard]] virtual std::uint32_t ranks() const = 0;
  // Once, before the first frame can arrive from a peer that knows us; frames that came before
  // wait.
  virtual void Start(Handler handler) = 0;
  // A frame to ourselves is legal. REQUIRES: to < ranks().
  virtual void Send(Rank to, Frame frame) = 0;
  // The transport's own thread as an executor, for a role that needs no other: what comes is then
  // handled where it was received. Null when the transport has no thread. Runs until its Stop().
  [[nodiscard]] virtual StoppableExecutor* executor() { return nullptr; }
  // Sends what is queued, then stops receiving. After it returns the handler is not called again.
  virtual void Stop() = 0;
};

}  // namespace rookery
