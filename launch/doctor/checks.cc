#include "launch/doctor/checks.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "launch/job_plan.h"

namespace rookery::doctor {
namespace {

std::string Join(const std::vector<std::string>& names, std::string_view between = ", ") {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : std::string(between)) + name;
  return text;
}

std::string Where(const RankFacts& rank) {
  return StrCat(rank.name, " on ", rank.facts.host);
}

// The first rank whose value is not that of the first one.
template <class Value>
const RankFacts* Other(const std::vector<RankFacts>& ranks, Value Facts::*value) {
  const auto other = std::ranges::find_if(ranks, [&](const RankFacts& rank) {
    return rank.facts.*value != ranks.front().facts.*value;
  });
  return other == ranks.end() ? nullptr : &*other;
}

std::size_t HostsOf(const std::vector<RankFacts>& ranks) {
  std::set<std::string> hosts;
  for (const RankFacts& rank : ranks) hosts.insert(rank.facts.host);
  return hosts.size();
}

}  // namespace

std::string ToLine(const Check& check) {
  constexpr const char* kWords[] = {"ok    ", "warn  ", "FAIL  "};
  std::string name = check.name;
  name.resize(std::max<std::size_t>(name.size() + 1, 12), ' ');
  return kWords[static_cast<std::size_t>(check.verdict)] + name + check.what;
}

ClusterShape ShapeOf(const Job& job, std::uint32_t ranks) {
  if (ranks == 1) return {job.cluster.servers, job.cluster.workers};
  const std::uint32_t roles = ranks - 1;
  const std::uint32_t servers = std::clamp(job.cluster.servers, 1U, std::max(roles, 2U) - 1);
  return {servers, std::max(roles, servers + 1) - servers};
}

Check CheckWorld(const Job& job, std::uint32_t ranks) {
  Check check{Verdict::kFail, "world", ""};
  const std::uint32_t least = job.cluster.servers + 2;
  if (ranks > 1 && ranks < least) {
    check.what = StrCat(ranks, " ranks, but a scheduler, ", job.cluster.servers,
                        " servers (cluster.servers) and a worker need at least ", least);
    return check;
  }
  const ClusterShape shape = ShapeOf(job, ranks);
  Job resolved = job;
  if (resolved.train.slices == 0) resolved.train.slices = shape.workers;
  const Status fits = CheckCluster(resolved, shape);
  if (!fits.ok()) {
    check.what = fits.message();
    return check;
  }
  check.verdict = Verdict::kOk;
  check.what = StrCat(ranks == 1 ? "one process" : StrCat(ranks, " ranks"), ": 1 scheduler, ",
                      shape.servers, " servers, ", shape.workers, " workers");
  return check;
}

Check CheckSilent(const std::vector<std::string>& silent, std::uint32_t ranks) {
  if (silent.empty()) return {Verdict::kOk, "answers", StrCat("all ", ranks, " ranks")};
  return {Verdict::kFail, "answers",
          StrCat("nothing was heard of ", Join(silent),
                 ": is the host up, and does --interface name a network that it is in?")};
}

Check CheckVersions(const std::vector<RankFacts>& ranks) {
  const RankFacts& first = ranks.front();
  for (const auto& [value, name] :
       {std::pair{&Facts::version, "rookery "}, {&Facts::formats, "formats "}, {&Facts::mpi, ""}}) {
    const RankFacts* other = Other(ranks, value);
    if (other == nullptr) continue;
    return {Verdict::kFail, "versions",
            StrCat(Where(*other), " has ", name, other->facts.*value, ", ", Where(first), " ",
                   first.facts.*value, ": install the same build on all hosts")};
  }
  return {Verdict::kOk, "versions",
          StrCat("rookery ", first.facts.version, ", ", first.facts.formats,
                 first.facts.mpi.empty() ? "" : ", ", first.facts.mpi)};
}

