// MpiSender: the sending half of MpiTransport.
//
// Frames wait here in order until MPI may have them: at most bytes_in_flight_max bytes and
// kSendsInFlightMax messages are handed to MPI and not complete. A frame is sent from its own
// buffer and kept until MPI is done with it.
//
// Owner    the communication thread, the only one that calls it.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "common/block_pool.h"
#include "common/types.h"
#include "net/frame.h"

namespace rookery {

class MpiSender {
 public:
  MpiSender(MPI_Comm comm, std::size_t bytes_in_flight_max);

  // REQUIRES: `frame` is sealed; `to` is not this rank.
  void Queue(Rank to, Frame frame);
  // Hands frames to MPI and frees those that are sent; true when anything moved.
  bool Poll();
  [[nodiscard]] bool empty() const { return waiting_.empty() && requests_.empty(); }
  // Frames queued so far, by rank.
  [[nodiscard]] const std::vector<std::uint64_t>& frames_sent() const { return frames_sent_; }

 private:
  struct Outgoing {
    Rank to{};
    Frame frame;
  };
  struct InFlight {
    std::shared_ptr<Outgoing> owner;
    std::size_t bytes = 0;
  };
  [[nodiscard]] bool MayBegin(const Outgoing& next) const;
  void Begin(std::shared_ptr<Outgoing> outgoing);
  void SendBytes(const std::shared_ptr<Outgoing>& owner, std::span<const std::byte> bytes, int tag);
  bool FreeSent();

  const MPI_Comm comm_;
  const std::size_t bytes_in_flight_max_;
  int own_rank_ = 0;
  std::deque<std::shared_ptr<Outgoing>, PoolAllocator<std::shared_ptr<Outgoing>>> waiting_;
  std::vector<MPI_Request> requests_;
  std::vector<InFlight> in_flight_;  // beside requests_
  std::size_t bytes_in_flight_ = 0;
  std::vector<int> done_;  // indices, reused
  std::vector<MPI_Status> statuses_;
  std::vector<std::uint64_t> frames_sent_;
};

}  // namespace rookery
