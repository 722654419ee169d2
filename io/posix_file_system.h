// PosixFileSystem: FileSystem on the operating system's files.
//
// Append() is one write, unbuffered: callers gather small pieces themselves (CreateUncached()
// does). After a failed Append or Sync the state on disk is unknown, so every later call on that
// file returns the same error. Threads and errors as in io/file_system.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/file_system.h"

namespace rookery {

class PosixFileSystem final : public FileSystem {
 public:
  StatusOr<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) override;
  StatusOr<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> CreateUncached(const std::string& path) override;
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
};

}  // namespace rookery
