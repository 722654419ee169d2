// Any text as MANIFEST.json of a checkpoint: as it is, and with its own checksum made right.
#include "common/check.h"
#include "common/hash.h"
#include "protocol/checkpoint_manifest.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

constexpr std::string_view kMember = "\"checksum\": \"";
constexpr std::size_t kDigits = 16;

bool ReadAndWrite(std::string_view json) {
  const StatusOr<CheckpointManifest> manifest = ManifestFromJson(json, "MANIFEST.json");
  if (!manifest.ok()) return false;
  ROOKERY_CHECK(manifest->tables.size() <= kTablesMax && manifest->shards <= kServersMax);
  ROOKERY_CHECK(manifest->dense.size() <= kDenseFloatsMax);
  const std::string text = ManifestToJson(*manifest);
  const StatusOr<CheckpointManifest> again = ManifestFromJson(text, "again");
  ROOKERY_CHECK(again.ok()) << again.status().message();
  ROOKERY_CHECK(ManifestToJson(*again) == text) << "another manifest came out";
  return true;
}

std::string WithRightChecksum(std::string_view json) {
  std::string text(json);
  const std::size_t member = text.rfind(kMember);
  if (member == std::string::npos || text.size() - member < kMember.size() + kDigits) return text;
  const std::size_t digits = member + kMember.size();
  text.replace(digits, kDigits, kDigits, '0');
  std::uint64_t checksum = HashText(text);
  for (std::size_t i = kDigits; i-- > 0; checksum >>= 4U) {
    text[digits + i] = "0123456789abcdef"[checksum & 15U];
  }
  return text;
}

}  // namespace

bool FuzzManifest(FuzzBytes bytes) {
  const std::string_view json = TextOfBytes(bytes);
  return ReadAndWrite(json) || ReadAndWrite(WithRightChecksum(json));
}

FuzzSeeds SeedsOfManifest() {
  CheckpointManifest manifest;
  manifest.rookery_version = "0.1.0";
  manifest.number = 7;
  const std::string bare = ManifestToJson(manifest);
  TableSpec table;
  table.name = "user id";
  table.dim = 9;
  table.zero_columns = 1;
  table.updater.kind = UpdaterKind::kAdam;
  manifest.tables = {table};
  manifest.shards = 2;
  for (std::uint32_t shard = 0; shard < manifest.shards; ++shard) {
    manifest.files.push_back({RowsFileName(table.name, shard), 100, 5, table.name, shard, 3});
  }
  DenseBlockSpec block;
  block.name = "tower.0.weight";
  block.rows = 3;
  block.columns = 2;
  manifest.dense.blocks = {block};
  manifest.files.push_back({std::string(kDenseName), 64, 6, "", 0, 0});
  return {bare, ManifestToJson(manifest)};
}

}  // namespace rookery
