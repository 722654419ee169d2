#include "launch/process_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>

namespace rookery {

// Allocates nothing: it is asked for in every request to a server.
std::uint64_t ResidentBytes() {
  static const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  std::array<char, 128> text{};
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  if (size <= 0) return 0;
  const char* const end = text.data() + size;
  const auto* at =
      static_cast<const char*>(std::memchr(text.data(), ' ', static_cast<std::size_t>(size)));
  std::uint64_t pages = 0;  // the second number; the first is what is mapped
  if (at == nullptr || std::from_chars(at + 1, end, pages).ec != std::errc()) return 0;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace rookery
