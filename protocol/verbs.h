// Every message between roles, and who may send it to whom. The scheduler calls nobody and a server
// calls no worker: calls only go down, so no distributed deadlock is possible.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "common/types.h"

namespace rookery {

// Higher roles call lower ones.
enum class Role : std::uint8_t { kScheduler = 0, kServer = 1, kWorker = 2 };

namespace verbs {
inline constexpr VerbId kJoin{1};
inline constexpr VerbId kNextOrder{2};
inline constexpr VerbId kHeartbeat{3};
inline constexpr VerbId kLease{4};
inline constexpr VerbId kPull{16};
inline constexpr VerbId kPush{17};
inline constexpr VerbId kRetire{18};
inline constexpr VerbId kSumSegment{32};  // one-way between workers
inline constexpr VerbId kSumResult{33};   // one-way between workers
}  // namespace verbs

struct VerbInfo {
  VerbId verb;
  const char* name;
  Role from;  // the lowest caller
  Role to;
  bool one_way;
};

inline constexpr std::array kVerbs = {
    VerbInfo{verbs::kJoin, "join", Role::kServer, Role::kScheduler, false},
    VerbInfo{verbs::kNextOrder, "next-order", Role::kServer, Role::kScheduler, false},
    VerbInfo{verbs::kHeartbeat, "heartbeat", Role::kServer, Role::kScheduler, false},
    VerbInfo{verbs::kLease, "lease", Role::kWorker, Role::kScheduler, false},
    VerbInfo{verbs::kPull, "pull", Role::kWorker, Role::kServer, false},
    VerbInfo{verbs::kPush, "push", Role::kWorker, Role::kServer, false},
    VerbInfo{verbs::kRetire, "retire", Role::kWorker, Role::kServer, false},
    VerbInfo{verbs::kSumSegment, "sum-segment", Role::kWorker, Role::kWorker, true},
    VerbInfo{verbs::kSumResult, "sum-result", Role::kWorker, Role::kWorker, true},
};
static_assert(std::ranges::all_of(kVerbs, [](const VerbInfo& verb) {
  return verb.from > verb.to || (verb.one_way && verb.from == verb.to);
}));

// "pull"; "verb 99" for a number that is not one.
[[nodiscard]] std::string VerbName(VerbId verb);

// Rank 0 is the scheduler, ranks 1..servers the servers, the rest workers.
struct ClusterShape {
  std::uint32_t servers = 1;
  std::uint32_t workers = 1;

  [[nodiscard]] std::uint32_t ranks() const { return 1 + servers + workers; }
  [[nodiscard]] Rank scheduler() const { return Rank{0}; }
  [[nodiscard]] Rank server(std::uint32_t index) const { return Rank{1 + index}; }
  [[nodiscard]] Rank worker(std::uint32_t index) const { return Rank{1 + servers + index}; }
  [[nodiscard]] Role role(Rank rank) const;
  // Of a server or worker among its kind.
  [[nodiscard]] std::uint32_t index(Rank rank) const;
  // "rank 2 (server 1)"
  [[nodiscard]] std::string Name(Rank rank) const;
  bool operator==(const ClusterShape&) const = default;
};

}  // namespace rookery
