#include "ps/table_size.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "common/hash.h"
#include "common/random.h"
#include "io/memory_file_system.h"
#include "ps/checkpoint_writer.h"
#include "ps/rows_file.h"
#include "ps/table.h"

namespace rookery {
namespace {

TableSpec Spec(std::uint32_t dim, UpdaterKind kind) {
  TableSpec spec;
  spec.name = "t";
  spec.dim = dim;
  spec.updater.kind = kind;
  return spec;
}

TEST(TableSize, IsThatOfARealTable) {
  constexpr std::uint32_t kBuckets = 1024;
  constexpr std::size_t kPulled = 2000;
  for (const auto& [dim, kind] : {std::pair{1U, UpdaterKind::kSgd},
                                  {16U, UpdaterKind::kAdagrad},
                                  {17U, UpdaterKind::kAdam}}) {
    const TableSpec spec = Spec(dim, kind);
    Table table(spec, kBuckets, 0, kBuckets);
    EXPECT_EQ(RowFloatsOf(spec), table.row_floats());
    std::vector<Key> keys(kPulled);
    std::vector<float> out(kPulled * dim);
    for (Key first = 0; first < 400'000; first += kPulled) {
      std::iota(keys.begin(), keys.end(), first);
      std::ranges::sort(keys, {}, MixKey);
      ASSERT_TRUE(table.Pull(keys, true, 0, out).ok());
      if (table.rows() % 50'000 != 0) continue;
      const auto real = static_cast<double>(table.bytes());
      const auto said = static_cast<double>(TableBytesOf(spec, kBuckets, table.rows(), kPulled));
      // One huge page, or a few percent.
      EXPECT_NEAR(said, real, std::max(2.2e6, 0.05 * real))
          << table.rows() << " rows of dim " << dim;
    }
  }
}

TEST(TableSize, OfNothingAndOfMoreThanThereIsMemoryFor) {
  const TableSpec spec = Spec(64, UpdaterKind::kAdam);
  EXPECT_LT(TableBytesOf(spec, 1024, 0, 0), 50'000U);
  const std::uint64_t rows = 2'000'000'000;
  const std::uint64_t bytes = TableBytesOf(spec, 1024, rows, 0);
  EXPECT_GT(bytes, rows * (3 * 64 * 4 + 16));
  EXPECT_LT(bytes, rows * (3 * 64 * 4 + 64));
}

TEST(TableSize, ARowsFileIsAsLargeAsSaid) {
  const TableSpec spec = Spec(8, UpdaterKind::kAdagrad);
  Table table(spec, 64, 0, 64);
  std::vector<Key> keys(5000);
  std::iota(keys.begin(), keys.end(), 0U);
  std::ranges::sort(keys, {}, MixKey);
  std::vector<float> out(keys.size() * 8);
  RefusedGradients refused;
  ASSERT_TRUE(table.Pull(keys, true, 0, out).ok());
  Random random(3, Purpose::kTest);
  for (float& gradient : out) gradient = static_cast<float>(random.NextNormal());
  ASSERT_TRUE(table.Push(keys, out, 1, &refused).ok());
  MemoryFileSystem files;
  ASSERT_TRUE(files.MakeDirectory("c").ok());
  ASSERT_TRUE(WriteRows(files, "c", &table, 0, 64).ok());
  const auto real = static_cast<double>(files.FileSize("c/" + RowsFileName("t", 0)).value());
  EXPECT_NEAR(static_cast<double>(RowsFileBytesOf(spec, 64, 5000)), real, 0.1 * real);
}

}  // namespace
}  // namespace rookery
