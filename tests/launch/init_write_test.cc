// The files of the checkpoint that a run begins with, float by float.

#include "launch/init_write.h"

#include <gtest/gtest.h>

#include <bit>

#include "common/hash.h"
#include "io/memory_file_system.h"
#include "models/model.h"
#include "ps/checkpoint_writer.h"
#include "ps/rows_file.h"
#include "ps/updater.h"

namespace rookery {
namespace {

constexpr std::uint32_t kBuckets = 4;
const std::string kOld = "old/checkpoints/00000003";

TableSpec Spec(UpdaterKind kind) {
  TableSpec spec;
  spec.name = "t";
  spec.dim = 2;
  spec.updater.kind = kind;
  return spec;
}

DenseSpec Dense(UpdaterKind kind, std::uint32_t rows) {
  DenseSpec dense;
  dense.updater.kind = kind;
  dense.blocks = {{"w", rows, 2, 0, {}, 0, 0}, {"b", 1, 1, 2ULL * rows, {}, 0.5F, 0}};
  return dense;
}

// Two rows of Adam (m, v) and a dense part of a 2 x 2 and a 1 x 1 block with Adagrad.
std::unique_ptr<CheckpointReader> WriteOld(FileSystem& files, const TableSpec& spec,
                                           const std::vector<float>& row) {
  EXPECT_TRUE(files.MakeDirectory(kOld).ok());
  CheckpointManifest manifest;
  manifest.number = 3;
  manifest.updates = 77;
  manifest.buckets = kBuckets;
  manifest.tables = {spec};
  manifest.dense = Dense(UpdaterKind::kAdagrad, 2);
  const std::string name = RowsFileName("t", 0);
  const auto writer = RowsFileWriter::Create(files, JoinPath(kOld, name),
                                             {kBuckets, static_cast<std::uint32_t>(row.size())});
  EXPECT_TRUE((*writer)->AddBucket(Raw(BucketOf(5, kBuckets)), {{5}, row}).ok());
  const FileDigest digest = (*writer)->Finish().value();
  manifest.files = {{name, digest.bytes, digest.hash, "t", 0, 1},
                    WriteDense(files, kOld, {9, {1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}}).value()};
  EXPECT_TRUE(
      WriteFileAtomically(files, JoinPath(kOld, kManifestName), ManifestToJson(manifest)).ok());
  auto reader = CheckpointReader::Open(&files, kOld);
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  return std::move(*reader);
}

// The one row after it was written for `to`.
std::vector<float> Converted(const TableSpec& from, const std::vector<float>& row,
                             const TableSpec& to, std::uint32_t buckets = kBuckets) {
  MemoryFileSystem files;
  const auto reader = WriteOld(files, from, row);
  TableInit table{"t", from, to, true, from.updater.kind == to.updater.kind};
  EXPECT_TRUE(files.MakeDirectory("new").ok());
  const auto file = WriteInitRows(files, "new", *reader, table, buckets);
  EXPECT_TRUE(file.ok()) << file.status().ToString();
  EXPECT_EQ(file->rows, 1U);
  const auto made = RowsFileReader::Open(
      files, JoinPath("new", file->name),
      RowsFileShape{buckets, static_cast<std::uint32_t>(
                                 to.dim + MakeUpdater(to.updater)->StateFloats(to.dim))});
  EXPECT_TRUE(made.ok()) << made.status().ToString();
  BucketRows rows;
  EXPECT_TRUE((*made)->ReadBucket((*made)->entries()[0], &rows).ok());
  EXPECT_EQ(rows.keys, std::vector<Key>{5});
  return rows.rows;
}

TEST(InitRows, AreTakenWithTheirState) {
  const TableSpec adam = Spec(UpdaterKind::kAdam);
  const std::vector<float> row = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(Converted(adam, row, adam), row);
  EXPECT_EQ(Converted(adam, row, adam, 64), row);
}

TEST(InitRows, AnotherUpdaterBeginsWithTheStateOfANewRow) {
  TableSpec adagrad = Spec(UpdaterKind::kAdagrad);
  adagrad.updater.initial_accumulator = 0.25F;
  EXPECT_EQ(Converted(Spec(UpdaterKind::kAdam), {1, 2, 3, 4, 5, 6}, adagrad),
            (std::vector<float>{1, 2, 0.25F, 0.25F}));
  EXPECT_EQ(Converted(Spec(UpdaterKind::kAdam), {1, 2, 3, 4, 5, 6}, Spec(UpdaterKind::kSgd)),
            (std::vector<float>{1, 2}));
}

TEST(InitRows, TheLastStepOfARowThatCatchesUpIsThatOfTheCheckpoint) {
  TableSpec eager = Spec(UpdaterKind::kAdam);
  eager.updater.catch_up = true;
  const TableSpec lazy = Spec(UpdaterKind::kAdam);
  const float last = std::bit_cast<float>(std::uint32_t{77});
  const std::vector<float> made = Converted(lazy, {1, 2, 3, 4, 5, 6}, eager);
  EXPECT_EQ(made, (std::vector<float>{1, 2, 3, 4, 5, 6, last}));
  EXPECT_EQ(Converted(eager, made, lazy), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

// Its weights are a function of its state, so they would be gone at the first touch.
TEST(InitRows, FtrlKeepsTheWeights) {
  TableSpec ftrl = Spec(UpdaterKind::kFtrl);
  ftrl.updater.l1 = 0.5F;
  ftrl.updater.l2 = 0.25F;
  ftrl.updater.initial_accumulator = 0.01F;
  std::vector<float> row = Converted(Spec(UpdaterKind::kSgd), {1.5F, -0.75F}, ftrl);
  ASSERT_EQ(row.size(), 6U);
  float* place = row.data();
  const std::vector<float> still = {0, 0};
  MakeUpdater(ftrl.updater)->Apply(std::span(&place, 1), still, 2, 78);
  EXPECT_NEAR(row[0], 1.5F, 1e-5F);
  EXPECT_NEAR(row[1], -0.75F, 1e-5F);
}

DenseState ConvertedDense(const DenseSpec& to, const InitPlan& plan) {
  MemoryFileSystem files;
  const TableSpec sgd = Spec(UpdaterKind::kSgd);
  const auto reader = WriteOld(files, sgd, {1, 2});
  const std::string directory = "new/checkpoints/00000001";
  EXPECT_TRUE(files.MakeDirectory(directory).ok());
  const auto file = WriteInitDense(files, directory, *reader, plan, to);
  EXPECT_TRUE(file.ok()) << file.status().ToString();
  CheckpointManifest manifest = reader->manifest();
  manifest.tables.clear();
  manifest.dense = to;
  manifest.files = {*file};
  const std::string path = JoinPath(directory, kManifestName);
  EXPECT_TRUE(WriteFileAtomically(files, path, ManifestToJson(manifest)).ok());
  const auto made = CheckpointReader::Open(&files, directory);
  EXPECT_TRUE(made.ok()) << made.status().ToString();
  return (*made)->ReadDense().value();
}

// A third row comes between the two; "b" is as it was.
TEST(InitDense, RowsMoveWithTheirState) {
  const DenseSpec old = Dense(UpdaterKind::kAdagrad, 2);
  const DenseSpec to = Dense(UpdaterKind::kAdagrad, 3);
  InitPlan plan;
  plan.dense_state = true;
  plan.blocks = {{"w", old.blocks[0], to.blocks[0], {1, kFreshRow, 0}},
                 {"b", old.blocks[1], to.blocks[1], {0}}};
  const DenseState made = ConvertedDense(to, plan);
  const std::vector<float> fresh = InitialDense(to.blocks, to.seed);
  EXPECT_EQ(made.step, 9U);
  EXPECT_EQ(made.weights, (std::vector<float>{3, 4, fresh[2], fresh[3], 1, 2, 5}));
  EXPECT_EQ(made.state, (std::vector<float>{8, 9, 0, 0, 6, 7, 10}));
}

TEST(InitDense, AnotherUpdaterBeginsAnew) {
  const DenseSpec old = Dense(UpdaterKind::kAdagrad, 2);
  const DenseSpec to = Dense(UpdaterKind::kAdam, 2);
  InitPlan plan;
  plan.blocks = {{"w", old.blocks[0], to.blocks[0], {0, 1}},
                 {"b", old.blocks[1], to.blocks[1], {0}}};
  const DenseState made = ConvertedDense(to, plan);
  EXPECT_EQ(made.step, 0U);
  EXPECT_EQ(made.weights, (std::vector<float>{1, 2, 3, 4, 5}));
  EXPECT_EQ(made.state, std::vector<float>(10, 0.0F));
}

}  // namespace
}  // namespace rookery
