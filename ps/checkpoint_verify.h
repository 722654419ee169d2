// CheckpointVerifier: what is wrong with checkpoints, as far as anything that reads them could
// find.
//
// Every byte of every file is read and compared with its checksum; every row is decoded, so that
// keys out of place and numbers that are not finite are found. A damaged rows file is looked
// through for the first block that is bad. A file that several deltas need is read once.
//
// Owner    the caller. Threads: one. Memory: one bucket at a time.
// Errors   none: what cannot be read is damage.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"
#include "ps/checkpoint_reader.h"

namespace rookery {

struct CheckpointVerdict {
  std::string directory;
  // Of a checkpoint that can be opened.
  std::uint64_t step = 0;
  std::string base;
  std::uint64_t chain = 0;  // checkpoints, itself included; 0: it could not be opened
  std::uint64_t files = 0;  // of the chain
  std::uint64_t bytes = 0;
  std::vector<std::string> damage;  // each names a file and says where; empty: it is good

  [[nodiscard]] bool good() const { return damage.empty(); }
};

class CheckpointVerifier {
 public:
  explicit CheckpointVerifier(FileSystem* files) : files_(files) {}
  [[nodiscard]] CheckpointVerdict Verify(const std::string& directory);

 private:
  [[nodiscard]] Status VerifyFile(const CheckpointReader& reader,
                                  const CheckpointReader::File& file);

  FileSystem* const files_;
  std::map<std::string, Status> seen_;  // by path
};

}  // namespace rookery
