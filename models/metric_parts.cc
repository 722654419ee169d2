#include "models/metric_parts.h"

#include "common/bytes.h"

namespace rookery {
namespace {

constexpr std::size_t kNumberBytes = sizeof(std::uint32_t);

void PutNumber(std::uint32_t number, std::string* bytes) {
  std::string field(kNumberBytes, '\0');
  ByteWriter(std::as_writable_bytes(std::span(field))).Put(number);
  *bytes += field;
}

// REQUIRES: kNumberBytes bytes or more.
std::uint32_t NumberAt(std::string_view bytes) {
  return ByteReader(std::as_bytes(std::span(bytes))).Get<std::uint32_t>();
}

}  // namespace

std::string JoinParts(std::uint32_t mark, std::span<const std::string> parts) {
  std::string bytes;
  PutNumber(mark, &bytes);
  for (const std::string& part : parts) {
    PutNumber(static_cast<std::uint32_t>(part.size()), &bytes);
    bytes += part;
  }
  return bytes;
}

bool HasMark(std::string_view bytes, std::uint32_t mark) {
  return bytes.size() >= kNumberBytes && NumberAt(bytes) == mark;
}

StatusOr<std::vector<std::string_view>> SplitParts(std::string_view bytes, std::size_t count) {
  bytes.remove_prefix(kNumberBytes);
  std::vector<std::string_view> parts;
  for (std::size_t i = 0; i < count; ++i) {
    if (bytes.size() < kNumberBytes) return Corrupt("metrics: they end early");
    const std::size_t size = NumberAt(bytes);
    bytes.remove_prefix(kNumberBytes);
    if (size > bytes.size()) return Corrupt("metrics: they end early");
    parts.push_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  if (!bytes.empty()) return Corrupt("metrics: ", bytes.size(), " bytes too many");
  return parts;
}

}  // namespace rookery
