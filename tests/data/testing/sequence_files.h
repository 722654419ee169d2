// SequenceFiles: lines of users and items in memory, and what readers make of them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "data/catalog.h"
#include "data/sequence_reader.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {

inline Schema Lines() {
  Schema schema;
  schema.format = InputFormat::kSequence;
  schema.columns = {MakeColumn("user", ColumnType::kCategorical),
                    MakeColumn("item", ColumnType::kList)};
  for (Column& column : schema.columns) {
    column.key = KeyKind::kIdentity;
    column.space = "id";  // one for both, as identity keys of one table need
  }
  return schema;
}

inline FittedSchema Fitted() {
  FittedSchema fitted;
  fitted.schema = *ResolveSchema(Lines());
  return fitted;
}

class SequenceFiles : public ::testing::Test {
 protected:
  Catalog Read(const SequenceOptions& options) {
    auto catalog = ReadCatalog(&files_, fitted_, {{{"train"}}, {{"valid"}}, options});
    EXPECT_TRUE(catalog.ok()) << catalog.status().ToString();
    return *std::move(catalog);
  }
  Batch Pairs(const Catalog& catalog, const SequenceOptions& options, const ChunkRun& run,
              std::uint64_t seed = 3) {
    const auto reader = MakeTrainingReader(MakeInputReader(&files_, &fitted_, {{"train"}, 2}),
                                           &catalog, options, seed);
    auto result = reader->Read(run);
    EXPECT_TRUE(result.ok()) << result.status().ToString();
    // What is used again must not show.
    reader->Recycle(result->examples);
    EXPECT_EQ(reader->Read(run)->examples.features[2].keys, result->examples.features[2].keys);
    return std::move(result->examples);
  }
  Batch Ranking(const Catalog& catalog, const SequenceOptions& options, SequenceSet set,
                const std::string& file) {
    const auto reader =
        MakeRankingReader(MakeInputReader(&files_, &fitted_, {{file}}), &catalog, options, set);
    return std::move(reader->Read({0, 0, 1, 100, 0})->examples);
  }
  MemoryFileSystem files_;
  const FittedSchema fitted_ = Fitted();
};

}  // namespace rookery
