// safetensors: u64 length of a JSON header, the header ("name": dtype, shape, data_offsets), then
// the tensors' bytes without gaps. What Python's `safetensors` package reads.
//
// Owner    plain values. Threads: pure functions.
// Errors   kCorrupt names the file and the member.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"

namespace rookery {

struct SafetensorsEntry {
  std::string name;
  std::string dtype;  // "F32" | "I64"
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0;  // of its bytes, from the end of the header; computed by the writer
  std::uint64_t end = 0;
};

using SafetensorsMetadata = std::vector<std::pair<std::string, std::string>>;

// The length and the header, padded with blanks to a multiple of 8: the data of the entries must
// follow in this order. Entries with wider values first keep every tensor aligned.
[[nodiscard]] std::string SafetensorsHeader(std::span<const SafetensorsEntry> entries,
                                            const SafetensorsMetadata& metadata);

struct SafetensorsFile {
  SafetensorsMetadata metadata;
  std::vector<SafetensorsEntry> entries;
  std::uint64_t data_offset = 0;  // of the first tensor's bytes in the file

  // nullptr when there is none.
  [[nodiscard]] const SafetensorsEntry* Find(std::string_view name) const;
  [[nodiscard]] std::string Metadata(std::string_view name) const;  // "" when there is none
};

// Every entry's bytes lie inside the file and are as many as its shape and dtype say.
[[nodiscard]] StatusOr<SafetensorsFile> ReadSafetensorsHeader(const RandomAccessFile& file,
                                                              std::string_view path);

}  // namespace rookery
