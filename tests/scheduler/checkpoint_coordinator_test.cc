#include "scheduler/checkpoint_coordinator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/hash.h"
#include "io/memory_file_system.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;

const std::string kRun = "run";
const std::string kCheckpoints = "run/checkpoints";
constexpr const char* kFeatures = "{\"features\": 3}\n";

// What worker 0 leaves behind: written, synced, named.
StatusOr<CheckpointFile> WriteDenseFile(FileSystem& files, const std::string& directory,
                                        const std::string& content) {
  ROOKERY_RETURN_IF_ERROR(WriteFileAtomically(files, JoinPath(directory, kDenseName), content));
  CheckpointFile file;
  file.name = kDenseName;
  file.bytes = content.size();
  file.checksum = HashText(content);
  return file;
}

// One checkpoint whose content is told by `step`.
Status Cut(FileSystem& files, CheckpointCoordinator* coordinator, std::uint64_t step) {
  ROOKERY_ASSIGN_OR_RETURN(const std::string directory, coordinator->Begin());
  ROOKERY_ASSIGN_OR_RETURN(CheckpointFile dense,
                           WriteDenseFile(files, directory, StrCat("dense of step ", step)));
  CheckpointManifest manifest;
  manifest.step = step;
  manifest.files.push_back(std::move(dense));
  JobState state;
  state.step = step;
  ROOKERY_RETURN_IF_ERROR(coordinator->Publish(manifest, state, kFeatures).status());
  return coordinator->Retain(1, {});
}

// The step of the checkpoint that CURRENT names, after a look at every byte; 0: there is none.
std::uint64_t WholeCurrent(FileSystem& files) {
  const auto current = ReadWholeFile(files, JoinPath(kCheckpoints, kCurrentName), 100);
  if (!current.ok()) {
    EXPECT_EQ(current.status().code(), Code::kNotFound) << current.status().ToString();
    return 0;
  }
  EXPECT_TRUE(current->ends_with("\n"));
  const std::string directory = JoinPath(kCheckpoints, current->substr(0, current->size() - 1));
  const auto text = ReadWholeFile(files, JoinPath(directory, kManifestName), 1U << 20U);
  if (!text.ok()) {
    ADD_FAILURE() << text.status().ToString();
    return 0;
  }
  const auto manifest = ManifestFromJson(*text, directory);
  EXPECT_TRUE(manifest.ok()) << manifest.status().ToString();
  EXPECT_EQ(manifest->files.size(), 3U);
  EXPECT_EQ(CheckpointName(manifest->number) + "\n", *current);
  for (const CheckpointFile& file : manifest->files) {
    const auto bytes = ReadWholeFile(files, JoinPath(directory, file.name), 1U << 20U);
    EXPECT_TRUE(bytes.ok() && bytes->size() == file.bytes && HashText(*bytes) == file.checksum)
        << file.name;
  }
  const auto state = ReadJobState(files, directory);
  EXPECT_TRUE(state.ok() && state->step == manifest->step);
  return manifest->step;
}

void MakeRun(MemoryFileSystem* files) {
  ASSERT_TRUE(files->MakeDirectory(kRun).ok());
  ASSERT_TRUE(files->SyncDirectory(".").ok());
}

TEST(CheckpointCoordinator, NumbersRiseAndOnlyTheNewestStay) {
  MemoryFileSystem files;
  CheckpointCoordinator coordinator(&files, kCheckpoints);
  ASSERT_TRUE(coordinator.Open().ok());
  for (std::uint64_t step = 1; step <= 4; ++step) {
    const auto directory = coordinator.Begin();
    ASSERT_TRUE(directory.ok());
    EXPECT_EQ(*directory, StrCat("run/checkpoints/0000000", step, ".tmp"));
    EXPECT_EQ(coordinator.begun(), StrCat("0000000", step));
    const auto manifest = coordinator.Publish({}, {}, kFeatures);
    ASSERT_TRUE(manifest.ok());
    EXPECT_EQ(manifest->number, step);
  }
  ASSERT_TRUE(coordinator.Retain(2, {"00000001"}).ok());
  EXPECT_THAT(files.List(kCheckpoints).value(),
              ElementsAre("00000001", "00000003", "00000004", "CURRENT"));
}

// Publishes one that adds to `base`; empty: a full one.
Status CutDelta(CheckpointCoordinator* coordinator, const std::string& base) {
  ROOKERY_RETURN_IF_ERROR(coordinator->Begin().status());
  CheckpointManifest manifest;
  manifest.base = base;
  return coordinator->Publish(manifest, {}, kFeatures).status();
}

