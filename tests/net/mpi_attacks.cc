#include "tests/net/mpi_attacks.h"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "common/bytes.h"
#include "net/mpi_wire.h"
#include "protocol/verbs.h"

namespace {

// What the transport agrees on inside, overheard below.
MPI_Comm transport_comm = MPI_COMM_NULL;
std::uint64_t transport_job = 0;

}  // namespace

// MPI lets a program stand in front of its functions.
extern "C" int MPI_Comm_dup(MPI_Comm comm, MPI_Comm* copy) {
  const int code = PMPI_Comm_dup(comm, copy);
  transport_comm = *copy;
  return code;
}
extern "C" int MPI_Bcast(void* bytes, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  const int code = PMPI_Bcast(bytes, count, type, root, comm);
  std::memcpy(&transport_job, bytes, sizeof(transport_job));
  return code;
}

namespace rookery {
namespace {

constexpr std::size_t kLargeBody = 100'000;

// ---- attacks: raw messages, sent where MPI calls may be made ----

void SendRaw(std::vector<std::byte> bytes, int tag) {
  static std::vector<std::vector<std::byte>> kept;  // until the process ends
  MPI_Request request = MPI_REQUEST_NULL;
  const std::vector<std::byte>& message = kept.emplace_back(std::move(bytes));
  MPI_Isend(message.data(), static_cast<int>(message.size()), MPI_BYTE, kAttacked, tag,
            transport_comm, &request);
  MPI_Request_free(&request);
}

// A header that would be right, of a body with `body_bytes`.
std::vector<std::byte> HeaderOf(std::uint64_t body_bytes) {
  Frame frame{FrameKind::kRequest, verbs::kPull, 1, Code::kOk, Buffer(0)};
  const std::span<std::byte> bytes = SealFrame(frame, JobNumber{transport_job});
  ByteWriter(bytes.subspan(24)).Put(body_bytes);
  return {bytes.begin(), bytes.end()};
}

void SendGarbage() {
  SendRaw(std::vector<std::byte>(100, std::byte{0xa5}), kFrameTag);
}
void SendTooShort() {
  SendRaw(std::vector<std::byte>(5), kFrameTag);
}
void SendOtherVersion() {
  std::vector<std::byte> header = HeaderOf(0);
  header[4] = std::byte{kFrameVersion - 1};
  SendRaw(header, kFrameTag);
}
void SendOtherJob() {
  Frame frame{FrameKind::kRequest, verbs::kPull, 1, Code::kOk, Buffer(0)};
  const auto bytes = SealFrame(frame, JobNumber{transport_job + 1});
  SendRaw({bytes.begin(), bytes.end()}, kFrameTag);
}
void AnnounceTooMuch() {
  SendRaw(HeaderOf(std::uint64_t{1} << 40U), kFrameTag);
}
void AnnounceOften() {
  for (int i = 0; i < 5; ++i) SendRaw(HeaderOf(kMessageBytesMax), kFrameTag);
}
void SendShortPiece() {
  SendRaw(HeaderOf(kLargeBody), kFrameTag);
  SendRaw(std::vector<std::byte>(kLargeBody / 2), kPayloadTag);
}
void SendDamagedFrames() {  // each dropped or answered with an error, and the next one read
  Frame frame{FrameKind::kRequest, verbs::kPull, 1, Code::kOk, Buffer(8)};
  std::ranges::fill(frame.body.body(), std::byte{0});
  const auto bytes = SealFrame(frame, JobNumber{transport_job});
  bytes.back() = std::byte{1};
  SendRaw({bytes.begin(), bytes.end()}, kFrameTag);
  std::uint64_t id = 2;
  for (const VerbId verb : {verbs::kPull, verbs::kPush, verbs::kRetire, VerbId{77}}) {
    Frame nonsense{FrameKind::kRequest, verb, id++, Code::kOk, Buffer(60)};
    std::ranges::fill(nonsense.body.body(), std::byte{0xff});
    const auto sealed = SealFrame(nonsense, JobNumber{transport_job});
    SendRaw({sealed.begin(), sealed.end()}, kFrameTag);
  }
}

constexpr std::array kAttacks = {
    Attack{SendGarbage, "frame: magic"},
    Attack{SendTooShort, "frame: 5 header bytes"},
    Attack{SendOtherVersion, "this program speaks version"},
    Attack{SendOtherJob, "this rank is of job"},
    Attack{AnnounceTooMuch, "frame: body of 1099511627776 bytes"},
    Attack{AnnounceOften, "announced at once"},
    Attack{SendShortPiece, "a piece of another length"},
    Attack{SendDamagedFrames, "unknown verb 77"},
};

}  // namespace

std::span<const Attack> Attacks() {
  return kAttacks;
}

}  // namespace rookery
