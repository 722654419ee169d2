#include "serving/dense_file.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "common/check.h"
#include "common/hash.h"
#include "common/limits.h"
#include "serving/hex.h"
#include "serving/native_table.h"
#include "serving/safetensors.h"

namespace rookery {
namespace {

constexpr std::string_view kDenseHash = "dense_xxh3";
constexpr std::size_t kCopyBytes = std::size_t{4} << 20U;

std::uint64_t HashFloats(std::span<const float> floats) {
  return HashBytes(std::as_bytes(floats));
}

// Everything after the header of a native table file.
Status CopyBody(FileSystem& files, const std::string& path, ExportFileWriter* writer) {
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<RandomAccessFile> file,
                           files.OpenRandomAccess(path));
  std::vector<std::byte> buffer;
  for (std::uint64_t offset = kNativeHeaderBytes; offset < file->size();) {
    buffer.resize(std::min<std::uint64_t>(kCopyBytes, file->size() - offset));
    ROOKERY_RETURN_IF_ERROR(file->ReadAt(offset, buffer));
    ROOKERY_RETURN_IF_ERROR(writer->Append(buffer));
    offset += buffer.size();
  }
  return OkStatus();
}

std::vector<SafetensorsEntry> EntriesOf(const ExportSchema& schema,
                                        std::span<const DenseBlockSpec> blocks) {
  std::vector<SafetensorsEntry> entries;
  const auto add = [&entries](std::string name, std::string dtype,
                              std::vector<std::uint64_t> shape) {
    SafetensorsEntry& entry = entries.emplace_back();
    entry.name = std::move(name);
    entry.dtype = std::move(dtype);
    entry.shape = std::move(shape);
  };
  for (const ExportTable& table : schema.tables) {
    add(StrCat("table.", table.name, ".keys"), "I64", {table.rows});
  }
  for (const ExportTable& table : schema.tables) {
    add(StrCat("table.", table.name, ".rows"), "F32", {table.rows, table.dim});
  }
  for (const DenseBlockSpec& block : blocks) add(block.name, "F32", {block.rows, block.columns});
  return entries;
}

}  // namespace

StatusOr<ExportFile> WriteModelTensors(FileSystem& files, const std::string& directory,
                                       const ExportSchema& schema,
                                       std::span<const DenseBlockSpec> blocks,
                                       std::span<const float> dense) {
  const SafetensorsMetadata metadata = {{"format_version", std::to_string(kExportFormatVersion)},
                                        {"model", schema.model.name},
                                        {std::string(kDenseHash), Hex64(HashFloats(dense))}};
  ROOKERY_ASSIGN_OR_RETURN(
      std::unique_ptr<ExportFileWriter> writer,
      ExportFileWriter::Create(files, directory, std::string(kSafetensorsName)));
  ROOKERY_RETURN_IF_ERROR(
      writer->Append(std::string_view(SafetensorsHeader(EntriesOf(schema, blocks), metadata))));
  for (const ExportTable& table : schema.tables) {
    ROOKERY_RETURN_IF_ERROR(
        CopyBody(files, JoinPath(directory, TableKeysName(table.name)), writer.get()));
  }
  for (const ExportTable& table : schema.tables) {
    ROOKERY_RETURN_IF_ERROR(
        CopyBody(files, JoinPath(directory, TableRowsName(table.name)), writer.get()));
  }
  for (const DenseBlockSpec& block : blocks) {
    ROOKERY_RETURN_IF_ERROR(
        writer->Append(std::as_bytes(dense.subspan(block.offset, block.size()))));
  }
  return writer->Finish();
}

StatusOr<std::vector<float>> ReadDenseTensors(FileSystem& files, const std::string& directory,
                                              std::span<const DenseBlockSpec> blocks) {
  const std::string path = JoinPath(directory, kSafetensorsName);
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<RandomAccessFile> file,
                           files.OpenRandomAccess(path));
  ROOKERY_ASSIGN_OR_RETURN(const SafetensorsFile header, ReadSafetensorsHeader(*file, path));
  std::vector<float> dense;
  for (const DenseBlockSpec& block : blocks) {
    const SafetensorsEntry* entry = header.Find(block.name);
    if (entry == nullptr) return Corrupt(path, ": has no tensor ", block.name);
    if (entry->dtype != "F32" ||
        entry->shape != std::vector<std::uint64_t>{block.rows, block.columns}) {
      return Corrupt(path, ": tensor ", block.name, " is not F32 [", block.rows, ", ",
                     block.columns, "]");
    }
    // The shape fits the file, so its size is no larger than the file.
    dense.resize(block.offset + block.size());
    const std::span<float> values = std::span(dense).subspan(block.offset, block.size());
    ROOKERY_RETURN_IF_ERROR(
        file->ReadAt(header.data_offset + entry->begin, std::as_writable_bytes(values)));
    if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
      return Corrupt(path, ": tensor ", block.name, " holds a value that is not finite");
    }
  }
  if (Hex64(HashFloats(dense)) != header.Metadata(kDenseHash)) {
    return Corrupt(path, ": the checksum of the dense parameters differs from ", kDenseHash);
  }
  return dense;
}

}  // namespace rookery