TEST(CheckpointCoordinator, WhatAChainNeedsStays) {
  MemoryFileSystem files;
  CheckpointCoordinator coordinator(&files, kCheckpoints);
  ASSERT_TRUE(coordinator.Open().ok());
  // 1 <- 2 <- 3, 1 <- 4, 5, 5 <- 6 <- 7
  for (const char* base : {"", "00000001", "00000002", "00000001", "", "00000005", "00000006"}) {
    ASSERT_TRUE(CutDelta(&coordinator, base).ok());
  }
  ASSERT_TRUE(coordinator.Retain(1, {"00000004"}).ok());
  EXPECT_THAT(files.List(kCheckpoints).value(),
              ElementsAre("00000001", "00000004", "00000005", "00000006", "00000007", "CURRENT"));
  ASSERT_TRUE(coordinator.Retain(1, {}).ok());
  EXPECT_THAT(files.List(kCheckpoints).value(),
              ElementsAre("00000005", "00000006", "00000007", "CURRENT"));
  ASSERT_TRUE(CutDelta(&coordinator, "").ok());
  ASSERT_TRUE(coordinator.Retain(2, {}).ok());
  EXPECT_THAT(files.List(kCheckpoints).value(),
              ElementsAre("00000005", "00000006", "00000007", "00000008", "CURRENT"));
  ASSERT_TRUE(coordinator.Retain(1, {}).ok());
  EXPECT_THAT(files.List(kCheckpoints).value(), ElementsAre("00000008", "CURRENT"));
}

TEST(CheckpointCoordinator, NothingIsRemovedWhenAChainCannotBeFollowed) {
  MemoryFileSystem files;
  CheckpointCoordinator coordinator(&files, kCheckpoints);
  ASSERT_TRUE(coordinator.Open().ok());
  for (const char* base : {"", "00000001", "00000002"}) {
    ASSERT_TRUE(CutDelta(&coordinator, base).ok());
  }
  const std::string path = "run/checkpoints/00000002/MANIFEST.json";
  ASSERT_TRUE(files.FlipBit(path, 80).ok());
  EXPECT_THAT(coordinator.Retain(1, {}).message(), ::testing::StartsWith(path));
  EXPECT_THAT(files.List(kCheckpoints).value(),
              ElementsAre("00000001", "00000002", "00000003", "CURRENT"));
}

// The name of each checkpoint that has one, and what it adds to, are there.
void ExpectWholeChains(FileSystem& files) {
  const std::vector<std::string> names = files.List(kCheckpoints).value();
  for (const std::string& name : names) {
    if (!CheckpointNumber(name).has_value()) continue;
    const std::string path = JoinPath(JoinPath(kCheckpoints, name), kManifestName);
    const auto text = ReadWholeFile(files, path, 1U << 20U);
    ASSERT_TRUE(text.ok()) << text.status().ToString();
    const auto manifest = ManifestFromJson(*text, path);
    ASSERT_TRUE(manifest.ok()) << manifest.status().ToString();
    EXPECT_TRUE(manifest->base.empty() || std::ranges::count(names, manifest->base) == 1)
        << name << " adds to " << manifest->base;
  }
}

// The power goes at each call of Retain in turn.
TEST(CheckpointCoordinator, ACrashWhileRetainingBreaksNoChain) {
  for (const CrashNames crash : {CrashNames::kOnlySynced, CrashNames::kAll}) {
    for (std::uint64_t call = 1;; ++call) {
      SCOPED_TRACE(StrCat("the power goes at call ", call));
      MemoryFileSystem files;
      MakeRun(&files);
      CheckpointCoordinator coordinator(&files, kCheckpoints);
      ASSERT_TRUE(coordinator.Open().ok());
      // 1 <- 2 <- 3, 4 <- 5
      for (const char* base : {"", "00000001", "00000002", "", "00000004"}) {
        ASSERT_TRUE(CutDelta(&coordinator, base).ok());
      }
      files.StopAt(call);
      const Status retained = coordinator.Retain(1, {});
      files.Crash(crash);
      ExpectWholeChains(files);
      CheckpointCoordinator next(&files, kCheckpoints);
      ASSERT_TRUE(next.Open().ok());
      ASSERT_TRUE(next.Retain(1, {}).ok());
      EXPECT_THAT(files.List(kCheckpoints).value(), ElementsAre("00000004", "00000005", "CURRENT"));
      if (retained.ok()) break;
      ASSERT_LT(call, 200U);
    }
  }
}

