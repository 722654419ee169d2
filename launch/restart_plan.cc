#include "launch/restart_plan.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "launch/job_plan.h"

namespace rookery {
namespace {

// mpirun shortens names: node-a of node-a.cluster.local.
std::string_view ShortName(std::string_view name) {
  const bool address = name.find_first_not_of("0123456789.") == std::string_view::npos;
  return address ? name : name.substr(0, name.find('.'));
}

}  // namespace

std::vector<Host> ParseHostfile(std::string_view text) {
  std::vector<Host> hosts;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    Host host;
    if (!(words >> host.name)) continue;
    host.line = line;
    for (std::string word; words >> word;) {
      constexpr std::string_view kSlots = "slots=";
      if (!word.starts_with(kSlots)) continue;
      std::from_chars(word.data() + kSlots.size(), word.data() + word.size(), host.slots);
    }
    hosts.push_back(std::move(host));
  }
  return hosts;
}

std::uint32_t RanksOn(const std::vector<Host>& left, std::size_t hosts_before,
                      std::uint32_t ranks_before) {
  if (hosts_before == 0) return ranks_before;
  std::uint64_t slots = 0;
  for (const Host& host : left) {
    if (host.slots == 0) {
      return static_cast<std::uint32_t>(std::uint64_t{ranks_before} * left.size() / hosts_before);
    }
    slots += host.slots;
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(ranks_before, slots));
}

StatusOr<ClusterShape> LargestShape(const Job& job, std::uint32_t ranks) {
  if (ranks >= 3) {
    const std::uint32_t servers = std::min(job.cluster.servers, ranks - 2);
    for (std::uint32_t workers = ranks - 1 - servers; workers > 0; --workers) {
      const ClusterShape shape{servers, workers};
      if (CheckCluster(job, shape).ok()) return shape;
    }
  }
  return InvalidInput("the job cannot run on ", ranks, " ranks");
}

Duration BackOff(Duration base, std::uint32_t failures) {
  constexpr Duration kMost = std::chrono::minutes(5);
  Duration wait = base;
  for (std::uint32_t i = 1; i < failures && wait < kMost; ++i) wait *= 2;
  return std::min(wait, std::max(base, kMost));
}

std::size_t HostFaults::Blame(const JobEnd& end, const std::vector<Host>& left) {
  const std::size_t none = left.size();
  const bool machine = end.kind == EndKind::kRankDied || end.kind == EndKind::kOutOfMemory ||
                       end.kind == EndKind::kRankSilent || end.kind == EndKind::kHostLost;
  if (left.size() < 2 || end.host.empty() || !machine) return none;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (ShortName(left[i].name) != ShortName(end.host)) continue;
    const int faults = ++faults_[left[i].name];
    return end.kind == EndKind::kHostLost || faults >= 2 ? i : none;
  }
  return none;
}

}  // namespace rookery
