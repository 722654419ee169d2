#include "launch/new_directory.h"

namespace rookery {

StatusOr<NewDirectory> NewDirectory::Make(FileSystem& files, const std::string& target) {
  if (files.Exists(target)) {
    return InvalidInput(target, ": already exists; choose another --out, or remove it first");
  }
  NewDirectory directory(&files, target);
  ROOKERY_RETURN_IF_ERROR(files.RemoveTree(directory.path_));
  ROOKERY_RETURN_IF_ERROR(files.MakeDirectory(directory.path_));
  return directory;
}

Status NewDirectory::Publish() const {
  ROOKERY_RETURN_IF_ERROR(files_->SyncDirectory(path_));
  ROOKERY_RETURN_IF_ERROR(files_->Rename(path_, target_));
  const std::string parent = DirectoryOf(target_);
  return files_->SyncDirectory(parent.empty() ? "." : parent);
}

}  // namespace rookery
