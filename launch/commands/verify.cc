#include <iomanip>
#include <iostream>

#include "common/json.h"
#include "io/posix_file_system.h"
#include "launch/checkpoint_path.h"
#include "launch/commands.h"
#include "ps/checkpoint_verify.h"
#include "serving/export_manifest.h"
#include "serving/verify_export.h"

namespace rookery {
namespace {

constexpr double kMebibyte = 1 << 20;

Json ToJson(const CheckpointVerdict& verdict) {
  JsonArray damage;
  for (const std::string& what : verdict.damage) damage.emplace_back(what);
  return JsonObject{{"path", verdict.directory}, {"good", verdict.good()},
                    {"step", verdict.step},      {"base", verdict.base},
                    {"chain", verdict.chain},    {"files", verdict.files},
                    {"bytes", verdict.bytes},    {"damage", std::move(damage)}};
}

void Print(const CheckpointVerdict& verdict) {
  std::cout << verdict.directory << (verdict.good() ? "  good" : "  DAMAGED");
  if (verdict.chain > 0) {
    std::cout << "  step " << verdict.step << ", " << verdict.files << " files, " << std::fixed
              << std::setprecision(1) << static_cast<double>(verdict.bytes) / kMebibyte << " MiB";
  }
  if (!verdict.base.empty()) {
    std::cout << ", adds to " << verdict.base << " (a chain of " << verdict.chain << ")";
  }
  std::cout << "\n";
  for (const std::string& what : verdict.damage) std::cout << "  " << what << "\n";
}

// An export as if it were a checkpoint of its own kind.
CheckpointVerdict VerifyOneExport(FileSystem& files, const std::string& directory) {
  CheckpointVerdict verdict;
  verdict.directory = directory;
  const StatusOr<ExportManifest> manifest = ReadExportManifest(files, directory);
  const StatusOr<VerifyReport> report = VerifyExport(&files, directory);
  if (!report.ok()) verdict.damage.push_back(report.status().message());
  if (!manifest.ok() || !report.ok()) return verdict;
  verdict.step = manifest->step;
  verdict.chain = 1;
  verdict.files = report->files;
  verdict.bytes = report->bytes;
  return verdict;
}

// All checkpoints of a directory of them, and CURRENT.
StatusOr<std::vector<CheckpointVerdict>> VerifyRun(FileSystem& files,
                                                   const std::string& checkpoints) {
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(checkpoints));
  CheckpointVerifier verifier(&files);
  std::vector<CheckpointVerdict> verdicts;
  for (const std::string& name : names) {
    if (!CheckpointNumber(name).has_value()) continue;
    CheckpointVerdict verdict = verifier.Verify(JoinPath(checkpoints, name));
    // A running job removes old ones.
    if (!verdict.good() && !files.Exists(verdict.directory)) continue;
    verdicts.push_back(std::move(verdict));
  }
  const StatusOr<std::string> current = CurrentCheckpoint(files, checkpoints);
  if (verdicts.empty() && !current.ok()) return current.status();
  if (!current.ok()) {
    CheckpointVerdict verdict;
    verdict.directory = JoinPath(checkpoints, kCurrentName);
    verdict.damage.push_back(current.status().message());
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

StatusOr<std::vector<CheckpointVerdict>> VerifyPath(FileSystem& files, std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (!files.Exists(path)) return InvalidInput(path, ": there is no such directory");
  if (files.Exists(JoinPath(path, kExportSchemaName))) {
    return std::vector{VerifyOneExport(files, path)};
  }
  const std::string checkpoints = JoinPath(path, "checkpoints");
  if (files.Exists(checkpoints)) return VerifyRun(files, checkpoints);
  const std::string name = path.substr(path.rfind('/') + 1);
  if (files.Exists(JoinPath(path, kManifestName)) || CheckpointNumber(name).has_value()) {
    return std::vector{CheckpointVerifier(&files).Verify(path)};
  }
  if (files.Exists(JoinPath(path, kCurrentName)) || name == "checkpoints") {
    return VerifyRun(files, path);
  }
  return InvalidInput(path, ": neither a checkpoint (", kManifestName,
                      "), nor a directory of them (", kCurrentName,
                      "), nor a run (checkpoints/), nor an export (", kExportSchemaName, ")");
}

}  // namespace

int RunVerify(const VerifyArguments& arguments) {
  PosixFileSystem files;
  const StatusOr<std::vector<CheckpointVerdict>> verdicts = VerifyPath(files, arguments.path);
  if (!verdicts.ok()) return ReportStatus(verdicts.status());
  bool good = true;
  JsonArray items;
  for (const CheckpointVerdict& verdict : *verdicts) {
    good = good && verdict.good();
    if (arguments.json) {
      items.push_back(ToJson(verdict));
    } else {
      Print(verdict);
    }
  }
  if (arguments.json) {
    std::cout << WriteJsonPretty(JsonObject{{"good", good}, {"checkpoints", std::move(items)}});
  }
  return good ? kExitDone : kExitFailed;
}

}  // namespace rookery
