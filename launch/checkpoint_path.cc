#include "launch/checkpoint_path.h"

#include "protocol/checkpoint_manifest.h"
#include "ps/checkpoint_reader.h"

namespace rookery {
namespace {

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

StatusOr<std::string> FindCheckpoint(FileSystem& files, const std::string& given) {
  const std::string path = WithoutSlash(given);
  if (!files.Exists(path)) return InvalidInput(path, ": there is no such directory");
  if (files.Exists(JoinPath(path, kManifestName))) return path;
  if (files.Exists(JoinPath(path, kCurrentName))) return CurrentCheckpoint(files, path);
  const std::string checkpoints = JoinPath(path, "checkpoints");
  if (files.Exists(JoinPath(checkpoints, kCurrentName))) {
    return CurrentCheckpoint(files, checkpoints);
  }
  return InvalidInput(path, ": neither a checkpoint (", kManifestName,
                      "), nor a directory of them (", kCurrentName, "), nor a run (checkpoints/",
                      kCurrentName, ")");
}

std::string RunOfCheckpoint(const std::string& checkpoint) {
  return DirectoryOf(DirectoryOf(checkpoint));
}

}  // namespace rookery
