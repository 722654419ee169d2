#include "io/posix_descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "io/system_error.h"

namespace rookery {

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
  while (!bytes.empty()) {
    const ssize_t count =
        write(descriptor.number(), bytes.data(), std::min(bytes.size(), kWriteBytesMax));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace rookery
