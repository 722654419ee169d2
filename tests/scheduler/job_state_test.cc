#include "scheduler/job_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/hash.h"
#include "common/random.h"
#include "io/memory_file_system.h"
#include "protocol/archive.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

const std::string kPath = "c/input.bin";

JobState Sample() {
  JobState state;
  state.epoch = 3;
  state.in_epoch = true;
  state.trained = true;
  state.step = 1'000'000'007;
  state.updates = 12;
  state.examples = 99;
  state.seconds = 1.25;
  state.assigner.cursors = {{1, 20}, {2, 0}};
  state.assigner.pending = {
      {.stream = 1, .file = 4, .first = 5, .stride = 6, .count = 7, .skip = 8}};
  state.epoch_metrics = std::string("a\0b", 3);
  state.best_metric = 0.75;
  state.best_epoch = 2;
  state.best_checkpoint = "00000017";
  state.epochs_without_better = 1;
  return state;
}

std::string Written(MemoryFileSystem* files) {
  EXPECT_TRUE(files->MakeDirectory("c").ok());
  const auto file = WriteJobState(*files, "c", Sample());
  EXPECT_TRUE(file.ok());
  std::string bytes = ReadWholeFile(*files, kPath, 1U << 20U).value();
  EXPECT_EQ(file->name, "input.bin");
  EXPECT_EQ(file->bytes, bytes.size());
  EXPECT_EQ(file->checksum, HashText(bytes));
  return bytes;
}

TEST(JobState, ComesBackAsItWasWritten) {
  MemoryFileSystem files;
  (void)Written(&files);
  const auto read = ReadJobState(files, "c");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(EncodeText(*read), EncodeText(Sample()));
  EXPECT_EQ(read->assigner.pending[0].skip, 8U);
  EXPECT_EQ(read->epoch_metrics.size(), 3U);
  EXPECT_EQ(read->best_checkpoint, "00000017");
}

TEST(JobState, RefusesEveryFlippedBitAndNamesTheFile) {
  MemoryFileSystem files;
  const std::string bytes = Written(&files);
  for (std::uint64_t bit = 0; bit < bytes.size() * 8; ++bit) {
    ASSERT_TRUE(files.FlipBit(kPath, bit).ok());
    const auto read = ReadJobState(files, "c");
    // The padding of the header is the reader's to judge; what is read must be what was written.
    if (read.ok()) {
      EXPECT_EQ(EncodeText(*read), EncodeText(Sample())) << bit;
    } else {
      EXPECT_EQ(read.status().code(), Code::kCorrupt) << bit;
      EXPECT_THAT(read.status().message(), HasSubstr(kPath)) << bit;
    }
    ASSERT_TRUE(files.FlipBit(kPath, bit).ok());
  }
}

TEST(JobState, RefusesEveryShorterFile) {
  MemoryFileSystem files;
  const std::string bytes = Written(&files);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_TRUE(WriteFileAtomically(files, kPath, bytes.substr(0, size)).ok());
    EXPECT_FALSE(ReadJobState(files, "c").ok()) << size;
  }
  ASSERT_TRUE(files.Remove(kPath).ok());
  EXPECT_EQ(ReadJobState(files, "c").status().code(), Code::kNotFound);
}

TEST(JobState, DecodingHostileBytesNeverDoesHarm) {
  const std::string good = EncodeText(Sample());
  Random random(20240601, Purpose::kTest);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = good;
    for (int n = 0; n < 3; ++n) {
      bytes[random.NextBelow(bytes.size())] = static_cast<char>(random.NextBelow(256));
    }
    if (random.NextBelow(3) == 0) bytes.resize(random.NextBelow(bytes.size()));
    const auto state = DecodeText<JobState>(bytes, "input.bin");
    if (!state.ok()) {
      EXPECT_THAT(state.status().message(), HasSubstr("input.bin"));
    }
  }
}

}  // namespace
}  // namespace rookery
