#include "scheduler/checkpoint_coordinator.h"

#include <algorithm>

#include "common/hash.h"

namespace rookery {
namespace {

constexpr std::string_view kUnfinished = ".tmp";

// A published checkpoint must not vanish with a directory above it that was made just now. Further
// up than the run's parent a directory may be old and closed to us.
Status SyncNamesAbove(FileSystem& files, const std::string& checkpoints) {
  const std::string run = DirectoryOf(checkpoints);
  ROOKERY_RETURN_IF_ERROR(files.SyncDirectory(run));
  ROOKERY_RETURN_IF_ERROR(files.SyncDirectory(DirectoryOf(run)));
  for (std::string above = DirectoryOf(run); above != "." && above != "/";) {
    above = DirectoryOf(above);
    (void)files.SyncDirectory(above);
  }
  return OkStatus();
}

CheckpointFile FeaturesFile(const std::string& text) {
  CheckpointFile file;
  file.name = kFeaturesName;
  file.bytes = text.size();
  file.checksum = HashText(text);
  return file;
}

}  // namespace

CheckpointCoordinator::CheckpointCoordinator(FileSystem* files, std::string checkpoints_directory)
    : files_(files), directory_(std::move(checkpoints_directory)) {}

std::string CheckpointCoordinator::PathOf(const std::string& name) const {
  return JoinPath(directory_, name);
}

Status CheckpointCoordinator::Open() {
  ROOKERY_RETURN_IF_ERROR(files_->MakeDirectory(directory_));
  ROOKERY_RETURN_IF_ERROR(SyncNamesAbove(*files_, directory_));
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string> names, files_->List(directory_));
  for (const std::string& name : names) {
    if (name.ends_with(kUnfinished)) ROOKERY_RETURN_IF_ERROR(files_->RemoveTree(PathOf(name)));
    next_number_ = std::max(next_number_, CheckpointNumber(name).value_or(0) + 1);
  }
  return OkStatus();
}

StatusOr<std::string> CheckpointCoordinator::Begin() {
  begun_ = CheckpointName(next_number_++);
  const std::string path = PathOf(begun_ + std::string(kUnfinished));
  ROOKERY_RETURN_IF_ERROR(files_->RemoveTree(path));
  ROOKERY_RETURN_IF_ERROR(files_->MakeDirectory(path));
  return path;
}

StatusOr<CheckpointManifest> CheckpointCoordinator::Publish(CheckpointManifest manifest,
                                                            const JobState& state,
                                                            const std::string& features_json) {
  const std::string unfinished = PathOf(begun_ + std::string(kUnfinished));
  ROOKERY_ASSIGN_OR_RETURN(CheckpointFile input, WriteJobState(*files_, unfinished, state));
  manifest.files.push_back(std::move(input));
  ROOKERY_RETURN_IF_ERROR(
      WriteFileAtomically(*files_, JoinPath(unfinished, kFeaturesName), features_json));
  manifest.files.push_back(FeaturesFile(features_json));
  manifest.number = next_number_ - 1;
  ROOKERY_RETURN_IF_ERROR(
      WriteFileAtomically(*files_, JoinPath(unfinished, kManifestName), ManifestToJson(manifest)));
  ROOKERY_RETURN_IF_ERROR(files_->SyncDirectory(unfinished));
  ROOKERY_RETURN_IF_ERROR(files_->Rename(unfinished, PathOf(begun_)));
  ROOKERY_RETURN_IF_ERROR(files_->SyncDirectory(directory_));
  ROOKERY_RETURN_IF_ERROR(
      WriteFileAtomically(*files_, PathOf(std::string(kCurrentName)), begun_ + "\n"));
  return manifest;
}

StatusOr<std::vector<std::string>> CheckpointCoordinator::Complete() const {
  ROOKERY_ASSIGN_OR_RETURN(std::vector<std::string> names, files_->List(directory_));
  std::erase_if(names, [](const std::string& name) { return !CheckpointNumber(name).has_value(); });
  return names;  // sorted, and numbers have a fixed width
}

StatusOr<std::string> CheckpointCoordinator::BaseOf(const std::string& name) const {
  const std::string path = JoinPath(PathOf(name), kManifestName);
  if (!files_->Exists(path)) return std::string();
  ROOKERY_ASSIGN_OR_RETURN(const std::string text,
                           ReadWholeFile(*files_, path, kCheckpointManifestBytesMax));
  ROOKERY_ASSIGN_OR_RETURN(CheckpointManifest manifest, ManifestFromJson(text, path));
  return std::move(manifest.base);
}

Status CheckpointCoordinator::Retain(std::uint32_t kept, std::set<std::string> needed) {
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string> names, Complete());
  // From the newest to the oldest: what a checkpoint adds to is older than it.
  std::vector<std::string> leaving_names;
  for (std::size_t i = names.size(); i-- > 0;) {
    if (i + kept < names.size() && !needed.contains(names[i])) {
      leaving_names.push_back(names[i]);
      continue;
    }
    ROOKERY_ASSIGN_OR_RETURN(std::string base, BaseOf(names[i]));
    needed.insert(std::move(base));
  }
  // The newest goes first, so that a delta never outlives what it adds to.
  for (const std::string& name : leaving_names) {
    // It loses its name before its files, so that a crash leaves no half of a checkpoint.
    const std::string leaving = PathOf(name + std::string(kUnfinished));
    ROOKERY_RETURN_IF_ERROR(files_->Rename(PathOf(name), leaving));
    ROOKERY_RETURN_IF_ERROR(files_->SyncDirectory(directory_));
    ROOKERY_RETURN_IF_ERROR(files_->RemoveTree(leaving));
  }
  return OkStatus();
}

}  // namespace rookery
