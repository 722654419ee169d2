// FileSystem: the only door to disk (seam 2 of 3).
//
// Crash contract: after a crash a file has at least the bytes that Sync() acknowledged; a name made
// by Rename() or Create survives only once SyncDirectory() of its directory returned. So the way to
// publish is: write, Sync, Close, Rename, SyncDirectory.
//
// Owner    made by the composition root; outlives its files. Open files are owned by the caller.
// Threads  a FileSystem may be used by any thread; one open file by one thread at a time
//          (RandomAccessFile::ReadAt by many).
// Errors   every message names the path and the operating system's reason. kNotFound is told apart.
// Implementations: io/posix_file_system, io/memory_file_system; one conformance suite runs both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace rookery {

class SequentialFile {
 public:
  virtual ~SequentialFile() = default;
  // Up to bytes.size() bytes; 0 only at the end of the file.
  [[nodiscard]] virtual StatusOr<std::size_t> Read(std::span<std::byte> bytes) = 0;
};

class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  // Exactly bytes.size() bytes at `offset`; kCorrupt when the file ends before.
  [[nodiscard]] virtual Status ReadAt(std::uint64_t offset, std::span<std::byte> bytes) const = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
};

class WritableFile {
 public:
  virtual ~WritableFile() = default;  // closes without a sync; what was held back is lost
  [[nodiscard]] virtual Status Append(std::span<const std::byte> bytes) = 0;
  [[nodiscard]] virtual Status Sync() = 0;
  [[nodiscard]] virtual Status Close() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  [[nodiscard]] virtual StatusOr<std::unique_ptr<SequentialFile>> OpenSequential(
      const std::string& path) = 0;
  [[nodiscard]] virtual StatusOr<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(
      const std::string& path) = 0;
  // Truncates an existing file.
  [[nodiscard]] virtual StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) = 0;
  // The same, for large files that nobody reads soon: where the system can, their bytes go past its
  // cache, which would cost time and push others out. Some are held back until Sync() or Close().
  [[nodiscard]] virtual StatusOr<std::unique_ptr<WritableFile>> CreateUncached(
      const std::string& path) {
    return Create(path);
  }
  // Creates the file when it is absent.
  [[nodiscard]] virtual StatusOr<std::unique_ptr<WritableFile>> OpenAppend(
      const std::string& path) = 0;

  [[nodiscard]] virtual StatusOr<std::uint64_t> FileSize(const std::string& path) = 0;
  [[nodiscard]] virtual bool Exists(const std::string& path) = 0;
  // Names (not paths) in sorted order.
  [[nodiscard]] virtual StatusOr<std::vector<std::string>> List(const std::string& directory) = 0;
  // Paths that match a shell pattern (* ? [..]) in sorted order; a pattern without a wildcard is
  // returned as it is when it exists. Empty when nothing matches.
  [[nodiscard]] virtual StatusOr<std::vector<std::string>> Glob(const std::string& pattern) = 0;

  // With parents; an existing directory is fine.
  [[nodiscard]] virtual Status MakeDirectory(const std::string& path) = 0;
  [[nodiscard]] virtual Status Rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Status Remove(const std::string& path) = 0;
  // A directory with all that is in it; an absent one is fine.
  [[nodiscard]] virtual Status RemoveTree(const std::string& path) = 0;
  [[nodiscard]] virtual Status SyncDirectory(const std::string& path) = 0;
};

// "a/b" from "a" and "b"; "b" when a is empty.
[[nodiscard]] std::string JoinPath(std::string_view directory, std::string_view name);
[[nodiscard]] std::string DirectoryOf(std::string_view path);

// The whole file; kExhausted when it is larger than bytes_max.
[[nodiscard]] StatusOr<std::string> ReadWholeFile(FileSystem& files, const std::string& path,
                                                  std::uint64_t bytes_max);
// Write path.tmp, sync, rename to path, sync the directory: readers see the old or the new file.
[[nodiscard]] Status WriteFileAtomically(FileSystem& files, const std::string& path,
                                         std::string_view content);

}  // namespace rookery
