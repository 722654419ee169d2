#include "io/posix_descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "io/system_error.h"

namespace rookery {
namespace {

// `write`(piece, its size, bytes before it) is as write(2).
template <typename Write>
int WritePieces(std::span<const std::byte> bytes, const Write& write) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const std::size_t size = std::min(bytes.size() - written, kWriteBytesMax);
    const ssize_t count = write(bytes.data() + written, size, written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    written += static_cast<std::size_t>(count);
  }
  return 0;
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

// An interrupted close has closed (Linux).
int Descriptor::Close() {
  const int result = close(std::exchange(number_, -1));
  return result == 0 || errno == EINTR ? 0 : errno;
}

StatusOr<Descriptor> OpenDescriptor(const std::string& path, int flags, std::string_view action) {
  constexpr mode_t kMode = 0666;  // the umask takes away
  int number = -1;
  do {
    number = open(path.c_str(), flags | O_CLOEXEC, kMode);
  } while (number < 0 && errno == EINTR);
  if (number < 0) return SystemError(path, action, errno);
  return Descriptor(number);
}

int WriteAll(const Descriptor& descriptor, std::span<const std::byte> bytes) {
  return WritePieces(bytes, [&](const std::byte* piece, std::size_t size, std::size_t /*written*/) {
    return write(descriptor.number(), piece, size);
  });
}

int WriteAllAt(const Descriptor& descriptor, std::span<const std::byte> bytes,
               std::uint64_t offset) {
  return WritePieces(bytes, [&](const std::byte* piece, std::size_t size, std::size_t written) {
    return pwrite(descriptor.number(), piece, size, static_cast<off_t>(offset + written));
  });
}

}  // namespace rookery
