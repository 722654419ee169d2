// MemoryFileSystem: FileSystem in memory for tests, as cruel as its contract allows.
//
// Crash()    forgets what the crash contract does not promise: bytes after the last Sync(), names
//            made, renamed or removed after the last SyncDirectory() of their directory (a new
//            directory is a name in its parent). Files open at that moment answer kIo from then on.
// FailAt(n)  the n-th call from now (1 = the next) fails with kIo and has no effect, except that a
//            failing Append leaves half of its bytes.
// StopAt(n)  the same, and so does every call after it until Crash(): the power is gone.
// A call is every method of the file system and its open files that returns a Status; calls()
// counts them. Names compare as in POSIX; "" and "." are the root, which always exists.
//
// Threads  any; one mutex guards everything. Outlives its open files.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "io/file_system.h"

namespace rookery {

// What a crash does to names that were not synced: both happen on real disks.
enum class CrashNames : std::uint8_t { kOnlySynced, kAll };

class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem();
  ~MemoryFileSystem() override;

  void Crash(CrashNames names = CrashNames::kOnlySynced);
  void FailAt(std::uint64_t call);
  void StopAt(std::uint64_t call);
  [[nodiscard]] std::uint64_t calls() const;
  // Bit `bit` % 8 of byte `bit` / 8, on disk and in the cache alike.
  [[nodiscard]] Status FlipBit(const std::string& path, std::uint64_t bit);

  StatusOr<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) override;
  StatusOr<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> OpenAppend(const std::string& path) override;
  StatusOr<std::uint64_t> FileSize(const std::string& path) override;
  bool Exists(const std::string& path) override;
  StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  StatusOr<std::vector<std::string>> Glob(const std::string& pattern) override;
  Status MakeDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status RemoveTree(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;

 private:
  struct Node;
  class OpenFile;
  class Reader;
  class RandomReader;
  class Writer;
  using NodePtr = std::shared_ptr<Node>;
  // Where a name lives: its directory (null when absent), and its own node (null when absent).
  struct Place {
    NodePtr directory;
    std::string name;
    NodePtr node;
  };

  // All below REQUIRE mutex_ held.
  Status BeginCall(std::string_view path, std::string_view action);
  [[nodiscard]] NodePtr Find(std::string_view path) const;
  [[nodiscard]] Place Locate(std::string_view path) const;
  StatusOr<NodePtr> FindFile(const std::string& path, std::string_view action) const;
  StatusOr<NodePtr> FindDirectory(const std::string& path, std::string_view action) const;
  StatusOr<NodePtr> FindOrMakeFile(const std::string& path, std::string_view action);

  mutable std::mutex mutex_;
  NodePtr root_;
  std::uint64_t calls_ = 0;
  std::uint64_t fail_at_ = 0;  // absolute; 0: never
  std::uint64_t stop_at_ = 0;
  std::uint64_t crashes_ = 0;  // a file opened before the last one is dead
};

}  // namespace rookery
