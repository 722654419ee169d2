// What the doctor thinks of what it was told. Pure functions; no owner, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "launch/doctor/messages.h"
#include "launch/job.h"
#include "launch/job_estimate.h"

namespace rookery::doctor {

struct Check {
  Verdict verdict = Verdict::kOk;
  std::string name;  // "versions"
  std::string what;  // what, where, what would be right
};
// "FAIL  versions    rank 2 ..."
[[nodiscard]] std::string ToLine(const Check& check);

struct RankFacts {
  std::string name;  // "rank 2 (server 1)"
  Facts facts;
};

// A cluster that the job cannot use. `ranks` 1: without mpirun.
[[nodiscard]] Check CheckWorld(const Job& job, std::uint32_t ranks);
// The shape to go on with, whether the job can use it or not.
[[nodiscard]] ClusterShape ShapeOf(const Job& job, std::uint32_t ranks);

[[nodiscard]] Check CheckSilent(const std::vector<std::string>& silent, std::uint32_t ranks);
[[nodiscard]] Check CheckVersions(const std::vector<RankFacts>& ranks);
[[nodiscard]] Check CheckJobs(const std::vector<RankFacts>& ranks);
// `threads` as cluster.threads; workers are the ranks from `first_worker` on.
[[nodiscard]] Check CheckCpus(const std::vector<RankFacts>& ranks, std::size_t first_worker,
                              std::uint32_t threads);
[[nodiscard]] Check CheckNetworks(const std::vector<RankFacts>& ranks);

struct ClockOffset {
  std::string name;
  double offset_seconds = 0;  // of that clock before ours
  double error_seconds = 0;   // half the round trip
};
[[nodiscard]] Check CheckClocks(const std::vector<ClockOffset>& clocks);

struct Ping {
  std::string from, to;
  PingReply reply;
};
[[nodiscard]] Check CheckPings(std::vector<Ping> pings);

struct RankData {
  std::string name;
  StatusOr<DataReply> data;
};
[[nodiscard]] Check CheckData(const std::vector<RankData>& data);

// Memory of each host against what its ranks need, and the findings of the plan.
[[nodiscard]] std::vector<Check> CheckEstimate(const JobEstimate& estimate, const Room& room,
                                               const std::vector<RankFacts>& ranks);

// Each pair of 0 .. ranks - 1 once, in rounds of pairs that do not meet.
[[nodiscard]] std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> PairRounds(
    std::uint32_t ranks);
// "10.1.2.0/24" of 10.1.2.3 with a mask of 24 bits; host byte order.
[[nodiscard]] std::string NetworkText(std::uint32_t address, std::uint32_t mask);

}  // namespace rookery::doctor
