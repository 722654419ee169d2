// NewDirectory: a directory that is there when it is complete, and not before.
//
// Owner    `files` outlives it. Threads: none.
// Errors   kInvalidInput for one that exists. What is written before Publish stays, as PATH.tmp,
// until
//          the next Make of the same path.
#pragma once

#include <string>

#include "common/error.h"
#include "io/file_system.h"

namespace rookery {

class NewDirectory {
 public:
  [[nodiscard]] static StatusOr<NewDirectory> Make(FileSystem& files, const std::string& target);
  // Where to write.
  [[nodiscard]] const std::string& path() const { return path_; }
  // REQUIRES: what is in it is synced and closed.
  [[nodiscard]] Status Publish() const;

 private:
  NewDirectory(FileSystem* files, const std::string& target)
      : files_(files), target_(target), path_(target + ".tmp") {}

  FileSystem* files_;
  std::string target_;
  std::string path_;
};

}  // namespace rookery
