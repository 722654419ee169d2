// Lines of a user and items: how they are read, split, catalogued and made into examples.
#include "data/sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "data/catalog.h"
#include "data/sequence_reader.h"
#include "tests/data/testing/sequence_files.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Part = std::pair<std::size_t, std::size_t>;

StatusOr<RunResult> ReadText(const std::string& text) {
  MemoryFileSystem files;
  WriteText(files, "in.txt", text);
  const FittedSchema fitted = Fitted();
  return MakeInputReader(&files, &fitted, {{"in.txt"}})->Read({0, 0, 1, 100});
}

TEST(SequenceFormat, IsAUserAndItems) {
  const auto run = ReadText("7 1 2 3\n\n \t8\t5   6 \r\n9\n");
  ASSERT_TRUE(run.ok()) << run.status().ToString();
  const Batch& batch = run->examples;
  EXPECT_THAT(batch.features[0].keys, ElementsAre(7, 8, 9));
  EXPECT_THAT(batch.features[1].keys, ElementsAre(1, 2, 3, 5, 6));
  EXPECT_THAT(batch.features[1].offsets, ElementsAre(0, 3, 5, 5));
  EXPECT_THAT(batch.labels, ElementsAre(1, 1, 1));
}

TEST(SequenceFormat, SaysWhereALineIsWrong) {
  EXPECT_THAT(ReadText("7 1\n8 2  x3 4\n").status().message(),
              HasSubstr("in.txt:2:6: column \"item\": \"x3\" is not"));
  EXPECT_THAT(ReadText("7 1\n u8 2\n").status().message(),
              HasSubstr("in.txt:2:2: column \"user\": \"u8\" is not"));
}

TEST(SequenceFormat, RefusesOtherColumns) {
  const auto error = [](auto change) {
    Schema schema = Lines();
    change(schema);
    return ResolveSchema(schema).status().message();
  };
  EXPECT_THAT(error([](Schema& s) { s.columns.pop_back(); }),
              HasSubstr("two columns, in this order"));
  EXPECT_THAT(error([](Schema& s) { std::swap(s.columns[0], s.columns[1]); }),
              HasSubstr("two columns, in this order"));
  EXPECT_THAT(error([](Schema& s) { s.columns[1].name = "negative"; }),
              HasSubstr("choose another"));
  EXPECT_THAT(error([](Schema& s) { s.columns[0].name = "history"; }), HasSubstr("choose another"));
  EXPECT_THAT(error([](Schema& s) { s.columns[1].length_max = 5; }), HasSubstr("length_max"));
  EXPECT_THAT(error([](Schema& s) {
                s.crosses = {{"c", {"user", "item"}, {}}};
              }),
              HasSubstr("crosses"));
  EXPECT_THAT(error([](Schema& s) { s.header = false; }), "");
}

TEST(Sequence, ExamplesShareTheItemsKeys) {
  Schema lines = Lines();
  for (Column& column : lines.columns) {
    column.key = KeyKind::kHash;
    column.space = "";
  }
  lines.salt = 5;
  const auto examples = ResolveSchema(ExampleSchemaOf(*ResolveSchema(lines), {}));
  ASSERT_TRUE(examples.ok()) << examples.status().ToString();
  const FeatureLayout layout = LayoutOf(*examples);
  ASSERT_EQ(layout.features.size(), 3U);
  EXPECT_EQ(layout.features[kUserFeature].name, "user");
  EXPECT_EQ(layout.features[kItemFeature].space_seed, layout.features[kNegativeFeature].space_seed);
  EXPECT_NE(layout.features[kUserFeature].space_seed, layout.features[kItemFeature].space_seed);
  EXPECT_FALSE(layout.features[kItemFeature].list);
  EXPECT_EQ(layout.features[kItemFeature].space_seed,
            LayoutOf(*ResolveSchema(lines)).features[1].space_seed);
}

