#include "io/posix_uncached_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <future>
#include <utility>
#include <vector>

#include "common/check.h"
#include "io/posix_descriptor.h"
#include "io/system_error.h"

namespace rookery {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{512} << 10U;
constexpr std::size_t kPieces = 4;  // at most as many requests are on their way to the device
// From the third on, each piece waits for as much of the file before it: their memory is little
// beside what the caller must have to write such a file.
constexpr std::uint64_t kFileBytesPerPiece = std::uint64_t{32} << 20U;
constexpr std::size_t kAlignment = 4096;  // of memory, offsets and lengths; enough for any device
constexpr int kCreate = O_WRONLY | O_CREAT | O_TRUNC;

class PosixUncachedFile final : public WritableFile {
 public:
  PosixUncachedFile(Descriptor descriptor, std::string path, bool direct)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), direct_(direct) {
    pieces_.reserve(kPieces);  // they do not move
    AddPiece();
    AddPiece();
  }

  Status Append(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      Piece& piece = pieces_[filled_];
      ROOKERY_RETURN_IF_ERROR(Wait(&piece));
      const std::size_t count = std::min(bytes.size(), kPieceBytes - held_);
      std::memcpy(piece.bytes.get() + held_, bytes.data(), count);
      held_ += count;
      bytes = bytes.subspan(count);
      if (held_ == kPieceBytes) ROOKERY_RETURN_IF_ERROR(WriteFull(&piece));
    }
    return failure_;
  }
  Status Sync() override {
    ROOKERY_RETURN_IF_ERROR(WriteEnd());
    if (fdatasync(descriptor_.number()) == 0 || errno == EINVAL) return OkStatus();
    return Fail("sync", errno);
  }
  Status Close() override {
    ROOKERY_RETURN_IF_ERROR(WriteEnd());
    const int error = descriptor_.Close();
    failure_ = SystemError(path_, "use", EBADF);  // what later calls are told
    return error == 0 ? OkStatus() : SystemError(path_, "close", error);
  }

 private:
  struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
  };
  struct Piece {
    std::unique_ptr<std::byte[], Free> bytes;
    std::future<int> written;  // while it is; the error number
  };
  void AddPiece() {
    Piece& piece = pieces_.emplace_back();
    piece.bytes.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, kPieceBytes)));
    ROOKERY_CHECK(piece.bytes != nullptr) << path_;
  }
  // The one whose write began first, or one more.
  void TurnToNextPiece() {
    held_ = 0;
    if (++filled_ < pieces_.size()) return;
    if (pieces_.size() < kPieces && offset_ >= pieces_.size() * kFileBytesPerPiece) {
      AddPiece();
    } else {
      filled_ = 0;
    }
  }
  Status Fail(std::string_view action, int number) {
    failure_ = SystemError(path_, action, number);
    return failure_;
  }
  // Until nobody writes the piece.
  Status Wait(Piece* piece) {
    if (!piece->written.valid()) return failure_;
    const int error = piece->written.get();
    return error == 0 ? failure_ : Fail("write", error);
  }
  // Beside the caller, who fills the others meanwhile; but for the first piece, which shows what
  // the file system takes.
  Status WriteFull(Piece* piece) {
    const auto write = [this, from = piece->bytes.get(), offset = offset_] {
      return WriteAllAt(descriptor_, {from, kPieceBytes}, offset);
    };
    const bool first = std::exchange(offset_, offset_ + kPieceBytes) == 0;
    TurnToNextPiece();
    if (!first) {
      // By the caller, later, where there can be no thread.
      piece->written = std::async(std::launch::async | std::launch::deferred, write);
      return OkStatus();
    }
    int error = write();
    if (error == EINVAL && direct_) {  // nothing was written
      error = UseCache();
      if (error == 0) error = write();
    }
    return error == 0 ? OkStatus() : Fail("write", error);
  }
  // What comes now may have any length: from here on the file is as others are.
  Status WriteEnd() {
    for (Piece& piece : pieces_) ROOKERY_RETURN_IF_ERROR(Wait(&piece));
    if (held_ == 0) return OkStatus();
    int error = UseCache();
    const std::span<const std::byte> end(pieces_[filled_].bytes.get(), std::exchange(held_, 0));
    if (error == 0) error = WriteAllAt(descriptor_, end, offset_);
    offset_ += end.size();
    return error == 0 ? OkStatus() : Fail("write", error);
  }
  int UseCache() {
    if (!std::exchange(direct_, false)) return 0;
    const int flags = fcntl(descriptor_.number(), F_GETFL);
    if (flags < 0) return errno;
    return fcntl(descriptor_.number(), F_SETFL, flags & ~O_DIRECT) == 0 ? 0 : errno;
  }

  Descriptor descriptor_;
  const std::string path_;
  bool direct_;
  Status failure_;
  std::uint64_t offset_ = 0;  // of what is filled next
  std::size_t held_ = 0;      // bytes of it
  std::size_t filled_ = 0;    // which piece that is
  // Goes before the descriptor, and waits for what is being written.
  std::vector<Piece> pieces_;
};

}  // namespace

StatusOr<std::unique_ptr<WritableFile>> CreateUncachedFile(const std::string& path) {
  const auto file = [&path](Descriptor descriptor, bool direct) {
    return std::make_unique<PosixUncachedFile>(std::move(descriptor), path, direct);
  };
  StatusOr<Descriptor> direct = OpenDescriptor(path, kCreate | O_DIRECT, "create");
  if (direct.ok()) return std::unique_ptr<WritableFile>(file(std::move(*direct), true));
  // The file system may know no O_DIRECT.
  ROOKERY_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, kCreate, "create"));
  return std::unique_ptr<WritableFile>(file(std::move(descriptor), false));
}

}  // namespace rookery
