// MANIFEST.json of an export: what files it has, with size and checksum; and the writer and reader
// that compute and compare them. All names of files in an export directory are made here.
//
// Owner    plain values; a writer owns its open file. Threads: one.
// Errors   kCorrupt names the file and says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/hash.h"
#include "io/file_system.h"

namespace rookery {

inline constexpr std::uint32_t kExportFormatVersion = 1;
inline constexpr std::string_view kExportManifestName = "MANIFEST.json";
inline constexpr std::string_view kExportSchemaName = "schema.json";
inline constexpr std::string_view kOnnxModelName = "model.onnx";
inline constexpr std::string_view kOnnxDenseName = "dense.onnx";
inline constexpr std::string_view kSafetensorsName = "model.safetensors";
inline constexpr std::string_view kGoldenDataName = "golden.data";
inline constexpr std::string_view kGoldenName = "golden.json";
inline constexpr std::string_view kReadmeName = "README.txt";
[[nodiscard]] std::string TableKeysName(std::string_view table);  // "table-user.keys"
[[nodiscard]] std::string TableRowsName(std::string_view table);  // "table-user.rows"

struct ExportFile {
  std::string name;  // no directory
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;  // XXH3-64 of all its bytes
  bool operator==(const ExportFile&) const = default;
};

struct ExportManifest {
  std::string rookery_version;
  std::uint64_t step = 0;  // of the checkpoint
  std::vector<ExportFile> files;

  // nullptr when there is none.
  [[nodiscard]] const ExportFile* Find(std::string_view name) const;
};

[[nodiscard]] std::string ExportManifestToJson(const ExportManifest& manifest);
// Refuses unknown versions, names with a directory, the same name twice.
[[nodiscard]] StatusOr<ExportManifest> ExportManifestFromJson(std::string_view json,
                                                              std::string_view path);
// Reads MANIFEST.json of `directory`. kInvalidInput when there is none: not an export.
[[nodiscard]] StatusOr<ExportManifest> ReadExportManifest(FileSystem& files,
                                                          const std::string& directory);

// Gathers small pieces, hashes what it writes.
class ExportFileWriter {
 public:
  [[nodiscard]] static StatusOr<std::unique_ptr<ExportFileWriter>> Create(
      FileSystem& files, const std::string& directory, std::string name);
  [[nodiscard]] Status Append(std::span<const std::byte> bytes);
  [[nodiscard]] Status Append(std::string_view text);
  [[nodiscard]] StatusOr<ExportFile> Finish();  // flush, sync, close

 private:
  ExportFileWriter() = default;
  [[nodiscard]] Status Flush();

  std::unique_ptr<WritableFile> file_;
  ExportFile result_;
  StreamHash hash_;
  std::string pending_;
};

[[nodiscard]] StatusOr<ExportFile> WriteExportFile(FileSystem& files, const std::string& directory,
                                                   std::string_view name, std::string_view text);
// The whole file after its size and checksum were compared with the manifest's.
[[nodiscard]] StatusOr<std::string> ReadExportFile(FileSystem& files, const std::string& directory,
                                                   const ExportManifest& manifest,
                                                   std::string_view name, std::uint64_t bytes_max);

}  // namespace rookery
