// Coverage: rare things that a batch of simulated jobs must have met, counted.
//
// Plain data, one thread. A point that no seed of a batch reaches is a hole in the simulation:
// tests/sim/simulation_test.cc refuses it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/error.h"

namespace rookery::sim {

enum class Point : std::uint8_t {
  kSchedulerDied,
  kServerDied,
  kWorkerDied,
  kDeathInCheckpoint,      // while files of a checkpoint were being written
  kDeathBesideCheckpoint,  // while they were being written and training went on
  kDeathBeforeCurrent,     // after a checkpoint's rename, before CURRENT names it
  kDeathWhileLoading,      // after a restart, before the first push
  kPowerCut,               // and only synced bytes and names were left
  kPowerCutKeepingNames,   // names were left, bytes only where synced
  kStartedOver,            // no checkpoint yet when the job was started again
  kResumed,                // from the newest checkpoint
  kResumedOlder,           // the newest one was damaged
  kResumedOtherShape,      // with another number of servers or workers
  kDuplicateRequest,       // the network delivered a request twice
  kRepeatedPush,           // a worker sent a push again
  kFrameDropped,
  kDeadlineEndedJob,
  kSilenceEndedJob,
  kPartitionHealed,  // the job went on after it
  kPartitionEndedJob,
  kFrozenRole,  // a role stood still for a while
  kSlowPeer,
  kDiskFull,  // in the middle of a checkpoint
  kDiskCallFailed,
  kShortWrite,
  kBitFlipped,
  kStoppedOnRequest,  // a person asked for a checkpoint and the end
  kRowKept,           // a push changed a row before a checkpoint had copied it
  kCheckpointWaited,  // one was due while another was being written
  kDeltaMade,         // a checkpoint that adds to another
  kResumedFromDelta,
  kStalenessAtBound,  // a bounded job saw the largest staleness it may
  kCount,
};

inline constexpr std::array<const char*, static_cast<std::size_t>(Point::kCount)> kPointNames = {
    "scheduler died",
    "server died",
    "worker died",
    "death while a checkpoint is written",
    "death while training goes on beside a checkpoint",
    "death between rename and CURRENT",
    "death while loading",
    "power cut",
    "power cut that keeps names",
    "started over without a checkpoint",
    "resumed",
    "resumed from an older checkpoint",
    "resumed with another shape",
    "request delivered twice",
    "push sent again",
    "frame dropped",
    "job ended by a deadline",
    "job ended by silence",
    "partition healed",
    "job ended by a partition",
    "role stood still",
    "slow peer",
    "full disk during a checkpoint",
    "disk call failed",
    "short write",
    "bit flipped",
    "stopped on request",
    "row changed before its copy",
    "checkpoint waited for another",
    "delta checkpoint",
    "resumed from a delta checkpoint",
    "staleness at its bound",
};

struct Coverage {
  std::array<std::uint64_t, kPointNames.size()> counts{};

  void Hit(Point point) { ++counts[static_cast<std::size_t>(point)]; }
  [[nodiscard]] std::uint64_t of(Point point) const {
    return counts[static_cast<std::size_t>(point)];
  }
  void Add(const Coverage& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  }
  // The names of points that were never hit, one per line.
  [[nodiscard]] std::string Missing() const {
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts[i] == 0) text += StrCat(kPointNames[i], "\n");
    }
    return text;
  }
  [[nodiscard]] std::string ToString() const {
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      text += StrCat("  ", counts[i], "  ", kPointNames[i], "\n");
    }
    return text;
  }
};

}  // namespace rookery::sim