TEST(CheckpointCoordinator, OpenRemovesLeftoversAndContinuesTheNumbering) {
  MemoryFileSystem files;
  for (const char* name : {"00000007", "00000009.tmp", "8", "notes"}) {
    ASSERT_TRUE(files.MakeDirectory(JoinPath(kCheckpoints, name)).ok());
  }
  CheckpointCoordinator coordinator(&files, kCheckpoints);
  ASSERT_TRUE(coordinator.Open().ok());
  EXPECT_THAT(files.List(kCheckpoints).value(), ElementsAre("00000007", "8", "notes"));
  EXPECT_EQ(coordinator.Begin().value(), "run/checkpoints/00000008.tmp");
  ASSERT_TRUE(coordinator.Retain(0, {}).ok());  // what is not a checkpoint stays
  EXPECT_THAT(files.List(kCheckpoints).value(), ElementsAre("00000008.tmp", "8", "notes"));
}

TEST(CheckpointCoordinator, APublishedCheckpointOutlivesAPowerCutWithItsNewRunDirectory) {
  MemoryFileSystem files;
  const std::string checkpoints = "runs/today/first/checkpoints";
  ASSERT_TRUE(files.MakeDirectory("runs/today/first").ok());  // nobody synced its parents
  CheckpointCoordinator coordinator(&files, checkpoints);
  ASSERT_TRUE(coordinator.Open().ok());
  ASSERT_TRUE(Cut(files, &coordinator, 1).ok());
  files.Crash(CrashNames::kOnlySynced);
  EXPECT_TRUE(files.Exists(JoinPath(checkpoints, kCurrentName)));
  EXPECT_TRUE(files.Exists(JoinPath(checkpoints, "00000001/MANIFEST.json")));
}

// The power goes at each call in turn, from Open() to the end of the second checkpoint.
TEST(CheckpointCoordinator, ACrashAnywhereLeavesTheOldOrTheNewOneCurrentAndWhole) {
  std::uint64_t old_seen = 0;
  std::uint64_t new_seen = 0;
  for (const CrashNames names : {CrashNames::kOnlySynced, CrashNames::kAll}) {
    for (std::uint64_t call = 1;; ++call) {
      SCOPED_TRACE(StrCat("the power goes at call ", call));
      MemoryFileSystem files;
      MakeRun(&files);
      CheckpointCoordinator first(&files, kCheckpoints);
      ASSERT_TRUE(first.Open().ok());
      ASSERT_TRUE(Cut(files, &first, 1).ok());
      files.StopAt(call);
      const Status cut = Cut(files, &first, 2);
      files.Crash(names);
      const std::uint64_t found = WholeCurrent(files);
      ASSERT_TRUE(found == 1 || found == 2) << found;
      ++(found == 1 ? old_seen : new_seen);

      CheckpointCoordinator next(&files, kCheckpoints);
      ASSERT_TRUE(next.Open().ok());
      const std::vector<std::string> left = files.List(kCheckpoints).value();
      for (const std::string& name : left) {
        EXPECT_FALSE(name.ends_with(".tmp") && name != "CURRENT.tmp") << name;
      }
      EXPECT_EQ(WholeCurrent(files), found);
      ASSERT_TRUE(Cut(files, &next, 3).ok());
      EXPECT_EQ(WholeCurrent(files), 3U);
      if (cut.ok()) break;
      ASSERT_LT(call, 200U);
    }
  }
  EXPECT_GT(old_seen, 10U);
  EXPECT_GT(new_seen, 2U);
}

TEST(CheckpointCoordinator, TheVeryFirstCheckpointSurvivesACrash) {
  MemoryFileSystem files;
  MakeRun(&files);
  CheckpointCoordinator coordinator(&files, kCheckpoints);
  ASSERT_TRUE(coordinator.Open().ok());
  ASSERT_TRUE(Cut(files, &coordinator, 5).ok());
  files.Crash();
  EXPECT_EQ(WholeCurrent(files), 5U);
}

TEST(CheckpointCoordinator, AFailingDiskIsReportedAndTheOldOneStays) {
  for (std::uint64_t call = 1;; ++call) {
    SCOPED_TRACE(StrCat("call ", call, " fails"));
    MemoryFileSystem files;
    CheckpointCoordinator coordinator(&files, kCheckpoints);
    ASSERT_TRUE(coordinator.Open().ok());
    ASSERT_TRUE(Cut(files, &coordinator, 1).ok());
    files.FailAt(call);
    const Status cut = Cut(files, &coordinator, 2);
    if (cut.ok()) break;
    EXPECT_EQ(cut.code(), Code::kIo);
    EXPECT_THAT(cut.message(), ::testing::HasSubstr("run/checkpoints"));
    EXPECT_NE(WholeCurrent(files), 0U);
    ASSERT_TRUE(Cut(files, &coordinator, 3).ok());
    EXPECT_EQ(WholeCurrent(files), 3U);
    ASSERT_LT(call, 200U);
  }
}

}  // namespace
}  // namespace rookery
