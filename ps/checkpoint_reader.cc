#include "ps/checkpoint_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/bytes.h"
#include "common/hash.h"
#include "common/limits.h"
#include "io/record_file.h"
#include "ps/bucket_scan.h"
#include "ps/rows_file.h"
#include "ps/table.h"
#include "ps/updater.h"

namespace rookery {
namespace {

constexpr std::uint64_t kManifestBytesMax = std::uint64_t{1} << 30U;
constexpr std::uint64_t kTextBytesMax = std::uint64_t{1} << 32U;
// Weights and at most three kinds of state.
constexpr std::uint64_t kDenseBytesMax = 24 + 4 * kDenseFloatsMax * sizeof(float);

}  // namespace

StatusOr<std::unique_ptr<CheckpointReader>> CheckpointReader::Open(FileSystem* files,
                                                                   std::string directory) {
  const std::string path = JoinPath(directory, kManifestName);
  if (!files->Exists(path)) {
    return Corrupt(path, ": is missing, so the checkpoint was never completed");
  }
  ROOKERY_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(*files, path, kManifestBytesMax));
  ROOKERY_ASSIGN_OR_RETURN(CheckpointManifest manifest, ManifestFromJson(text, path));
  std::unique_ptr<CheckpointReader> reader(
      new CheckpointReader(files, std::move(directory), std::move(manifest)));
  ROOKERY_RETURN_IF_ERROR(reader->CheckSizes());
  return reader;
}

CheckpointReader::CheckpointReader(FileSystem* files, std::string directory,
                                   CheckpointManifest manifest)
    : files_(files), directory_(std::move(directory)), manifest_(std::move(manifest)) {}

std::string CheckpointReader::PathOf(std::string_view name) const {
  return JoinPath(directory_, name);
}

Status CheckpointReader::CheckSizes() const {
  for (const CheckpointFile& file : manifest_.files) {
    const std::string path = PathOf(file.name);
    const StatusOr<std::uint64_t> bytes = files_->FileSize(path);
    if (bytes.status().code() == Code::kNotFound) {
      return Corrupt(path, ": is missing, ", kManifestName, " lists it");
    }
    if (!bytes.ok()) return bytes.status();
    if (*bytes != file.bytes) {
      return Corrupt(path, ": has ", *bytes, " bytes where ", kManifestName, " says ", file.bytes);
    }
  }
  return OkStatus();
}

Status CheckpointReader::VerifyAll() const {
  for (const CheckpointFile& file : manifest_.files) {
    const std::string path = PathOf(file.name);
    ROOKERY_ASSIGN_OR_RETURN(const FileDigest digest, HashWholeFile(*files_, path));
    if (digest.bytes != file.bytes || digest.hash != file.checksum) {
      return Corrupt(path, ": its checksum is not the one in ", kManifestName);
    }
  }
  return OkStatus();
}

StatusOr<std::unique_ptr<BucketScan>> CheckpointReader::ScanRows(const TableSpec& table,
                                                                 std::uint32_t first_bucket,
                                                                 std::uint32_t end_bucket) const {
  const std::unique_ptr<Updater> updater = MakeUpdater(table.updater);
  const RowsFileShape shape{
      manifest_.buckets, static_cast<std::uint32_t>(table.dim + updater->StateFloats(table.dim))};
  std::vector<std::unique_ptr<RowsFileReader>> readers;
  std::vector<BucketScan::Part> parts;
  for (const CheckpointFile& file : manifest_.files) {
    if (file.table != table.name) continue;
    ROOKERY_ASSIGN_OR_RETURN(auto reader, RowsFileReader::Open(*files_, PathOf(file.name), shape));
    if (reader->rows() != file.rows) {
      return Corrupt(reader->path(), ": has ", reader->rows(), " rows where ", kManifestName,
                     " says ", file.rows);
    }
    for (const RowsFileEntry& entry : reader->entries()) {
      if (entry.bucket < first_bucket || entry.bucket >= end_bucket) continue;
      parts.push_back({readers.size(), entry});
    }
    readers.push_back(std::move(reader));
  }
  std::ranges::stable_sort(parts, {}, [](const auto& part) { return part.entry.bucket; });
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (parts[i - 1].entry.bucket != parts[i].entry.bucket) continue;
    return Corrupt(readers[parts[i].file]->path(), ": bucket ", parts[i].entry.bucket,
                   " is also in ", readers[parts[i - 1].file]->path());
  }
  const std::size_t opaque = updater->catches_up() ? 1 : 0;
  return std::make_unique<BucketScan>(table, std::move(readers), std::move(parts), opaque);
}

