// MpiReceiver: the receiving half of MpiTransport.
//
// A ring of pre-posted receives takes small frames and the headers of large ones. MPI matches the
// ring in the order in which it was posted, so only its head is tested. A large body is received
// into its own buffer; frames of one peer are delivered in the order of their ring messages.
//
// Owner    the communication thread, the only one that calls it.
// Errors   a frame that OpenFrame refuses is logged with its sender and dropped. After a header
// that
//          announces nonsense, or pieces that do not fit it, what follows cannot be told apart: the
//          sender is named in the log and nothing more of it is taken. The others go on.
#pragma once

#include <mpi.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/block_pool.h"
#include "common/buffer.h"
#include "common/types.h"
#include "net/transport.h"

namespace rookery {

class MpiReceiver {
 public:
  MpiReceiver(MPI_Comm comm, JobNumber job);

  // Delivers what has come, in order; true when anything moved.
  bool Poll(const Transport::Handler& deliver);
  [[nodiscard]] bool payload_pending() const { return !payload_requests_.empty(); }
  // Gives up the ring. Nothing may be polled afterwards.
  void Close();
  // Frames delivered or refused so far, by rank.
  [[nodiscard]] const std::vector<std::uint64_t>& frames_received() const {
    return frames_received_;
  }

 private:
  struct Incoming {
    Buffer buffer;
    std::size_t pieces_left = 0;
  };
  struct Peer {
    // Not delivered yet; the front is incomplete.
    std::deque<Incoming, PoolAllocator<Incoming>> queue;
    std::size_t announced_bytes = 0;  // of bodies that are not complete
    bool refused = false;
  };
  struct Payload {  // one piece
    Incoming* owner = nullptr;
    int peer = 0;
    int bytes = 0;
  };
  bool PollRing(const Transport::Handler& deliver);
  bool PollPayloads(const Transport::Handler& deliver);
  void OnRingMessage(int from, std::span<const std::byte> bytes, const Transport::Handler& deliver);
  void ReceivePayload(int from, Incoming* incoming);
  void CheckPieces(int count);
  void Refuse(int from, const std::string& why);
  void DeliverComplete(int from, const Transport::Handler& deliver);
  void StartSlot(std::size_t slot);
  [[nodiscard]] std::byte* SlotBytes(std::size_t slot);

  const MPI_Comm comm_;
  const JobNumber job_;
  int own_rank_ = 0;

  std::unique_ptr<std::byte[]> ring_bytes_;
  std::vector<MPI_Request> ring_;  // persistent
  std::size_t head_ = 0;           // the slot that was posted first

  std::vector<Peer> peers_;
  std::vector<MPI_Request> payload_requests_;
  std::vector<Payload> payloads_;  // beside payload_requests_
  std::vector<int> done_;          // indices, reused
  std::vector<MPI_Status> statuses_;
  std::vector<std::uint64_t> frames_received_;
};

}  // namespace rookery
