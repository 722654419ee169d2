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

namespace rookery {
namespace {

constexpr std::uint64_t kTextBytesMax = std::uint64_t{1} << 32U;
// Weights and at most three kinds of state.
constexpr std::uint64_t kDenseBytesMax = 24 + 4 * kDenseFloatsMax * sizeof(float);

using Link = CheckpointReader::Link;

StatusOr<Link> ReadLink(FileSystem& files, std::string directory) {
  const std::string path = JoinPath(directory, kManifestName);
  if (!files.Exists(path)) {
    return Corrupt(path, ": is missing, so the checkpoint was never completed");
  }
  ROOKERY_ASSIGN_OR_RETURN(const std::string text,
                           ReadWholeFile(files, path, kCheckpointManifestBytesMax));
  ROOKERY_ASSIGN_OR_RETURN(CheckpointManifest manifest, ManifestFromJson(text, path));
  return Link{std::move(directory), std::move(manifest)};
}

std::string BesideOf(std::string_view directory, std::string_view name) {
  while (directory.size() > 1 && directory.back() == '/') directory.remove_suffix(1);
  const std::string_view last = directory.substr(directory.rfind('/') + 1);
  if (last == "." || last == "..") return JoinPath(JoinPath(directory, ".."), name);
  return JoinPath(DirectoryOf(directory), name);
}

// The numbers of a chain fall (protocol/checkpoint_manifest.h), so it ends.
Status CheckBase(const CheckpointManifest& delta, const Link& base) {
  const CheckpointManifest& manifest = base.manifest;
  const std::string path = JoinPath(base.directory, kManifestName);
  const auto refused = [&](const auto&... why) {
    return Corrupt(path, ": checkpoint ", delta.number, " adds to it, but ", why...);
  };
  if (CheckpointName(manifest.number) != delta.base) {
    return refused("it is checkpoint ", manifest.number);
  }
  if (manifest.job_hash != delta.job_hash) return refused("it is of another job");
  if (manifest.buckets != delta.buckets) {
    return refused("it has ", manifest.buckets, " buckets where that has ", delta.buckets);
  }
  if (manifest.tables != delta.tables) return refused("its tables are others");
  return OkStatus();
}

StatusOr<std::vector<Link>> ReadChain(FileSystem& files, std::string directory) {
  std::vector<Link> chain;
  ROOKERY_ASSIGN_OR_RETURN(Link first, ReadLink(files, std::move(directory)));
  chain.push_back(std::move(first));
  while (!chain.back().manifest.base.empty()) {
    const Link& delta = chain.back();
    const std::string path = JoinPath(delta.directory, kManifestName);
    if (chain.size() == kCheckpointChainMax) {
      return Corrupt(path, ": ends a chain of ", chain.size(), " checkpoints, and adds to another");
    }
    StatusOr<Link> base = ReadLink(files, BesideOf(delta.directory, delta.manifest.base));
    if (!base.ok()) return Annotate(base.status(), StrCat(path, ": adds to ", delta.manifest.base));
    ROOKERY_RETURN_IF_ERROR(CheckBase(delta.manifest, *base));
    chain.push_back(std::move(*base));
  }
  return chain;
}

}  // namespace

StatusOr<std::unique_ptr<CheckpointReader>> CheckpointReader::Open(FileSystem* files,
                                                                   std::string directory) {
  ROOKERY_ASSIGN_OR_RETURN(std::vector<Link> chain, ReadChain(*files, std::move(directory)));
  std::unique_ptr<CheckpointReader> reader(new CheckpointReader(files, std::move(chain)));
  ROOKERY_RETURN_IF_ERROR(reader->CheckSizes());
  return reader;
}

CheckpointReader::CheckpointReader(FileSystem* files, std::vector<Link> chain)
    : files_(files), chain_(std::move(chain)) {}

std::string CheckpointReader::PathOf(std::string_view name) const {
  return JoinPath(directory(), name);
}

std::vector<CheckpointReader::File> CheckpointReader::Files() const {
  std::vector<File> result;
  for (const Link& link : chain_) {
    for (const CheckpointFile& file : link.manifest.files) {
      if (&link != &chain_.front() && file.table.empty()) continue;
      result.push_back({JoinPath(link.directory, file.name), &file});
    }
  }
  return result;
}

Status CheckpointReader::CheckSizes() const {
  for (const auto& [path, file] : Files()) {
    const StatusOr<std::uint64_t> bytes = files_->FileSize(path);
    if (bytes.status().code() == Code::kNotFound) {
      return Corrupt(path, ": is missing, ", kManifestName, " lists it");
    }
    if (!bytes.ok()) return bytes.status();
    if (*bytes != file->bytes) {
      return Corrupt(path, ": has ", *bytes, " bytes where ", kManifestName, " says ", file->bytes);
    }
  }
  return OkStatus();
}

Status CheckpointReader::VerifyFile(const File& file) const {
  ROOKERY_ASSIGN_OR_RETURN(const FileDigest digest, HashWholeFile(*files_, file.path));
  if (digest.bytes == file.file->bytes && digest.hash == file.file->checksum) return OkStatus();
  return Corrupt(file.path, ": its checksum is not the one in ", kManifestName);
}

Status CheckpointReader::VerifyAll() const {
  for (const File& file : Files()) ROOKERY_RETURN_IF_ERROR(VerifyFile(file));
  return OkStatus();
}

StatusOr<std::unique_ptr<BucketScan>> CheckpointReader::ScanRows(const TableSpec& table,
                                                                 std::uint32_t first_bucket,
                                                                 std::uint32_t end_bucket) const {
  const RowsForm form = RowsFormOf(table, manifest().buckets);
  std::vector<std::unique_ptr<RowsFileReader>> readers;
  std::vector<BucketScan::Part> parts;
  for (std::size_t age = 0; age < chain_.size(); ++age) {
    for (const CheckpointFile& file : chain_[age].manifest.files) {
      if (file.table != table.name) continue;
      const std::string path = JoinPath(chain_[age].directory, file.name);
      ROOKERY_ASSIGN_OR_RETURN(auto reader, RowsFileReader::Open(*files_, path, form.shape));
      if (reader->rows() != file.rows) {
        return Corrupt(path, ": has ", reader->rows(), " rows where ", kManifestName, " says ",
                       file.rows);
      }
      for (const RowsFileEntry& entry : reader->entries()) {
        if (entry.bucket < first_bucket || entry.bucket >= end_bucket) continue;
        parts.push_back({readers.size(), age, entry});
      }
      readers.push_back(std::move(reader));
    }
  }
  const auto place = [](const auto& part) { return std::pair(part.entry.bucket, part.age); };
  std::ranges::stable_sort(parts, {}, place);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (place(parts[i - 1]) != place(parts[i])) continue;
    return Corrupt(readers[parts[i].file]->path(), ": bucket ", parts[i].entry.bucket,
                   " is also in ", readers[parts[i - 1].file]->path());
  }
  return std::make_unique<BucketScan>(table, std::move(readers), std::move(parts), form.opaque);
}

StatusOr<std::uint64_t> CheckpointReader::CountRows(const TableSpec& table) const {
  std::uint64_t rows = 0;
  if (chain_.size() == 1) {
    for (const CheckpointFile& file : manifest().files) {
      rows += file.table == table.name ? file.rows : 0;
    }
    return rows;
  }
  const auto count = [&](std::span<const Key> keys, std::span<const float>) {
    rows += keys.size();
    return OkStatus();
  };
  ROOKERY_RETURN_IF_ERROR(ReadRows(table, 0, manifest().buckets, count));
  return rows;
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
  const std::uint64_t expected = manifest().dense.size();
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
  for (const CheckpointFile& file : manifest().files) {
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
  Status status =
      reader.ReadRows(table->spec(), table->first_bucket(), table->end_bucket(), insert);
  if (!status.ok()) table->Clear();
  return status;
}

}  // namespace rookery
