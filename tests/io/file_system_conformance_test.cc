// One suite over every FileSystem.
#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_system.h"
#include "io/memory_file_system.h"
#include "io/posix_file_system.h"

namespace rookery {
namespace {

struct Implementation {
  std::string name;
  std::function<std::unique_ptr<FileSystem>()> make;
};

std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

class FileSystemConformance : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    root_ = StrCat(testing::TempDir(), "rookery_files_", getpid());
    std::filesystem::remove_all(root_);
    ASSERT_TRUE(files_->MakeDirectory(root_).ok());
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string At(std::string_view name) const { return JoinPath(root_, name); }
  void Write(const std::string& path, std::string_view content) {
    auto file = files_->Create(path);
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    ASSERT_TRUE((*file)->Append(Bytes(content)).ok());
    ASSERT_TRUE((*file)->Close().ok());
  }
  std::string Content(const std::string& path) {
    auto content = ReadWholeFile(*files_, path, 1000);
    return content.ok() ? *content : content.status().ToString();
  }

  std::unique_ptr<FileSystem> files_ = GetParam().make();
  std::string root_;
};

TEST_P(FileSystemConformance, WhatWasAppendedIsRead) {
  auto file = files_->Create(At("a"));
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE((*file)->Append(Bytes("one ")).ok());
  EXPECT_TRUE((*file)->Append({}).ok());
  EXPECT_TRUE((*file)->Append(Bytes("two")).ok());
  EXPECT_TRUE((*file)->Sync().ok());
  EXPECT_TRUE((*file)->Close().ok());
  EXPECT_EQ(Content(At("a")), "one two");
  EXPECT_EQ(*files_->FileSize(At("a")), 7U);
}

// Whole pieces and an end, then more after a sync, as of a file that never was whole pieces.
TEST_P(FileSystemConformance, AnUncachedFileHasWhatWasAppended) {
  std::string content;
  auto file = files_->CreateUncached(At("a"));
  for (const std::size_t size : {1U, 70'000U, 3'000'001U, 0U, 4096U, 1U << 20U, 13U, 2'000'000U}) {
    const std::string piece(size, static_cast<char>('a' + size % 26));
    ASSERT_TRUE((*file)->Append(Bytes(piece)).ok());
    content += piece;
    if (size != 4096) continue;
    ASSERT_TRUE((*file)->Sync().ok());
    EXPECT_EQ(*files_->FileSize(At("a")), content.size());
  }
  ASSERT_TRUE((*file)->Close().ok());
  EXPECT_FALSE((*file)->Append(Bytes("x")).ok());
  EXPECT_TRUE(*ReadWholeFile(*files_, At("a"), 10'000'000) == content);
  EXPECT_FALSE(files_->CreateUncached(At("nowhere/a")).ok());
}

TEST_P(FileSystemConformance, CreateTruncatesAndOpenAppendKeeps) {
  Write(At("a"), "a long content");
  Write(At("a"), "ab");
  EXPECT_EQ(Content(At("a")), "ab");
  for (const char* name : {"a", "new"}) {
    auto file = files_->OpenAppend(At(name));
    ASSERT_TRUE(file.ok());
    EXPECT_TRUE((*file)->Append(Bytes("cd")).ok());
  }
  EXPECT_EQ(Content(At("a")), "abcd");
  EXPECT_EQ(Content(At("new")), "cd");
}

TEST_P(FileSystemConformance, ClosedFileRefuses) {
  auto file = files_->Create(At("a"));
  ASSERT_TRUE((*file)->Close().ok());
  EXPECT_EQ((*file)->Append(Bytes("x")).code(), Code::kIo);
  EXPECT_EQ((*file)->Sync().code(), Code::kIo);
  EXPECT_EQ((*file)->Close().code(), Code::kIo);
  EXPECT_EQ(Content(At("a")), "");
}

TEST_P(FileSystemConformance, SequentialReadEndsWithZero) {
  Write(At("a"), "12345");
  auto file = files_->OpenSequential(At("a"));
  ASSERT_TRUE(file.ok());
  std::array<std::byte, 3> room{};
  EXPECT_EQ(*(*file)->Read(room), 3U);
  EXPECT_EQ(*(*file)->Read(room), 2U);
  EXPECT_EQ(room[1], std::byte{'5'});
  EXPECT_EQ(*(*file)->Read(room), 0U);
  EXPECT_EQ(*(*file)->Read(room), 0U);
}

TEST_P(FileSystemConformance, ReadAtIsExactOrCorrupt) {
  Write(At("a"), "0123456789");
  auto file = files_->OpenRandomAccess(At("a"));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ((*file)->size(), 10U);
  std::array<std::byte, 4> room{};
  ASSERT_TRUE((*file)->ReadAt(6, room).ok());
  EXPECT_EQ(room[0], std::byte{'6'});
  EXPECT_EQ(room[3], std::byte{'9'});
  EXPECT_TRUE((*file)->ReadAt(10, {}).ok());
  for (const std::uint64_t offset : {std::uint64_t{7}, std::uint64_t{11}, ~std::uint64_t{1}}) {
    const Status status = (*file)->ReadAt(offset, room);
    EXPECT_EQ(status.code(), Code::kCorrupt) << offset;
    EXPECT_NE(status.message().find(StrCat(At("a"), ": ends before the 4 bytes at byte ", offset)),
              std::string::npos)
        << status.message();
  }
}

TEST_P(FileSystemConformance, AbsentIsNotFoundAndNamesThePath) {
  const std::string path = At("no/such");
  const Status statuses[] = {files_->OpenSequential(path).status(),
                             files_->OpenRandomAccess(path).status(),
                             files_->Create(path).status(),
                             files_->OpenAppend(path).status(),
                             files_->FileSize(path).status(),
                             files_->List(path).status(),
                             files_->Rename(path, At("b")),
                             files_->Remove(path),
                             files_->SyncDirectory(path)};
  for (const Status& status : statuses) {
    EXPECT_EQ(status.code(), Code::kNotFound) << status.ToString();
    EXPECT_EQ(status.message().find(path + ": cannot "), 0U) << status.message();
    EXPECT_NE(status.message().find("No such file or directory"), std::string::npos);
  }
  EXPECT_FALSE(files_->Exists(path));
  EXPECT_TRUE(files_->RemoveTree(path).ok());
}

TEST_P(FileSystemConformance, DirectoryIsNotAFile) {
  ASSERT_TRUE(files_->MakeDirectory(At("d")).ok());
  for (const Status& status :
       {files_->OpenSequential(At("d")).status(), files_->OpenRandomAccess(At("d")).status(),
        files_->Create(At("d")).status(), files_->OpenAppend(At("d")).status(),
        files_->FileSize(At("d")).status(), files_->Remove(At("d"))}) {
    EXPECT_EQ(status.code(), Code::kInvalidInput) << status.ToString();
  }
  EXPECT_TRUE(files_->Exists(At("d")));
}

TEST_P(FileSystemConformance, MakeDirectoryWithParentsOnceOrTwice) {
  EXPECT_TRUE(files_->MakeDirectory(At("x/y/z")).ok());
  EXPECT_TRUE(files_->MakeDirectory(At("x/y/z/")).ok());
  Write(At("x/y/z/f"), "1");
  EXPECT_TRUE(files_->MakeDirectory(At("x/y")).ok());
  EXPECT_EQ(Content(At("x/y/../y/./z/f")), "1");
  EXPECT_EQ(files_->MakeDirectory(At("x/y/z/f/g")).code(), Code::kIo);
  EXPECT_EQ(files_->MakeDirectory(At("x/y/z/f")).code(), Code::kIo);
}

TEST_P(FileSystemConformance, ListIsSortedNames) {
  for (const char* name : {"b", "a", ".hidden", "c"}) Write(At(name), "");
  ASSERT_TRUE(files_->MakeDirectory(At("B/inner")).ok());
  EXPECT_EQ(*files_->List(root_), (std::vector<std::string>{".hidden", "B", "a", "b", "c"}));
  EXPECT_EQ(files_->List(At("a")).status().code(), Code::kIo);
}

TEST_P(FileSystemConformance, GlobMatchesInsideComponents) {
  ASSERT_TRUE(files_->MakeDirectory(At("day1")).ok());
  ASSERT_TRUE(files_->MakeDirectory(At("day2")).ok());
  for (const char* name : {"day1/part-2", "day1/part-1", "day2/part-3", "day2/other",
                           "day2/.part-4", "part[1]", "p1"}) {
    Write(At(name), "");
  }
  using Paths = std::vector<std::string>;
  EXPECT_EQ(*files_->Glob(At("day*/part-?")),
            (Paths{At("day1/part-1"), At("day1/part-2"), At("day2/part-3")}));
  EXPECT_EQ(*files_->Glob(At("day[2-9]/*")), (Paths{At("day2/other"), At("day2/part-3")}));
  EXPECT_EQ(*files_->Glob(At("*/other")), (Paths{At("day2/other")}));
  EXPECT_EQ(*files_->Glob(At("p1/*")), Paths{});
  EXPECT_EQ(*files_->Glob(At("*/no*")), Paths{});
  EXPECT_EQ(*files_->Glob(At("p1")), Paths{At("p1")});
  EXPECT_EQ(*files_->Glob(At("p2")), Paths{});
  EXPECT_EQ(*files_->Glob(At("part[1]")), Paths{At("part[1]")});
}

TEST_P(FileSystemConformance, RenameReplacesAFile) {
  Write(At("from"), "new");
  Write(At("to"), "old");
  auto reader = files_->OpenSequential(At("to"));
  ASSERT_TRUE(files_->Rename(At("from"), At("to")).ok());
  EXPECT_FALSE(files_->Exists(At("from")));
  EXPECT_EQ(Content(At("to")), "new");
  std::array<std::byte, 3> room{};  // an open file stays what it was
  ASSERT_EQ(*(*reader)->Read(room), 3U);
  EXPECT_EQ(room[0], std::byte{'o'});
  EXPECT_TRUE(files_->Rename(At("to"), At("to")).ok());
  EXPECT_EQ(Content(At("to")), "new");
}

TEST_P(FileSystemConformance, RenameMovesADirectoryButNotIntoItselfOrOverOthers) {
  ASSERT_TRUE(files_->MakeDirectory(At("d.tmp/e")).ok());
  ASSERT_TRUE(files_->MakeDirectory(At("empty")).ok());
  Write(At("d.tmp/e/f"), "1");
  Write(At("file"), "2");
  EXPECT_EQ(files_->Rename(At("d.tmp"), At("d.tmp/e/g")).code(), Code::kIo);
  EXPECT_EQ(files_->Rename(At("d.tmp"), At("file")).code(), Code::kIo);
  EXPECT_EQ(files_->Rename(At("file"), At("d.tmp")).code(), Code::kInvalidInput);
  EXPECT_EQ(files_->Rename(At("empty"), At("d.tmp")).code(), Code::kIo);
  EXPECT_TRUE(files_->Rename(At("d.tmp"), At("empty")).ok());
  EXPECT_EQ(Content(At("empty/e/f")), "1");
  EXPECT_FALSE(files_->Exists(At("d.tmp")));
}

TEST_P(FileSystemConformance, RemoveAndRemoveTree) {
  ASSERT_TRUE(files_->MakeDirectory(At("d/e")).ok());
  Write(At("d/e/f"), "1");
  Write(At("g"), "2");
  EXPECT_TRUE(files_->Remove(At("g")).ok());
  EXPECT_TRUE(files_->RemoveTree(At("d")).ok());
  EXPECT_EQ(*files_->List(root_), std::vector<std::string>{});
}

TEST_P(FileSystemConformance, ReadWholeFileHasALimit) {
  Write(At("a"), "12345");
  EXPECT_EQ(*ReadWholeFile(*files_, At("a"), 5), "12345");
  const Status status = ReadWholeFile(*files_, At("a"), 4).status();
  EXPECT_EQ(status.code(), Code::kExhausted);
  EXPECT_EQ(status.message(), At("a") + ": larger than the limit of 4 bytes");
}

TEST_P(FileSystemConformance, WriteFileAtomicallyReplacesAndLeavesNothingElse) {
  ASSERT_TRUE(WriteFileAtomically(*files_, At("a"), "one").ok());
  ASSERT_TRUE(WriteFileAtomically(*files_, At("a"), "").ok());
  ASSERT_TRUE(WriteFileAtomically(*files_, At("a"), "three").ok());
  EXPECT_EQ(Content(At("a")), "three");
  EXPECT_EQ(*files_->List(root_), std::vector<std::string>{"a"});
  ASSERT_TRUE(files_->MakeDirectory(At("d")).ok());
  EXPECT_EQ(WriteFileAtomically(*files_, At("d"), "x").code(), Code::kInvalidInput);
  EXPECT_EQ(*files_->List(root_), (std::vector<std::string>{"a", "d"}));
}

INSTANTIATE_TEST_SUITE_P(
    All, FileSystemConformance,
    testing::Values(Implementation{"Posix", [] { return std::make_unique<PosixFileSystem>(); }},
                    Implementation{"Memory", [] { return std::make_unique<MemoryFileSystem>(); }}),
    [](const auto& info) { return info.param.name; });

TEST(Paths, JoinAndDirectoryOf) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(JoinPath("/", "b"), "/b");
  EXPECT_EQ(DirectoryOf("a/b/c"), "a/b");
  EXPECT_EQ(DirectoryOf("a/b/"), "a");
  EXPECT_EQ(DirectoryOf("a"), ".");
  EXPECT_EQ(DirectoryOf("/a"), "/");
  EXPECT_EQ(DirectoryOf("/"), "/");
}

TEST(PosixFileSystemTest, ReadsAPipeOfUnknownSize) {
  PosixFileSystem files;
  EXPECT_EQ(*ReadWholeFile(files, "/dev/null", 10), "");
  const auto status = ReadWholeFile(files, "/proc/self/maps", 10).status();
  EXPECT_EQ(status.code(), Code::kExhausted) << "its size says 0";
  EXPECT_GT(ReadWholeFile(files, "/proc/self/maps", 1 << 24)->size(), 100U);
}

TEST(PosixFileSystemTest, AFullDiskIsAnErrorThatStays) {
  PosixFileSystem files;
  if (!files.Exists("/dev/full")) GTEST_SKIP() << "/dev/full absent";
  auto file = files.OpenAppend("/dev/full");
  ASSERT_TRUE(file.ok());
  const Status status = (*file)->Append(Bytes("x"));
  EXPECT_EQ(status.ToString(), "i/o error: /dev/full: cannot write: No space left on device");
  EXPECT_EQ((*file)->Sync().message(), status.message());
  EXPECT_EQ((*file)->Close().message(), status.message());
}

}  // namespace
}  // namespace rookery
