#include "io/posix_uncached_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "common/check.h"
#include "io/posix_descriptor.h"
#include "io/system_error.h"

namespace rookery {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{512} << 10U;
constexpr std::size_t kAlignment = 4096;  // of memory, offsets and lengths; enough for any device
constexpr int kCreate = O_WRONLY | O_CREAT | O_TRUNC;

class PosixUncachedFile final : public WritableFile {
 public:
  PosixUncachedFile(Descriptor descriptor, std::string path, bool direct)
      : descriptor_(std::move(descriptor)),
        path_(std::move(path)),
        direct_(direct),
        piece_(static_cast<std::byte*>(std::aligned_alloc(kAlignment, kPieceBytes))) {
    ROOKERY_CHECK(piece_ != nullptr) << path_;
  }

  Status Append(std::span<const std::byte> bytes) override {
    ROOKERY_RETURN_IF_ERROR(failure_);
    while (!bytes.empty()) {
      const std::size_t count = std::min(bytes.size(), kPieceBytes - held_);
      std::memcpy(piece_.get() + held_, bytes.data(), count);
      held_ += count;
      bytes = bytes.subspan(count);
      if (held_ == kPieceBytes) ROOKERY_RETURN_IF_ERROR(WriteHeld());
    }
    return OkStatus();
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
  Status Fail(std::string_view action, int number) {
    failure_ = SystemError(path_, action, number);
    return failure_;
  }
  // What comes now may have any length: from here on the file is as others are.
  Status WriteEnd() {
    ROOKERY_RETURN_IF_ERROR(failure_);
    if (held_ == 0) return OkStatus();
    if (const int error = UseCache()) return Fail("write", error);
    return WriteHeld();
  }
  Status WriteHeld() {
    const std::span<const std::byte> held(piece_.get(), std::exchange(held_, 0));
    int error = WriteAll(descriptor_, held);
    if (error == EINVAL && direct_) {  // nothing was written
      error = UseCache();
      if (error == 0) error = WriteAll(descriptor_, held);
    }
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
  const std::unique_ptr<std::byte[], Free> piece_;
  std::size_t held_ = 0;
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
