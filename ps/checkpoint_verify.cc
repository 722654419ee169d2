#include "ps/checkpoint_verify.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ps/bucket_scan.h"

namespace rookery {
namespace {

// Decodes the rows of one file, whatever other files hold.
Status ReadRowsFile(FileSystem& files, const std::string& path, const TableSpec& table,
                    std::uint32_t buckets) {
  const RowsForm form = RowsFormOf(table, buckets);
  std::vector<std::unique_ptr<RowsFileReader>> readers(1);
  ROOKERY_ASSIGN_OR_RETURN(readers[0], RowsFileReader::Open(files, path, form.shape));
  std::vector<BucketScan::Part> parts;
  for (const RowsFileEntry& entry : readers[0]->entries()) parts.push_back({0, 0, entry});
  BucketScan scan(table, std::move(readers), std::move(parts), form.opaque);
  BucketRows rows;
  while (!scan.done()) ROOKERY_RETURN_IF_ERROR(scan.Next(&rows));
  return OkStatus();
}

const TableSpec* FindTable(const CheckpointManifest& manifest, const std::string& name) {
  const auto found = std::ranges::find(manifest.tables, name, &TableSpec::name);
  return found == manifest.tables.end() ? nullptr : &*found;
}

// Rows in the place of other rows, or twice; a number of rows that is not the manifest's.
Status CheckPlaces(const CheckpointReader& reader) {
  const CheckpointManifest& manifest = reader.manifest();
  for (const TableSpec& table : manifest.tables) {
    ROOKERY_RETURN_IF_ERROR(reader.ScanRows(table, 0, manifest.buckets).status());
  }
  return OkStatus();
}

}  // namespace

Status CheckpointVerifier::VerifyFile(const CheckpointReader& reader,
                                      const CheckpointReader::File& file) {
  const auto [place, is_new] = seen_.try_emplace(file.path);
  if (!is_new) return place->second;
  Status& status = place->second;
  status = reader.VerifyFile(file);
  const CheckpointManifest& manifest = reader.manifest();
  if (const TableSpec* table = FindTable(manifest, file.file->table); table != nullptr) {
    const Status rows = ReadRowsFile(*files_, file.path, *table, manifest.buckets);
    if (!rows.ok()) status = rows;  // it says where
  } else if (file.file->name == kDenseName && status.ok()) {
    status = reader.ReadDense().status();
  }
  return status;
}

CheckpointVerdict CheckpointVerifier::Verify(const std::string& directory) {
  CheckpointVerdict verdict;
  verdict.directory = directory;
  const auto reader = CheckpointReader::Open(files_, directory);
  if (!reader.ok()) {
    verdict.damage.push_back(reader.status().message());
    return verdict;
  }
  const std::vector<CheckpointReader::File> files = (*reader)->Files();
  verdict.step = (*reader)->manifest().step;
  verdict.base = (*reader)->manifest().base;
  verdict.chain = (*reader)->chain().size();
  verdict.files = files.size();
  for (const CheckpointReader::File& file : files) {
    verdict.bytes += file.file->bytes;
    const Status status = VerifyFile(**reader, file);
    if (!status.ok()) verdict.damage.push_back(status.message());
  }
  if (verdict.good()) {
    const Status status = CheckPlaces(**reader);
    if (!status.ok()) verdict.damage.push_back(status.message());
  }
  return verdict;
}

}  // namespace rookery