TEST_F(SequenceFiles, TheCatalogKnowsWhoHasWhat) {
  WriteText(files_, "train", "7 30 10 20\n8 10\n7 40 10\n");
  WriteText(files_, "valid", "7 20 99\n5 10\n");
  const Catalog catalog = Read({});
  EXPECT_THAT(catalog.keys(), ElementsAre(10, 20, 30, 40));
  EXPECT_THAT(catalog.users_of(), ElementsAre(2, 1, 1, 1));
  EXPECT_THAT(catalog.TrainItems(7), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(catalog.TrainItems(8), ElementsAre(0));
  EXPECT_TRUE(catalog.TrainItems(5).empty());
  EXPECT_THAT(catalog.ValidItems(7), ElementsAre(1));  // 99 is in no training line
  EXPECT_TRUE(catalog.ValidItems(8).empty());
  EXPECT_EQ(catalog.interactions().size(), 5U);
  EXPECT_EQ(catalog.Find(30), 2U);
  EXPECT_EQ(catalog.Find(35), std::nullopt);
}

TEST_F(SequenceFiles, TheCatalogLeavesOutWhatIsHeldOut) {
  WriteText(files_, "train", "7 30 10 20 40\n8 10 50\n");
  WriteText(files_, "valid", "7 30 10 20 40\n8 10 50\n");
  const Catalog catalog = Read({.split = SequenceSplit::kLeaveOneOut});
  EXPECT_THAT(catalog.keys(), ElementsAre(10, 30, 50));
  EXPECT_THAT(catalog.TrainItems(7), ElementsAre(0, 1));
  EXPECT_TRUE(catalog.ValidItems(7).empty());  // nobody trains 20
}

TEST_F(SequenceFiles, TheCatalogNeedsAnItem) {
  WriteText(files_, "train", "7\n8\n");
  const auto catalog = ReadCatalog(&files_, fitted_, {{{"train"}}, {}, {}});
  EXPECT_THAT(catalog.status().message(), HasSubstr("train: no user with an item"));
}

TEST_F(SequenceFiles, ACatalogToTellItemsFromHasALimit) {
  std::string line = "7";
  for (std::size_t item = 0; item <= kToldItemsMax; ++item) line += " " + std::to_string(item);
  WriteText(files_, "train", line + "\n");
  WriteText(files_, "valid", "7 1\n");
  SequenceOptions options;
  EXPECT_EQ(Read(options).keys().size(), kToldItemsMax + 1);
  options.told_from_catalog = true;
  EXPECT_THAT(
      ReadCatalog(&files_, fitted_, {{{"train"}}, {}, options}).status().message(),
      HasSubstr("train: 262145 items; model.item_loss = \"full_softmax\" tells an item from "
                "at most 262144: use \"softmax\""));
}

TEST_F(SequenceFiles, EveryItemGetsItsNegatives) {
  WriteText(files_, "train", "7 30 10 20\n8 10\n9 40 50 60\n");
  WriteText(files_, "valid", "7 20\n");
  const Catalog catalog = Read({});
  const Batch batch = Pairs(catalog, {.negatives = 2}, {0, 0, 1, 100, 0});
  EXPECT_THAT(batch.features[0].keys, ElementsAre(7, 7, 7, 7, 7, 7, 8, 8, 9, 9, 9, 9, 9, 9));
  EXPECT_THAT(batch.features[1].keys,
              ElementsAre(30, 30, 10, 10, 20, 20, 10, 10, 40, 40, 50, 50, 60, 60));
  EXPECT_EQ(batch.labels, std::vector<float>(14, 1));
  for (std::size_t i = 0; i < batch.examples; ++i) {
    const auto own = catalog.TrainItems(batch.features[0].keys[i]);
    const auto negative = catalog.Find(batch.features[2].keys[i]);
    ASSERT_TRUE(negative.has_value());
    EXPECT_FALSE(std::ranges::binary_search(own, *negative)) << i;
  }
}

TEST_F(SequenceFiles, NegativesDependOnSeedEpochAndRunAlone) {
  std::string text;
  for (int user = 0; user < 40; ++user)
    text += StrCat(user, " ", user + 1000, " ", user + 1001, "\n");
  WriteText(files_, "train", text);
  WriteText(files_, "valid", "1 1\n");
  const Catalog catalog = Read({});
  const ChunkRun run{0, 1, 2, 3, 4};
  const auto negatives = [&](const ChunkRun& of, std::uint64_t seed) {
    return Pairs(catalog, {}, of, seed).features[2].keys;
  };
  const auto first = negatives(run, 3);
  EXPECT_EQ(first, negatives(run, 3));
  EXPECT_NE(first, negatives(run, 4));
  EXPECT_NE(first, negatives({0, 1, 2, 3, 5}, 3));
  EXPECT_NE(first, negatives({0, 3, 2, 3, 4}, 3));
}

TEST_F(SequenceFiles, AUserWithAllItemsGivesNoExamples) {
  WriteText(files_, "train", "7 1 2 3\n8 1\n");
  WriteText(files_, "valid", "7 1\n");
  const Catalog catalog = Read({});
  EXPECT_THAT(Pairs(catalog, {}, {0, 0, 1, 100, 0}).features[0].keys, ElementsAre(8));
}

TEST_F(SequenceFiles, RankingExamplesHaveWhatIsWanted) {
  WriteText(files_, "train", "7 1 2 3 4\n8 1\n9 5 6 7\n");
  const Catalog catalog;
  const auto read = [&](SequenceSet set) {
    return Ranking(catalog, {.split = SequenceSplit::kLeaveOneOut}, set, "train");
  };
  const Batch valid = read(SequenceSet::kValid);
  EXPECT_THAT(valid.features[0].keys, ElementsAre(7, 9));
  EXPECT_THAT(valid.features[1].keys, ElementsAre(3, 6));
  EXPECT_THAT(valid.features[1].offsets, ElementsAre(0, 1, 2));
  EXPECT_THAT(valid.features[2].offsets, ElementsAre(0, 0, 0));
  EXPECT_THAT(read(SequenceSet::kTest).features[1].keys, ElementsAre(4, 7));
}

// 100 items; item i has i + 1 users. Expected counts by formula, +- 5 deviations.
TEST(Negatives, AreUniformOrByPopularity) {
  constexpr std::size_t kItems = 100, kDraws = 200000;
  std::vector<Catalog::Interaction> interactions;
  for (Key item = 0; item < kItems; ++item) {
    for (Key user = 0; user <= item; ++user) interactions.push_back({user, item});
  }
  const Catalog catalog(interactions, {});
  const std::vector<Catalog::Item> own = {3, 98};
  for (const auto sampling : {NegativeSampling::kUniform, NegativeSampling::kPopularity}) {
    const bool uniform = sampling == NegativeSampling::kUniform;
    Random random(17, Purpose::kTest);
    std::vector<double> counts(kItems);
    for (std::size_t i = 0; i < kDraws; ++i)
      ++counts[*DrawNegative(catalog, sampling, own, random)];
    const double all = uniform ? kItems - 2 : kItems * (kItems + 1) / 2.0 - 4 - 99;
    for (std::size_t item = 0; item < kItems; ++item) {
      const bool owned = item == 3 || item == 98;
      const double share = owned ? 0 : (uniform ? 1.0 : static_cast<double>(item + 1)) / all;
      EXPECT_NEAR(counts[item], kDraws * share, 5 * std::sqrt(kDraws * share)) << item;
    }
  }
}

TEST(Negatives, AreFoundForAUserWithNearlyAll) {
  std::vector<Catalog::Interaction> interactions;
  std::vector<Catalog::Item> own;
  for (Key item = 0; item < 5000; ++item) {
    interactions.push_back({1, item});
    if (item != 1234) own.push_back(static_cast<Catalog::Item>(item));
  }
  const Catalog catalog(interactions, {});
  Random random(18, Purpose::kTest);
  EXPECT_EQ(DrawNegative(catalog, NegativeSampling::kUniform, own, random), 1234U);
  own.insert(own.begin() + 1234, 1234);
  EXPECT_EQ(DrawNegative(catalog, NegativeSampling::kUniform, own, random), std::nullopt);
}

}  // namespace
}  // namespace rookery
