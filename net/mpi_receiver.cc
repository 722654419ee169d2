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

int BytesOf(const MPI_Status& status) {
  int bytes = 0;
  return MPI_Get_count(&status, MPI_BYTE, &bytes) == MPI_SUCCESS ? bytes : -1;
}

}  // namespace

MpiReceiver::MpiReceiver(MPI_Comm comm, JobNumber job)
    : comm_(comm),
      job_(job),
      ring_bytes_(std::make_unique_for_overwrite<std::byte[]>(kRingSlots * kRingSlotBytes)),
      ring_(kRingSlots, MPI_REQUEST_NULL) {
  int ranks = 0;
  CheckMpi(MPI_Comm_rank(comm, &own_rank_), "MPI_Comm_rank", kNoPeer);
  CheckMpi(MPI_Comm_size(comm, &ranks), "MPI_Comm_size", own_rank_);
  peers_ = std::vector<Peer>(static_cast<std::size_t>(ranks));
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
    const auto bytes = static_cast<std::size_t>(std::max(0, BytesOf(status)));
    OnRingMessage(status.MPI_SOURCE, {SlotBytes(head_), bytes}, deliver);
    StartSlot(head_);
    head_ = (head_ + 1) % kRingSlots;
  }
  return true;
}

void MpiReceiver::Refuse(int from, const std::string& why) {
  Peer& peer = peers_[static_cast<std::size_t>(from)];
  if (peer.refused) return;
  peer.refused = true;
  ROOKERY_LOG(ERROR) << "rank " << own_rank_ << ": message from rank " << from << ": " << why
                     << "; nothing more of that rank is taken";
  for (std::size_t i = 0; i < payloads_.size(); ++i) {
    if (payloads_[i].peer != from || payload_requests_[i] == MPI_REQUEST_NULL) continue;
    CheckMpi(MPI_Cancel(&payload_requests_[i]), "MPI_Cancel", own_rank_, from);
  }
}

void MpiReceiver::OnRingMessage(int from, std::span<const std::byte> bytes,
                                const Transport::Handler& deliver) {
  Peer& peer = peers_[static_cast<std::size_t>(from)];
  const StatusOr<std::size_t> body_bytes =
      AnnouncedBodyBytes(bytes.first(std::min(bytes.size(), kFrameHeaderBytes)), job_);
  if (!peer.refused && !body_bytes.ok()) Refuse(from, body_bytes.status().message());
  const bool large = body_bytes.ok() && *body_bytes > kSmallMessageBytes;
  if (large && bytes.size() != kFrameHeaderBytes) {
    Refuse(from, StrCat(bytes.size(), " bytes announce ", *body_bytes));
  } else if (large && peer.announced_bytes + *body_bytes > kAnnouncedBytesMax) {
    Refuse(from, StrCat("bodies of more than ", kAnnouncedBytesMax, " bytes announced at once"));
  }
  if (peer.refused) {
    ++frames_received_[static_cast<std::size_t>(from)];
    return;
  }
  peer.queue.push_back({Buffer(large ? *body_bytes : bytes.size() - kFrameHeaderBytes), 0});
  Incoming& incoming = peer.queue.back();
  std::memcpy(incoming.buffer.frame(kFrameHeaderBytes).data(), bytes.data(), bytes.size());
  if (large) ReceivePayload(from, &incoming);
  DeliverComplete(from, deliver);
}

void MpiReceiver::ReceivePayload(int from, Incoming* incoming) {
  peers_[static_cast<std::size_t>(from)].announced_bytes += incoming->buffer.size();
  ForEachPiece(incoming->buffer.body(), [&](std::span<std::byte> piece) {
    MPI_Request request = MPI_REQUEST_NULL;
    const int bytes = static_cast<int>(piece.size());
    CheckMpi(MPI_Irecv(piece.data(), bytes, MPI_BYTE, from, kPayloadTag, comm_, &request),
             "MPI_Irecv", own_rank_, from);
    payload_requests_.push_back(request);
    payloads_.push_back({incoming, from, bytes});
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
  CheckPieces(count);
  if (count <= 0) return false;
  const std::span<int> done(done_.data(), static_cast<std::size_t>(count));
  std::ranges::sort(done, std::greater<>());
  for (const int index : done) {  // from the back: what is swapped in is not done
    const auto i = static_cast<std::size_t>(index);
    const Payload payload = payloads_[i];
    std::swap(payload_requests_[i], payload_requests_.back());
    std::swap(payloads_[i], payloads_.back());
    payload_requests_.pop_back();
    payloads_.pop_back();
    if (--payload.owner->pieces_left == 0) DeliverComplete(payload.peer, deliver);
  }
  return true;
}

// The pieces that Testsome found are as long as the header announced; else their sender is refused.
void MpiReceiver::CheckPieces(int count) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(0, count)); ++i) {
    const Payload& payload = payloads_[static_cast<std::size_t>(done_[i])];
    if (BytesOf(statuses_[i]) == payload.bytes) continue;
    Refuse(payload.peer, StrCat("a piece of another length than the ", payload.bytes,
                                " bytes that were announced"));
  }
}

void MpiReceiver::DeliverComplete(int from, const Transport::Handler& deliver) {
  Peer& peer = peers_[static_cast<std::size_t>(from)];
  while (!peer.queue.empty() && peer.queue.front().pieces_left == 0) {
    Buffer buffer = std::move(peer.queue.front().buffer);
    peer.queue.pop_front();
    if (buffer.size() > kSmallMessageBytes) peer.announced_bytes -= buffer.size();
    ++frames_received_[static_cast<std::size_t>(from)];
    if (peer.refused) continue;
    StatusOr<Frame> frame = OpenFrame(std::move(buffer), job_);
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
