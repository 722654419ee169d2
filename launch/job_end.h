// JobEnd: why a job under mpirun ended, from what mpirun and its ranks said. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "launch/child_process.h"
#include "protocol/verbs.h"

namespace rookery {

enum class EndKind : std::uint8_t {
  kDone,
  kStopped,      // by a signal to us, without a checkpoint
  kInput,        // the user's mistake
  kRankDied,     // by a signal
  kOutOfMemory,  // by SIGKILL, and the system counted an out-of-memory kill
  kRankSilent,   // no heartbeat
  kRankFailed,   // it gave up and said why
  kHostLost,
  kUnknown,
};
[[nodiscard]] std::string_view EndKindName(EndKind kind);  // "rank died"

struct JobEnd {
  EndKind kind = EndKind::kUnknown;
  int exit_code = 0;                  // launch/exit_code.h
  std::optional<std::uint32_t> rank;  // the one that ended first
  std::string host;                   // of it; "": not known
  std::string what;                   // "rank 2 (server 1) on node-a ended on signal 9 (Killed)"
  // A user's mistake or wish and a reached limit would only come again.
  [[nodiscard]] bool WorthARestart() const;
};

struct EndEvidence {
  int user_signal = 0;                       // that came to us
  bool out_of_memory = false;                // the system killed something for memory meanwhile
  std::optional<ClusterShape> cluster = {};  // to name roles
};
[[nodiscard]] JobEnd WhyEnded(const ChildResult& result, const EndEvidence& evidence);

// Kills by the out-of-memory killer so far, of this host; 0 where it cannot be read.
[[nodiscard]] std::uint64_t OutOfMemoryKills();

}  // namespace rookery
