// Any bytes as dense.bin of a checkpoint whose manifest is right about them.
#include <numeric>

#include "common/hash.h"
#include "ps/checkpoint_reader.h"
#include "ps/checkpoint_writer.h"
#include "tests/fuzz/memory_disk.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

constexpr std::uint32_t kWeights = 6;

bool ReadCheckpoint(std::string_view content) {
  MemoryFileSystem files;
  PutFile(files, std::string(kDenseName), content);
  CheckpointManifest manifest;
  DenseBlockSpec block;
  block.name = "w";
  block.rows = kWeights;
  manifest.dense.blocks = {block};
  manifest.files.push_back({std::string(kDenseName), content.size(), HashText(content), "", 0, 0});
  PutFile(files, std::string(kManifestName), ManifestToJson(manifest));
  const auto reader = CheckpointReader::Open(&files, "");
  ROOKERY_CHECK(reader.ok()) << reader.status().message();
  const StatusOr<DenseState> dense = (*reader)->ReadDense();
  if (!dense.ok()) return false;
  ROOKERY_CHECK(dense->weights.size() == kWeights);
  ROOKERY_CHECK((dense->weights.size() + dense->state.size()) * sizeof(float) < content.size());
  return true;
}

}  // namespace

bool FuzzDenseFile(FuzzBytes bytes) {
  return ReadCheckpoint(TextOfBytes(bytes)) || ReadCheckpoint(WithRightChecksums(bytes));
}

FuzzSeeds SeedsOfDenseFile() {
  FuzzSeeds seeds;
  for (const std::size_t state : {std::size_t{0}, std::size_t{kWeights}}) {
    MemoryFileSystem files;
    DenseState dense{5, std::vector<float>(kWeights), std::vector<float>(state)};
    std::iota(dense.weights.begin(), dense.weights.end(), 1.0F);
    ROOKERY_CHECK(WriteDense(files, "", dense).ok());
    seeds.push_back(TakeFile(files, std::string(kDenseName)));
  }
  return seeds;
}

}  // namespace rookery
