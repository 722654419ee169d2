// Any bytes as a prepared file: as they are, and with the checksums made right.
#include "data/block_file.h"
#include "data/input.h"
#include "tests/fuzz/memory_disk.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

bool ReadBlocks(std::string_view content) {
  MemoryFileSystem files;
  PutFile(files, "x.blocks", content);
  const StatusOr<std::unique_ptr<BlockFile>> file = BlockFile::Open(files, "x.blocks");
  if (!file.ok()) return false;
  const InputOptions options{{"x.blocks"}, 4, true};
  const FittedSchema fitted = (*file)->fitted();
  const std::unique_ptr<InputReader> reader = MakeInputReader(&files, &fitted, options);
  bool whole = true;
  std::uint64_t examples = 0;
  constexpr std::uint64_t kBlocksTried = 64;
  const std::uint64_t blocks = std::min((*file)->blocks(), kBlocksTried);
  for (std::uint64_t block = 0; block < blocks; ++block) {
    ChunkRun run;
    run.first = block;
    StatusOr<RunResult> result = reader->Read(run);
    whole = whole && result.ok();
    if (!result.ok()) continue;
    const Batch& batch = result->examples;
    ROOKERY_CHECK(batch.examples == (*file)->ExamplesOf(block));
    ROOKERY_CHECK(batch.labels.size() == batch.examples);
    for (const FeatureColumn& feature : batch.features) {
      ROOKERY_CHECK(feature.End(batch.examples - 1) <= feature.keys.size() || batch.examples == 0);
    }
    examples += batch.examples;
  }
  ROOKERY_CHECK(!whole || blocks < (*file)->blocks() || examples == (*file)->examples());
  return whole;
}

std::string MakeBlocks(bool compress) {
  MemoryFileSystem files;
  std::string text;
  for (int i = 0; i < 9; ++i) {
    text += std::to_string(i % 2) + "," + std::to_string(i * 3) + ",c" + std::to_string(i % 4) +
            ",a|b" + (i % 3 == 0 ? "" : "|c") + "\n";
  }
  PutFile(files, "in", text);
  Schema schema;
  const auto add = [&](const char* name, ColumnType type) {
    Column column;
    column.name = name;
    column.type = type;
    schema.columns.push_back(column);
  };
  add("y", ColumnType::kLabel);
  add("n", ColumnType::kNumeric);
  add("c", ColumnType::kCategorical);
  add("l", ColumnType::kList);
  const StatusOr<Schema> resolved = ResolveSchema(schema);
  ROOKERY_CHECK(resolved.ok());
  const InputOptions options{{"in"}, 4, true};
  const StatusOr<FittedSchema> fitted = FitSchema(&files, *resolved, options, 1000);
  ROOKERY_CHECK(fitted.ok());
  const std::unique_ptr<InputReader> reader = MakeInputReader(&files, &*fitted, options);
  auto writer = BlockFileWriter::Create(files, "x.blocks", *fitted, 4, compress);
  ROOKERY_CHECK(writer.ok());
  ChunkRun run;
  for (bool end = false; !end; ++run.first) {
    const StatusOr<RunResult> result = reader->Read(run);
    ROOKERY_CHECK(result.ok() && (*writer)->Append(result->examples).ok());
    end = result->end_of_file;
  }
  ROOKERY_CHECK((*writer)->Finish().ok());
  return TakeFile(files, "x.blocks");
}

}  // namespace

bool FuzzBlocks(FuzzBytes bytes) {
  return ReadBlocks(TextOfBytes(bytes)) || ReadBlocks(WithRightChecksums(bytes));
}

FuzzSeeds SeedsOfBlocks() {
  return {MakeBlocks(false), MakeBlocks(true)};
}

}  // namespace rookery
