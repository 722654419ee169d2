// The crash contract of io/file_system.h, and the faults that tests of others rely on.
#include "io/memory_file_system.h"

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rookery {
namespace {

std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string Content(MemoryFileSystem& files, const std::string& path) {
  auto content = ReadWholeFile(files, path, 1000);
  return content.ok() ? *content : StrCat("<", CodeName(content.status().code()), ">");
}

TEST(Crash, KeepsSyncedBytesOfSyncedNames) {
  MemoryFileSystem files;
  auto file = files.Create("a");
  ASSERT_TRUE((*file)->Append(Bytes("synced")).ok());
  ASSERT_TRUE((*file)->Sync().ok());
  ASSERT_TRUE(files.SyncDirectory(".").ok());
  ASSERT_TRUE((*file)->Append(Bytes(" lost")).ok());
  auto other = files.Create("b");
  ASSERT_TRUE((*other)->Append(Bytes("x")).ok());
  ASSERT_TRUE((*other)->Sync().ok());
  EXPECT_EQ(Content(files, "a"), "synced lost");
  files.Crash();
  EXPECT_EQ(Content(files, "a"), "synced");
  EXPECT_EQ(Content(files, "b"), "<not found>");
}

TEST(Crash, NamesMayArriveBeforeBytes) {
  MemoryFileSystem files;
  ASSERT_TRUE((*files.Create("a"))->Append(Bytes("unsynced")).ok());
  ASSERT_TRUE(files.Rename("a", "b").ok());
  files.Crash(CrashNames::kAll);
  EXPECT_EQ(Content(files, "a"), "<not found>");
  EXPECT_EQ(Content(files, "b"), "");
}

TEST(Crash, UndoesUnsyncedRenameRemoveAndTruncation) {
  MemoryFileSystem files;
  for (const char* path : {"renamed", "removed", "truncated"}) {
    ASSERT_TRUE(WriteFileAtomically(files, path, path).ok());
  }
  ASSERT_TRUE(files.Rename("renamed", "other").ok());
  ASSERT_TRUE(files.Remove("removed").ok());
  ASSERT_TRUE((*files.Create("truncated"))->Append(Bytes("t")).ok());
  files.Crash();
  for (const char* path : {"renamed", "removed", "truncated"}) {
    EXPECT_EQ(Content(files, path), path);
  }
  EXPECT_FALSE(files.Exists("other"));
}

TEST(Crash, TruncationIsDurableOnceSynced) {
  MemoryFileSystem files;
  ASSERT_TRUE(WriteFileAtomically(files, "a", "a long old content").ok());
  auto file = files.Create("a");
  ASSERT_TRUE((*file)->Append(Bytes("new")).ok());
  ASSERT_TRUE((*file)->Sync().ok());
  files.Crash();
  EXPECT_EQ(Content(files, "a"), "new");
}

TEST(Crash, ANewDirectoryIsANameInItsParent) {
  MemoryFileSystem files;
  ASSERT_TRUE(files.MakeDirectory("d").ok());
  ASSERT_TRUE(WriteFileAtomically(files, "d/a", "1").ok());
  files.Crash();
  EXPECT_FALSE(files.Exists("d"));

  ASSERT_TRUE(files.MakeDirectory("d.tmp").ok());
  ASSERT_TRUE(WriteFileAtomically(files, "d.tmp/a", "1").ok());
  ASSERT_TRUE(files.Rename("d.tmp", "d").ok());
  ASSERT_TRUE(files.SyncDirectory(".").ok());
  files.Crash();
  EXPECT_EQ(Content(files, "d/a"), "1");
  EXPECT_FALSE(files.Exists("d.tmp"));
}

TEST(Crash, OpenFilesDie) {
  MemoryFileSystem files;
  ASSERT_TRUE(WriteFileAtomically(files, "a", "old").ok());
  auto writer = files.OpenAppend("a");
  auto reader = files.OpenSequential("a");
  files.Crash();
  EXPECT_EQ((*writer)->Append(Bytes("x")).code(), Code::kIo);
  EXPECT_EQ((*writer)->Sync().code(), Code::kIo);
  std::byte room{};
  EXPECT_EQ((*reader)->Read({&room, 1}).status().code(), Code::kIo);
  EXPECT_EQ(Content(files, "a"), "old");
}

TEST(Faults, FailAtFailsOneCallAndStopAtAllThatFollow) {
  MemoryFileSystem files;
  files.FailAt(2);
  EXPECT_TRUE(files.MakeDirectory("a").ok());
  const Status status = files.MakeDirectory("b");
  EXPECT_EQ(status.code(), Code::kIo);
  EXPECT_EQ(status.message(), "b: cannot make the directory: the test's disk fails at call 2");
  EXPECT_FALSE(files.Exists("b"));
  EXPECT_TRUE(files.MakeDirectory("b").ok());
  EXPECT_EQ(files.calls(), 3U);
  files.StopAt(1);
  EXPECT_FALSE(files.MakeDirectory("c").ok());
  EXPECT_FALSE(files.MakeDirectory("c").ok());
  files.Crash();
  EXPECT_TRUE(files.MakeDirectory("c").ok());
}

TEST(Faults, AFailingAppendIsTornAndSticky) {
  MemoryFileSystem files;
  auto file = files.Create("a");
  files.FailAt(1);
  EXPECT_EQ((*file)->Append(Bytes("12345678")).code(), Code::kIo);
  EXPECT_EQ((*file)->Append(Bytes("9")).code(), Code::kIo);
  EXPECT_EQ((*file)->Sync().code(), Code::kIo);
  EXPECT_EQ(Content(files, "a"), "1234");
}

TEST(Faults, FlipBitReachesTheDisk) {
  MemoryFileSystem files;
  ASSERT_TRUE(WriteFileAtomically(files, "a", "AAA").ok());
  ASSERT_TRUE(files.FlipBit("a", 9).ok());
  EXPECT_EQ(Content(files, "a"), "ACA");
  files.Crash();
  EXPECT_EQ(Content(files, "a"), "ACA");
  EXPECT_EQ(files.FlipBit("a", 24).code(), Code::kIo);
}

// The disk stops or fails at each call in turn; afterwards the old or the new content is there,
// whole.
TEST(WriteFileAtomically, OldOrNewContentAtEveryCall) {
  for (const CrashNames names : {CrashNames::kOnlySynced, CrashNames::kAll}) {
    for (const bool power_is_gone : {false, true}) {
      bool done = false;
      std::uint64_t call = 0;
      while (!done) {
        SCOPED_TRACE(StrCat("call ", ++call, ", power is gone: ", power_is_gone));
        ASSERT_LT(call, 20U);
        MemoryFileSystem files;
        ASSERT_TRUE(WriteFileAtomically(files, "a", "the old").ok());
        power_is_gone ? files.StopAt(call) : files.FailAt(call);
        done = WriteFileAtomically(files, "a", "the new one").ok();
        files.Crash(names);
        const std::string content = Content(files, "a");
        if (done) {
          EXPECT_EQ(content, "the new one");
        } else {
          EXPECT_TRUE(content == "the old" || content == "the new one") << content;
        }
        EXPECT_TRUE(WriteFileAtomically(files, "a", "again").ok());
        EXPECT_EQ(Content(files, "a"), "again");
      }
      EXPECT_EQ(call, 7U) << "create, append, sync, close, rename, sync directory can fail";
    }
  }
}

}  // namespace
}  // namespace rookery
