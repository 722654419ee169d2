#include "net/mpi_receiver.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "common/log.h"
#include "net/mpi_check.h"
#include "net/mpi_wire.h"

namespace rookery {
namespace {

constexpr std::size_t kRingSlots = 64;

}  // namespace

MpiReceiver::MpiReceiver(MPI_Comm comm)
    : comm_(comm),
      ring_bytes_(std::make_unique_for_overwrite<std::byte[]>(kRingSlots * kRingSlotBytes)),
      ring_(kRingSlots, MPI_REQUEST_NULL) {
  int ranks = 0;
  CheckMpi(MPI_Comm_rank(comm, &own_rank_), "MPI_Comm_rank", kNoPeer);
  CheckMpi(MPI_Comm_size(comm, &ranks), "MPI_Comm_size", own_rank_);
  by_peer_ = std::vector<Queue>(static_cast<std::size_t>(ranks));
  frames_received_.resize(static_cast<std::size_t>(ranks));
  for (std::size_t slot = 0; slot < kRingSlots; ++slot) {
    CheckMpi(MPI_Recv_init(SlotBytes(slot), static_cast<int>(kRingSlotBytes), MPI_BYTE,
                           MPI_ANY_SOURCE, kFrameTag, comm_, &ring_[slot]),
             "MPI_Recv_init", own_rank_);
    StartSlot(slot);
  }
}

std::byte* MpiReceiver::SlotBytes(std::size_t slot) {
  return ring_bytes_.get() + slot * kRingSlotBytes;
}

void MpiReceiver::StartSlot(std::size_t slot) {
  CheckMpi(MPI_Start(&ring_[slot]), "MPI_Start", own_rank_);
}

bool MpiReceiver::Poll(const Transport::Handler& deliver) {
  const bool ring_moved = PollRing(deliver);
  return PollPayloads(deliver) || ring_moved;
}

bool MpiReceiver::PollRing(const Transport::Handler& deliver) {
  for (std::size_t received = 0; received < kRingSlots; ++received) {
    int done = 0;
    MPI_Status status;
    CheckMpi(MPI_Test(&ring_[head_], &done, &status), "a receive", own_rank_);
    if (done == 0) return received > 0;
    int bytes = 0;
    CheckMpi(MPI_Get_count(&status, MPI_BYTE, &bytes), "MPI_Get_count", own_rank_);
    OnRingMessage(status.MPI_SOURCE, {SlotBytes(head_), static_cast<std::size_t>(bytes)}, deliver);
    StartSlot(head_);
    head_ = (head_ + 1) % kRingSlots;
  }
  return true;
}

void MpiReceiver::OnRingMessage(int from, std::span<const std::byte> bytes,
                                const Transport::Handler& deliver) {
  Queue& queue = by_peer_[static_cast<std::size_t>(from)];
  const std::size_t announced_min = kSmallMessageBytes + 1;
  StatusOr<std::size_t> body_bytes =
      AnnouncedBodyBytes(bytes.first(std::min(bytes.size(), kFrameHeaderBytes)));
  if (!body_bytes.ok()) {
    ROOKERY_LOG(ERROR) << "rank " << own_rank_ << ": message from rank " << from << ": "
                       << body_bytes.status().message() << "; the job ends";
    MPI_Abort(MPI_COMM_WORLD, 1);
    return;
  }
  const bool large = bytes.size() == kFrameHeaderBytes && *body_bytes >= announced_min;
  queue.push_back(Incoming{Buffer(large ? *body_bytes : bytes.size() - kFrameHeaderBytes), 0});
  Incoming& incoming = queue.back();
  std::memcpy(incoming.buffer.frame(kFrameHeaderBytes).data(), bytes.data(), bytes.size());
  if (large) ReceivePayload(from, &incoming);
  DeliverComplete(from, deliver);
}

void MpiReceiver::ReceivePayload(int from, Incoming* incoming) {
  ForEachPiece(incoming->buffer.body(), [&](std::span<std::byte> piece) {
    MPI_Request request = MPI_REQUEST_NULL;
    CheckMpi(MPI_Irecv(piece.data(), static_cast<int>(piece.size()), MPI_BYTE, from, kPayloadTag,
                       comm_, &request),
             "MPI_Irecv", own_rank_, from);
    payload_requests_.push_back(request);
    payload_owners_.push_back(incoming);
    payload_peers_.push_back(from);
    ++incoming->pieces_left;
  });
}

bool MpiReceiver::PollPayloads(const Transport::Handler& deliver) {
  if (payload_requests_.empty()) return false;
  done_.resize(payload_requests_.size());
  statuses_.resize(payload_requests_.size());
  int count = 0;
  const int code = MPI_Testsome(static_cast<int>(payload_requests_.size()),
                                payload_requests_.data(), &count, done_.data(), statuses_.data());
  CheckMpiSome(code, "a receive", own_rank_, statuses_.data(), count);
  if (count <= 0) return false;
  const std::span<int> done(done_.data(), static_cast<std::size_t>(count));
  std::ranges::sort(done, std::greater<>());
  for (const int index : done) {  // from the back: what is swapped in is not done
    const auto i = static_cast<std::size_t>(index);
    const int from = payload_peers_[i];
    const bool complete = --payload_owners_[i]->pieces_left == 0;
    std::swap(payload_requests_[i], payload_requests_.back());
    std::swap(payload_owners_[i], payload_owners_.back());
    std::swap(payload_peers_[i], payload_peers_.back());
    payload_requests_.pop_back();
    payload_owners_.pop_back();
    payload_peers_.pop_back();
    if (complete) DeliverComplete(from, deliver);
  }
  return true;
}

void MpiReceiver::DeliverComplete(int from, const Transport::Handler& deliver) {
  Queue& queue = by_peer_[static_cast<std::size_t>(from)];
  while (!queue.empty() && queue.front().pieces_left == 0) {
    Buffer buffer = std::move(queue.front().buffer);
    queue.pop_front();
    ++frames_received_[static_cast<std::size_t>(from)];
    StatusOr<Frame> frame = OpenFrame(std::move(buffer));
    if (!frame.ok()) {
      ROOKERY_LOG(ERROR) << "rank " << own_rank_ << ": message from rank " << from
                         << " dropped: " << frame.status().message();
    } else if (deliver) {
      deliver(Rank{static_cast<std::uint32_t>(from)}, std::move(*frame));
    }
  }
}

void MpiReceiver::Close() {
  for (MPI_Request& request : ring_) {
    MPI_Status status;
    CheckMpi(MPI_Cancel(&request), "MPI_Cancel", own_rank_);
    CheckMpi(MPI_Wait(&request, &status), "MPI_Wait", own_rank_);
    CheckMpi(MPI_Request_free(&request), "MPI_Request_free", own_rank_);
  }
}

}  // namespace rookery
