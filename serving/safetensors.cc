#include "serving/safetensors.h"

#include <array>
#include <cstring>
#include <limits>

#include "common/bytes.h"
#include "common/check.h"
#include "common/json.h"

namespace rookery {
namespace {

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::uint64_t kHeaderBytesMax = std::uint64_t{100} << 20U;  // as other readers have it

// 0 for a dtype we do not write.
std::uint64_t BytesOfDtype(std::string_view dtype) {
  if (dtype == "F32") return 4;
  return dtype == "I64" ? 8 : 0;
}

// UINT64_MAX when it does not fit.
std::uint64_t BytesOf(const SafetensorsEntry& entry) {
  std::uint64_t bytes = BytesOfDtype(entry.dtype);
  for (const std::uint64_t length : entry.shape) {
    if (__builtin_mul_overflow(bytes, length, &bytes)) {
      return std::numeric_limits<std::uint64_t>::max();
    }
  }
  return bytes;
}

std::vector<std::uint64_t> ReadNumbers(std::string_view field, JsonFields* fields) {
  std::vector<std::uint64_t> numbers;
  for (const Json& item : fields->Array(field)) {
    if (!item.is_uint64() && !(item.is_int64() && item.get_int64() >= 0)) {
      fields->Fail(field, "must hold whole numbers, not negative");
      break;
    }
    numbers.push_back(item.to_number<std::uint64_t>());
  }
  return numbers;
}

StatusOr<SafetensorsEntry> EntryFromJson(std::string_view name, const Json& value,
                                         std::uint64_t data_bytes, std::string_view path) {
  JsonFields fields(value, StrCat(path, ": ", name));
  SafetensorsEntry entry;
  entry.name = name;
  entry.dtype = fields.Text("dtype");
  entry.shape = ReadNumbers("shape", &fields);
  const std::vector<std::uint64_t> offsets = ReadNumbers("data_offsets", &fields);
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  if (BytesOfDtype(entry.dtype) == 0) fields.Fail("dtype", "must be F32 or I64");
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_bytes) {
    fields.Fail("data_offsets", "does not lie inside the file");
  } else {
    entry.begin = offsets[0];
    entry.end = offsets[1];
    if (BytesOf(entry) != entry.end - entry.begin) {
      fields.Fail("data_offsets", "is not as long as dtype and shape say");
    }
  }
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return entry;
}

Status ReadMetadata(const Json& value, std::string_view path, SafetensorsMetadata* metadata) {
  const JsonObject* object = value.if_object();
  if (object == nullptr) return Corrupt(path, ": ", kMetadata, " must be an object");
  for (const auto& [name, text] : *object) {
    if (!text.is_string()) return Corrupt(path, ": ", kMetadata, " must hold strings");
    metadata->emplace_back(std::string_view(name), std::string_view(text.get_string()));
  }
  return OkStatus();
}

}  // namespace

std::string SafetensorsHeader(std::span<const SafetensorsEntry> entries,
                              const SafetensorsMetadata& metadata) {
  JsonObject object;
  JsonObject texts;
  for (const auto& [name, text] : metadata) texts[name] = text;
  object[kMetadata] = std::move(texts);
  std::uint64_t offset = 0;
  for (const SafetensorsEntry& entry : entries) {
    JsonArray shape;
    for (const std::uint64_t length : entry.shape) shape.emplace_back(length);
    const std::uint64_t begin = offset;
    offset += BytesOf(entry);
    JsonObject item;
    item["dtype"] = entry.dtype;
    item["shape"] = std::move(shape);
    item["data_offsets"] = JsonArray{begin, offset};
    const bool inserted = object.emplace(entry.name, std::move(item)).second;
    ROOKERY_CHECK(inserted) << "two tensors are named " << entry.name;
  }
  std::string json = WriteJson(Json(std::move(object)));
  json.append(AlignUp(json.size()) - json.size(), ' ');
  const auto size = static_cast<std::uint64_t>(json.size());
  std::string header(sizeof(size), '\0');
  std::memcpy(header.data(), &size, sizeof(size));
  return header + json;
}

const SafetensorsEntry* SafetensorsFile::Find(std::string_view name) const {
  for (const SafetensorsEntry& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::string SafetensorsFile::Metadata(std::string_view name) const {
  for (const auto& [key, text] : metadata) {
    if (key == name) return text;
  }
  return {};
}

StatusOr<SafetensorsFile> ReadSafetensorsHeader(const RandomAccessFile& file,
                                                std::string_view path) {
  std::array<std::byte, 8> length{};
  if (file.size() < length.size()) return Corrupt(path, ": is too short for a header");
  ROOKERY_RETURN_IF_ERROR(file.ReadAt(0, length));
  const auto size = ByteReader(length).Get<std::uint64_t>();
  if (size > kHeaderBytesMax || size > file.size() - length.size()) {
    return Corrupt(path, ": a header of ", size, " bytes does not fit the file");
  }
  std::string json(size, '\0');
  ROOKERY_RETURN_IF_ERROR(
      file.ReadAt(length.size(), std::as_writable_bytes(std::span(json.data(), json.size()))));
  ROOKERY_ASSIGN_OR_RETURN(const Json value, ParseJson(json, path));
  const JsonObject* object = value.if_object();
  if (object == nullptr) return Corrupt(path, ": the header must be a JSON object");
  SafetensorsFile result;
  result.data_offset = length.size() + size;
  const std::uint64_t data_bytes = file.size() - result.data_offset;
  for (const auto& [name, member] : *object) {
    if (std::string_view(name) == kMetadata) {
      ROOKERY_RETURN_IF_ERROR(ReadMetadata(member, path, &result.metadata));
      continue;
    }
    ROOKERY_ASSIGN_OR_RETURN(SafetensorsEntry entry, EntryFromJson(name, member, data_bytes, path));
    result.entries.push_back(std::move(entry));
  }
  return result;
}

}  // namespace rookery