Check CheckJobs(const std::vector<RankFacts>& ranks) {
  for (const RankFacts& rank : ranks) {
    if (rank.facts.job_error.empty()) continue;
    return {Verdict::kFail, "job", StrCat(Where(rank), ": ", rank.facts.job_error)};
  }
  if (const RankFacts* other = Other(ranks, &Facts::job_hash)) {
    return {Verdict::kFail, "job",
            StrCat(Where(*other), " reads another job than ", Where(ranks.front()),
                   ": give all hosts the same job file and environment")};
  }
  return {Verdict::kOk, "job", "the same on all ranks"};
}

Check CheckCpus(const std::vector<RankFacts>& ranks, std::size_t first_worker,
                std::uint32_t threads) {
  std::map<std::string, std::uint32_t> wanted;  // by host, besides the communication threads
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const Facts& facts = ranks[i].facts;
    const bool worker = i >= first_worker || ranks.size() == 1;
    if (worker && threads > facts.cpus_visible) {
      return {Verdict::kWarn, "cpus",
              StrCat(Where(ranks[i]), " sees ", facts.cpus_visible, " CPUs of ", facts.cpus_online,
                     ", cluster.threads is ", threads,
                     ": start with --bind-to none, as `rookery launch` does")};
    }
    if (facts.cpus_visible < facts.cpus_online && facts.cpus_visible == 1 && worker) {
      return {Verdict::kWarn, "cpus",
              StrCat(Where(ranks[i]), " is bound to 1 CPU of ", facts.cpus_online,
                     ": start with --bind-to none, as `rookery launch` does")};
    }
    wanted[facts.host] += worker ? std::max(threads, 1U) : 1;
  }
  for (const RankFacts& rank : ranks) {
    const std::uint32_t want = wanted[rank.facts.host];
    if (ranks.size() == 1 || want <= rank.facts.cpus_online + 1) continue;  // the scheduler idles
    return {Verdict::kWarn, "cpus",
            StrCat(rank.facts.host, " has ", rank.facts.cpus_online, " CPUs for ", want,
                   " threads of its ranks: fewer ranks there would be faster")};
  }
  const Facts& first = ranks.front().facts;
  return {Verdict::kOk, "cpus",
          StrCat(first.cpus_visible, " of ", first.cpus_online, " visible on ", first.host)};
}

Check CheckNetworks(const std::vector<RankFacts>& ranks) {
  if (HostsOf(ranks) == 1) {
    return {Verdict::kOk, "network", StrCat("one host, ", ranks.front().facts.host)};
  }
  std::vector<std::string> common = ranks.front().facts.networks;
  for (const RankFacts& rank : ranks) {
    std::erase_if(common, [&](const std::string& network) {
      return std::ranges::find(rank.facts.networks, network) == rank.facts.networks.end();
    });
  }
  if (common.empty()) {
    return {Verdict::kWarn, "network",
            StrCat("no IPv4 network has all ", HostsOf(ranks),
                   " hosts: messages must be routed, and Open MPI may choose a wrong interface")};
  }
  const bool one = common.size() == 1;
  return {one ? Verdict::kOk : Verdict::kWarn, "network",
          StrCat(HostsOf(ranks), " hosts are in ", Join(common),
                 one ? "" : ": name one by --interface, so that all take the same")};
}

std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> PairRounds(std::uint32_t ranks) {
  // One place stands still, the others go round: the circle of a tournament.
  const std::uint32_t places = ranks + ranks % 2;
  std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> rounds;
  for (std::uint32_t round = 0; round + 1 < places; ++round) {
    const auto at = [&](std::uint32_t place) {
      return place == 0 ? places - 1 : (round + place) % (places - 1);
    };
    auto& pairs = rounds.emplace_back();
    for (std::uint32_t place = 0; place < places / 2; ++place) {
      const auto [low, high] = std::minmax({at(place), at(places - 1 - place)});
      if (high < ranks) pairs.emplace_back(low, high);
    }
  }
  return rounds;
}

std::string NetworkText(std::uint32_t address, std::uint32_t mask) {
  const std::uint32_t network = address & mask;
  return StrCat(network >> 24U, ".", network >> 16U & 255U, ".", network >> 8U & 255U, ".",
                network & 255U, "/", std::popcount(mask));
}

}  // namespace rookery::doctor
