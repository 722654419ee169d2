#include "data/teacher.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "common/json.h"
#include "data/synth.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

TEST(Zipf, FrequenciesFollowTheLaw) {
  constexpr std::uint64_t kIds = 50;
  constexpr int kDraws = 400000;
  for (const double exponent : {0.0, 0.5, 1.0, 1.05, 2.0}) {
    const ZipfSampler sampler(kIds, exponent);
    Random random(3, Purpose::kTest);
    std::vector<double> counts(kIds + 1);
    for (int i = 0; i < kDraws; ++i) counts.at(sampler.Sample(random)) += 1;
    EXPECT_EQ(counts[0], 0);
    double sum = 0;
    for (std::uint64_t k = 1; k <= kIds; ++k) sum += std::pow(static_cast<double>(k), -exponent);
    double chi_square = 0;
    for (std::uint64_t k = 1; k <= kIds; ++k) {
      const double expected = kDraws * std::pow(static_cast<double>(k), -exponent) / sum;
      chi_square += (counts[k] - expected) * (counts[k] - expected) / expected;
    }
    EXPECT_LT(chi_square, 90) << exponent;  // 49 degrees of freedom: p < .0004
  }
}

TEST(Zipf, AnyNumberOfIds) {
  Random random(4, Purpose::kTest);
  EXPECT_EQ(ZipfSampler(1, 1.2).Sample(random), 1U);
  const ZipfSampler many(std::uint64_t{1} << 40U, 0.2);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t rank = many.Sample(random);
    ASSERT_TRUE(rank >= 1 && rank <= std::uint64_t{1} << 40U);
  }
}

TEST(Teacher, RowsDependOnTheirNumberAlone) {
  const Teacher teacher({1, 100, 1.05});
  std::string text;
  teacher.AppendText(teacher.Row(7, 123), &text);
  std::string again;
  const Teacher same({1, 100, 1.05});
  (void)same.Row(7, 5);
  same.AppendText(same.Row(7, 123), &again);
  EXPECT_EQ(text, again);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\t'), 39);
  EXPECT_NE(teacher.Row(8, 123).ranks, teacher.Row(7, 123).ranks);
  // Another teacher judges the same row differently.
  EXPECT_NE(Teacher({2, 100, 1.05}).Row(7, 123).probability, teacher.Row(7, 123).probability);
  EXPECT_EQ(Teacher({2, 100, 1.05}).Row(7, 123).ranks, teacher.Row(7, 123).ranks);
}

TEST(Teacher, IdsOfAFieldAreDistinct) {
  for (const std::size_t field : {0U, 25U}) {
    std::set<std::uint32_t> ids;
    for (std::uint64_t rank = 1; rank <= 20000; ++rank) ids.insert(Teacher::IdOf(field, rank));
    EXPECT_EQ(ids.size(), 20000U);
  }
}

TEST(Teacher, RatesAndStrengthAreAsPromised) {
  for (const TeacherOptions& options :
       {TeacherOptions{1, 300, 1.05}, TeacherOptions{9, 1000000, 1.2}, TeacherOptions{3, 50, 0}}) {
    constexpr std::uint64_t kRows = 20000;
    const Teacher teacher(options);
    std::vector<std::uint64_t> scored;
    double positives = 0;
    double blank_ids = 0;
    double blank_numbers = 0;
    for (std::uint64_t i = 0; i < kRows; ++i) {
      const SynthRow row = teacher.Row(5, i);
      scored.push_back(ScoredLabel(row.probability, row.label));
      positives += row.label ? 1 : 0;
      for (const std::uint64_t rank : row.ranks) blank_ids += rank == 0 ? 1 : 0;
      for (const std::int64_t number : row.numbers) {
        blank_numbers += number == SynthRow::kBlank ? 1 : 0;
      }
    }
    EXPECT_NEAR(positives / kRows, 0.25, 0.015);
    EXPECT_NEAR(ExactAuc(scored), 0.80, 0.02);
    EXPECT_NEAR(blank_ids / (26 * kRows), 0.02, 0.002);
    EXPECT_NEAR(blank_numbers / (13 * kRows), 0.05, 0.003);
  }
}

TEST(Synth, AucCountsTiesHalf) {
  std::vector<std::uint64_t> scored = {ScoredLabel(.1, false), ScoredLabel(.4, false),
                                       ScoredLabel(.4, true), ScoredLabel(.8, true)};
  EXPECT_DOUBLE_EQ(ExactAuc(scored), 3.5 / 4);
  scored = {ScoredLabel(.9, false), ScoredLabel(.1, true)};
  EXPECT_DOUBLE_EQ(ExactAuc(scored), 0);
  scored = {ScoredLabel(.9, true)};
  EXPECT_DOUBLE_EQ(ExactAuc(scored), 0.5);
}

TEST(Synth, FileReadsBackAndReportStandsBesideIt) {
  MemoryFileSystem files;
  SynthOptions options;
  options.path = "clicks.gz";
  options.rows = 3000;
  options.teacher = {1, 200, 1.05};
  options.compression = Compression::kGzip;
  const auto report = WriteSynth(files, options);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  Schema schema;
  schema.format = InputFormat::kCriteo;
  const Schema resolved = *ResolveSchema(schema);
  const auto fitted = FitSchema(&files, resolved, {{"clicks.gz"}, 1024, true}, 1U << 20U);
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  EXPECT_EQ(fitted->examples_seen, 3000U);
  EXPECT_DOUBLE_EQ(fitted->label_means[0], static_cast<double>(report->positives) / 3000);
  const auto json = ParseJson(*ReadWholeFile(files, "clicks.gz.teacher.json", 10000), "t");
  ASSERT_TRUE(json.ok());
  JsonFields fields(*json, "t");
  EXPECT_EQ(fields.Number("auc"), report->auc);
  EXPECT_EQ(fields.Number("logloss"), report->logloss);
  EXPECT_EQ(fields.Unsigned("rows"), 3000U);
  EXPECT_TRUE(fields.Finish().ok());
  EXPECT_FALSE(files.Exists("clicks.gz.tmp"));
}

TEST(Synth, RefusesWhatCannotBe) {
  MemoryFileSystem files;
  SynthOptions options;
  options.path = "x";
  EXPECT_EQ(WriteSynth(files, options).status().code(), Code::kInvalidInput);
  options.rows = 1;
  options.teacher.ids = 0;
  EXPECT_EQ(WriteSynth(files, options).status().code(), Code::kInvalidInput);
  options.teacher = {1, 1, -1};
  EXPECT_EQ(WriteSynth(files, options).status().code(), Code::kInvalidInput);
}

}  // namespace
}  // namespace rookery
