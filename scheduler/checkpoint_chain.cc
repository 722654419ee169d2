#include "scheduler/checkpoint_chain.h"

#include <vector>

#include "common/limits.h"

namespace rookery {
namespace {

constexpr std::uint64_t kManifestBytesMax = std::uint64_t{1} << 30U;

std::uint64_t RowsBytes(const CheckpointManifest& manifest) {
  std::uint64_t bytes = 0;
  for (const CheckpointFile& file : manifest.files) bytes += file.table.empty() ? 0 : file.bytes;
  return bytes;
}

}  // namespace

StatusOr<CheckpointChain> CheckpointChain::Read(FileSystem& files,
                                                const std::string& checkpoints_directory,
                                                const std::string& name) {
  std::vector<CheckpointManifest> manifests;  // newest first
  for (std::string next = name; !next.empty(); next = manifests.back().base) {
    const std::string path = JoinPath(JoinPath(checkpoints_directory, next), kManifestName);
    if (manifests.size() == kCheckpointChainMax) return Corrupt(path, ": too long a chain");
    ROOKERY_ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(files, path, kManifestBytesMax));
    ROOKERY_ASSIGN_OR_RETURN(CheckpointManifest manifest, ManifestFromJson(text, path));
    manifests.push_back(std::move(manifest));
  }
  CheckpointChain chain;
  while (!manifests.empty()) {
    chain.OnPublished(manifests.back());
    manifests.pop_back();
  }
  return chain;
}

std::string CheckpointChain::Base(std::uint32_t full_every) const {
  const bool whole = members_ >= full_every || added_bytes_ > whole_bytes_ / 2;
  return whole ? std::string() : newest_;
}

void CheckpointChain::OnPublished(const CheckpointManifest& manifest) {
  newest_ = CheckpointName(manifest.number);
  if (manifest.base.empty()) {
    members_ = 1;
    whole_bytes_ = RowsBytes(manifest);
    added_bytes_ = 0;
    return;
  }
  ++members_;
  added_bytes_ += RowsBytes(manifest);
}

}  // namespace rookery
