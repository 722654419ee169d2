#include "serving/verify_export.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "common/hash.h"
#include "serving/export_manifest.h"
#include "serving/golden_rows.h"
#include "serving/predictor.h"

namespace rookery {
namespace {

constexpr std::size_t kReadBytes = std::size_t{4} << 20U;

Status VerifyFile(FileSystem& files, const std::string& path, const ExportFile& expected) {
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<RandomAccessFile> file,
                           files.OpenRandomAccess(path));
  if (file->size() != expected.bytes) {
    return Corrupt(path, ": has ", file->size(), " bytes, the manifest says ", expected.bytes);
  }
  StreamHash hash;
  std::vector<std::byte> buffer;
  for (std::uint64_t offset = 0; offset < expected.bytes; offset += buffer.size()) {
    buffer.resize(std::min<std::uint64_t>(kReadBytes, expected.bytes - offset));
    ROOKERY_RETURN_IF_ERROR(file->ReadAt(offset, buffer));
    hash.Update(buffer);
  }
  if (hash.Digest() == expected.checksum) return OkStatus();
  return Corrupt(path, ": the checksum differs from the manifest's");
}

}  // namespace

StatusOr<VerifyReport> VerifyExport(FileSystem* files, const std::string& directory) {
  VerifyReport report;
  ROOKERY_ASSIGN_OR_RETURN(const ExportManifest manifest, ReadExportManifest(*files, directory));
  for (const ExportFile& file : manifest.files) {
    ROOKERY_RETURN_IF_ERROR(VerifyFile(*files, JoinPath(directory, file.name), file));
    report.bytes += file.bytes;
    ++report.files;
  }
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<Predictor> predictor,
                           Predictor::Open(files, directory));
  if (manifest.Find(kGoldenName) == nullptr) return report;
  ROOKERY_ASSIGN_OR_RETURN(const std::string golden, ReadExportFile(*files, directory, manifest,
                                                                    kGoldenName, kGoldenBytesMax));
  const ExportSchema& schema = predictor->schema();
  ROOKERY_ASSIGN_OR_RETURN(
      const Batch batch, ReadExamples(files, schema.fitted, JoinPath(directory, kGoldenDataName)));
  std::vector<float> scores(batch.examples * predictor->outputs());
  ROOKERY_RETURN_IF_ERROR(predictor->Score(batch, scores));
  ROOKERY_ASSIGN_OR_RETURN(
      report.score_difference_max,
      CompareGolden(golden, JoinPath(directory, kGoldenName), schema.layout, batch, scores));
  report.golden_rows = batch.examples;
  return report;
}

}  // namespace rookery
