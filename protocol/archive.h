// Encode and Decode of small control messages: the only place where cereal appears.
//
// A message is a struct with `static constexpr std::uint32_t kVersion` and a `serialize(Archive&)`
// of fixed-width fields; its version is written first and an unknown one is refused. A length is
// checked against the bytes that are left before anything is allocated, and decoding must consume
// all bytes. A message with enums, or numbers that must be finite, says in `bool Plausible() const`
// whether they are. Little-endian. cereal's exceptions stop here.
// Bulk data (rows, gradients) does not pass through cereal: protocol/ps_messages.h.
#pragma once

#include <cereal/cereal.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/buffer.h"
#include "common/bytes.h"
#include "common/error.h"

namespace rookery {

class WireOutput : public cereal::OutputArchive<WireOutput, cereal::AllowEmptyClassElision> {
 public:
  WireOutput() : OutputArchive(this) {}
  void Append(const void* bytes, std::size_t count) {
    bytes_.append(static_cast<const char*>(bytes), count);
  }
  [[nodiscard]] std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class WireInput : public cereal::InputArchive<WireInput, cereal::AllowEmptyClassElision> {
 public:
  explicit WireInput(std::string_view bytes) : InputArchive(this), bytes_(bytes) {}
  void Copy(void* target, std::size_t count) {
    if (count > bytes_.size()) throw cereal::Exception("ends early");
    if (count > 0) std::memcpy(target, bytes_.data(), count);
    bytes_.remove_prefix(count);
  }
  // Every element of a container takes at least one byte.
  void CheckLength(std::uint64_t length) const {
    if (length > bytes_.size()) throw cereal::Exception("a length is larger than the message");
  }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

template <class T>
requires std::is_arithmetic_v<T>
void CEREAL_SAVE_FUNCTION_NAME(WireOutput& archive, const T& value) {
  archive.Append(&value, sizeof(value));
}
template <class T>
requires std::is_arithmetic_v<T>
void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, T& value) {
  archive.Copy(&value, sizeof(value));
}
// A bool is one byte, and only 0 and 1 are bools.
inline void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, bool& value) {
  std::uint8_t byte = 0;
  archive.Copy(&byte, sizeof(byte));
  if (byte > 1) throw cereal::Exception("a flag is neither 0 nor 1");
  value = byte == 1;
}
template <class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(WireOutput& archive, cereal::SizeTag<T>& length) {
  archive(length.size);
}
template <class T>
void CEREAL_SERIALIZE_FUNCTION_NAME(WireInput& archive, cereal::SizeTag<T>& length) {
  archive(length.size);
  archive.CheckLength(length.size);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(WireOutput& archive, const cereal::BinaryData<T>& data) {
  archive.Append(data.data, static_cast<std::size_t>(data.size));
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, cereal::BinaryData<T>& data) {
  archive.Copy(data.data, static_cast<std::size_t>(data.size));
}
// One by one: an announced length gets memory only as far as the bytes hold it.
template <class T>
requires(!std::is_arithmetic_v<T>)
void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, std::vector<T>& values) {
  cereal::size_type length = 0;
  archive(cereal::make_size_tag(length));
  values.clear();
  for (cereal::size_type i = 0; i < length; ++i) archive(values.emplace_back());
}
template <class Archive, class T>
requires std::is_same_v<Archive, WireOutput> || std::is_same_v<Archive, WireInput>
void CEREAL_SERIALIZE_FUNCTION_NAME(Archive& archive, cereal::NameValuePair<T>& pair) {
  archive(pair.value);
}

template <class Message>
[[nodiscard]] std::string EncodeText(const Message& message) {
  WireOutput archive;
  archive(Message::kVersion, message);
  return archive.Take();
}

template <class Message>
[[nodiscard]] Buffer Encode(const Message& message) {
  const std::string text = EncodeText(message);
  Buffer buffer(text.size());
  if (!text.empty()) std::memcpy(buffer.body().data(), text.data(), text.size());
  return buffer;
}

// `what` names the message in the error: "join request".
template <class Message>
[[nodiscard]] StatusOr<Message> DecodeText(std::string_view bytes, std::string_view what) {
  WireInput archive(bytes);
  try {
    std::uint32_t version = 0;
    archive(version);
    if (version != Message::kVersion) {
      return Corrupt(what, ": version ", version, ", this build reads ", Message::kVersion);
    }
    Message message;
    archive(message);
    if (archive.left() != 0) return Corrupt(what, ": ", archive.left(), " bytes too many");
    if constexpr (requires { message.Plausible(); }) {
      if (!message.Plausible()) return Corrupt(what, ": a field has no such value");
    }
    return message;
  } catch (const std::exception& error) {
    return Corrupt(what, ": ", error.what());
  }
}

template <class Message>
[[nodiscard]] StatusOr<Message> Decode(std::span<const std::byte> bytes, std::string_view what) {
  return DecodeText<Message>({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, what);
}

}  // namespace rookery

CEREAL_REGISTER_ARCHIVE(rookery::WireOutput)
CEREAL_REGISTER_ARCHIVE(rookery::WireInput)
CEREAL_SETUP_ARCHIVE_TRAITS(rookery::WireInput, rookery::WireOutput)
