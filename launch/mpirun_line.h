// The mpirun line of `rookery launch`: which flags the installed Open MPI wants. Pure functions;
// what was seen of each flag is in docs/decisions and the comments of the .cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace rookery {

struct MpiVersion {
  int major = 0;
  int minor = 0;
};
// Of the output of `mpirun --version`: "mpirun (Open MPI) 4.1.4". Another MPI, or one older than
// 4.1, is kInvalidInput.
[[nodiscard]] StatusOr<MpiVersion> ParseMpiVersion(std::string_view output);

struct MpirunOptions {
  MpiVersion version;
  std::uint32_t ranks = 0;
  std::uint32_t visible_cpus = 0;
  bool root = false;
  std::string hostfile;   // empty: this host
  std::string interface;  // CIDR; empty: Open MPI decides
  bool tcp_only = false;
  bool restart = false;              // a stop file in the run directory is a wish, not a left-over
  std::vector<std::string> command;  // program and its arguments
};

struct MpirunLine {
  std::vector<std::string> environment;  // NAME=VALUE, besides the inherited ones
  std::vector<std::string> words;        // words[0] is "mpirun"

  // As one would type it into a shell.
  [[nodiscard]] std::string ToString() const;
};
[[nodiscard]] MpirunLine MakeMpirunLine(const MpirunOptions& options);

}  // namespace rookery