Status CheckpointReader::ReadRows(const TableSpec& table, std::uint32_t first_bucket,
                                  std::uint32_t end_bucket, const RowsHandler& handler) const {
  ROOKERY_ASSIGN_OR_RETURN(const auto scan, ScanRows(table, first_bucket, end_bucket));
  BucketRows rows;
  while (!scan->done()) {
    ROOKERY_RETURN_IF_ERROR(scan->Next(&rows));
    ROOKERY_RETURN_IF_ERROR(handler(rows.keys, rows.rows));
  }
  return OkStatus();
}

StatusOr<DenseState> CheckpointReader::ReadDense() const {
  const std::string path = PathOf(kDenseName);
  const RecordFormat format{kCheckpointRecordVersion, kDenseKind};
  ROOKERY_ASSIGN_OR_RETURN(const auto file, RecordReader::Open(*files_, path, format));
  ROOKERY_ASSIGN_OR_RETURN(const auto payload,
                           file->ReadBlockAt(kRecordHeaderBytes, kDenseBytesMax));
  if (kRecordHeaderBytes + kBlockFrameBytes + payload.size() != file->size()) {
    return Corrupt(path, ": has more than one block");
  }
  ByteReader reader(payload);
  DenseState dense;
  dense.step = reader.Get<std::uint64_t>();
  const auto weights = reader.Get<std::uint64_t>();
  const auto state = reader.Get<std::uint64_t>();
  const std::uint64_t expected = manifest_.dense.size();
  if (weights != expected || state > kDenseFloatsMax * 3 ||
      reader.remaining() != (weights + state) * sizeof(float)) {
    return Corrupt(path, ": has ", weights, " weights and ", state, " state floats in ",
                   payload.size(), " bytes where ", kManifestName, " means ", expected, " weights");
  }
  for (const auto& [values, count] :
       {std::pair(&dense.weights, weights), std::pair(&dense.state, state)}) {
    values->resize(static_cast<std::size_t>(count));
    for (float& value : *values) value = reader.Get<float>();
    const std::size_t bad = FirstBadFloat(*values);
    if (bad == values->size()) continue;
    return Corrupt(path, ": ", values == &dense.weights ? "weight " : "state ", bad, " is ",
                   (*values)[bad]);
  }
  return dense;
}

StatusOr<std::string> CheckpointReader::ReadText(std::string_view name) const {
  const std::string path = PathOf(name);
  for (const CheckpointFile& file : manifest_.files) {
    if (file.name != name) continue;
    ROOKERY_ASSIGN_OR_RETURN(std::string text, ReadWholeFile(*files_, path, kTextBytesMax));
    if (text.size() != file.bytes || HashText(text) != file.checksum) {
      return Corrupt(path, ": its checksum is not the one in ", kManifestName);
    }
    return text;
  }
  return Corrupt(path, ": ", kManifestName, " does not list it");
}

StatusOr<std::string> CurrentCheckpoint(FileSystem& files,
                                        const std::string& checkpoints_directory) {
  constexpr std::uint64_t kCurrentBytesMax = 64;
  const std::string path = JoinPath(checkpoints_directory, kCurrentName);
  if (!files.Exists(path)) return NotFound(path, ": there is no checkpoint yet");
  ROOKERY_ASSIGN_OR_RETURN(std::string name, ReadWholeFile(files, path, kCurrentBytesMax));
  const bool line = name.size() > 1 && name.back() == '\n';
  if (line) name.pop_back();
  if (!line || name.find_first_not_of("0123456789") != std::string::npos) {
    return Corrupt(path, ": must be one line with the name of a checkpoint");
  }
  std::string directory = JoinPath(checkpoints_directory, name);
  if (!files.Exists(JoinPath(directory, kManifestName))) {
    return Corrupt(path, ": names ", directory, ", which has no ", kManifestName,
                   "; --resume=latest-good takes the newest whole one");
  }
  return directory;
}

Status LoadTable(const CheckpointReader& reader, Table* table) {
  table->Clear();
  const auto insert = [table](std::span<const Key> keys, std::span<const float> rows) {
    return table->InsertBucket(keys, rows);
  };
  const Status status =
      reader.ReadRows(table->spec(), table->first_bucket(), table->end_bucket(), insert);
  if (!status.ok()) table->Clear();
  return status;
}

}  // namespace rookery
