// Native table files: the rows of one table as two files that can be mapped into memory.
//
//   table-NAME.keys   header, then R keys, u64, ascending by MixKey(key) (common/hash.h)
//   table-NAME.rows   header, then R rows of dim f32, in the order of the keys
//   header, 64 bytes  magic[8] "RKYKEYS1" | "RKYROWS1", u32 dim, u32 zero, u64 R, zeros
//
// MixKey spreads keys evenly, so the rank of a key is found by its top bits and a few comparisons,
// and a checkpoint already has this order: nothing is sorted. All integers little-endian.
//
// Owner    NativeTable owns its bytes. Threads: const methods from any thread.
// Errors   kCorrupt: magic, size, order, a value that is not finite; the message names the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/types.h"
#include "io/file_system.h"
#include "serving/export_manifest.h"

namespace rookery {

inline constexpr std::size_t kNativeHeaderBytes = 64;
inline constexpr std::uint32_t kNoTableRow = 0xffffffffU;
// Positions are 32 bits wide; the last value means "no row".
inline constexpr std::uint64_t kNativeRowsMax = 0xfffffffeU;

// Streams both files of one table. REQUIRES: keys ascending by MixKey over all Append calls.
class NativeTableWriter {
 public:
  [[nodiscard]] static StatusOr<std::unique_ptr<NativeTableWriter>> Create(
      FileSystem& files, const std::string& directory, std::string_view table, std::uint32_t dim,
      std::uint64_t rows);
  // rows is [keys, stride]; the first dim floats of each are written.
  [[nodiscard]] Status Append(std::span<const Key> keys, std::span<const float> rows,
                              std::size_t stride);
  // Syncs and closes both files; kCorrupt when the number of rows is not what Create was told.
  [[nodiscard]] StatusOr<std::vector<ExportFile>> Finish();

 private:
  NativeTableWriter() = default;

  std::string name_;
  std::unique_ptr<ExportFileWriter> keys_file_;
  std::unique_ptr<ExportFileWriter> rows_file_;
  std::uint32_t dim_ = 1;
  std::uint64_t rows_expected_ = 0;
  std::uint64_t rows_written_ = 0;
  Key last_key_ = 0;
  std::vector<float> weights_;
};

class NativeTable {
 public:
  // `dim` and `rows` are what schema.json says. Checksums are compared with the manifest's.
  [[nodiscard]] static StatusOr<NativeTable> Load(FileSystem& files, const std::string& directory,
                                                  const ExportManifest& manifest,
                                                  std::string_view table, std::uint32_t dim,
                                                  std::uint64_t rows);

  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] std::uint32_t dim() const { return dim_; }
  [[nodiscard]] std::span<const Key> keys() const { return keys_; }
  [[nodiscard]] std::span<const float> rows() const { return rows_; }  // [size, dim]
  // The row of each key; kNoTableRow for a key without one. positions is [keys].
  void Find(std::span<const Key> keys, std::uint32_t* positions) const;

 private:
  void BuildDirectory();
  [[nodiscard]] std::uint32_t FindOne(Key key) const;

  std::uint32_t dim_ = 1;
  std::vector<Key> keys_;
  std::vector<float> rows_;
  // Keys whose MixKey begins with the bits b are at [starts_[b], starts_[b + 1]).
  std::vector<std::uint32_t> starts_;
  int shift_ = 63;
};

}  // namespace rookery
