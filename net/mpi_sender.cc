#include "net/mpi_sender.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/check.h"
#include "net/mpi_check.h"
#include "net/mpi_wire.h"

namespace rookery {
namespace {

constexpr std::size_t kSendsInFlightMax = 256;  // MPI slows down with thousands of open requests

}  // namespace

MpiSender::MpiSender(MPI_Comm comm, std::size_t bytes_in_flight_max)
    : comm_(comm), bytes_in_flight_max_(bytes_in_flight_max) {
  int ranks = 0;
  CheckMpi(MPI_Comm_rank(comm, &own_rank_), "MPI_Comm_rank", kNoPeer);
  CheckMpi(MPI_Comm_size(comm, &ranks), "MPI_Comm_size", own_rank_);
  frames_sent_.resize(static_cast<std::size_t>(ranks));
}

void MpiSender::Queue(Rank to, Frame frame) {
  ROOKERY_CHECK(frame.body.size() <= kMessageBytesMax) << frame.body.size() << " bytes";
  ++frames_sent_[Raw(to)];
  waiting_.push_back(MakePooled<Outgoing>(Outgoing{to, std::move(frame)}));
}

bool MpiSender::Poll() {
  bool moved = FreeSent();
  while (!waiting_.empty() && MayBegin(*waiting_.front())) {
    Begin(std::move(waiting_.front()));
    waiting_.pop_front();
    moved = true;
  }
  return moved;
}

bool MpiSender::MayBegin(const Outgoing& next) const {
  if (requests_.empty()) return true;  // a frame larger than the limit goes alone
  return requests_.size() < kSendsInFlightMax &&
         bytes_in_flight_ + next.frame.body.size() + kFrameHeaderBytes <= bytes_in_flight_max_;
}

void MpiSender::Begin(std::shared_ptr<Outgoing> outgoing) {
  const std::span<std::byte> bytes = outgoing->frame.body.frame(kFrameHeaderBytes);
  if (bytes.size() <= kRingSlotBytes) return SendBytes(outgoing, bytes, kFrameTag);
  SendBytes(outgoing, bytes.first(kFrameHeaderBytes), kFrameTag);
  ForEachPiece(bytes.subspan(kFrameHeaderBytes),
               [&](std::span<const std::byte> piece) { SendBytes(outgoing, piece, kPayloadTag); });
}

void MpiSender::SendBytes(const std::shared_ptr<Outgoing>& owner, std::span<const std::byte> bytes,
                          int tag) {
  const int to = static_cast<int>(Raw(owner->to));
  MPI_Request request = MPI_REQUEST_NULL;
  CheckMpi(
      MPI_Isend(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, to, tag, comm_, &request),
      "MPI_Isend", own_rank_, to);
  requests_.push_back(request);
  in_flight_.push_back(InFlight{owner, bytes.size()});
  bytes_in_flight_ += bytes.size();
}

bool MpiSender::FreeSent() {
  if (requests_.empty()) return false;
  done_.resize(requests_.size());
  statuses_.resize(requests_.size());
  int count = 0;
  const int code = MPI_Testsome(static_cast<int>(requests_.size()), requests_.data(), &count,
                                done_.data(), statuses_.data());
  CheckMpiSome(code, "a send", own_rank_, statuses_.data(), count);
  if (count <= 0) return false;
  const std::span<int> done(done_.data(), static_cast<std::size_t>(count));
  std::ranges::sort(done, std::greater<>());
  for (const int index : done) {  // from the back: what is swapped in is not done
    const auto i = static_cast<std::size_t>(index);
    bytes_in_flight_ -= in_flight_[i].bytes;
    std::swap(requests_[i], requests_.back());
    std::swap(in_flight_[i], in_flight_.back());
    requests_.pop_back();
    in_flight_.pop_back();
  }
  return true;
}

}  // namespace rookery
