// The checks of what was measured: clocks, pings, data, memory.
#include <algorithm>
#include <cmath>
#include <map>

#include "launch/doctor/checks.h"

namespace rookery::doctor {
namespace {

constexpr double kSkewSeconds = 1;
constexpr double kSlowRoundTrip = 5e-3;
constexpr double kSlowBytesPerSecond = 50e6;

std::string Micros(double seconds) {
  return StrCat(std::lround(1e6 * seconds), " us");
}

std::string SpeedText(const PingReply& reply) {
  return StrCat(Micros(reply.round_trip_seconds), ", ", BytesText(reply.bytes_per_second), "/s");
}

}  // namespace

Check CheckClocks(const std::vector<ClockOffset>& clocks) {
  if (clocks.empty()) return {Verdict::kOk, "clocks", "one process"};
  const auto worst = std::ranges::max_element(
      clocks, {}, [](const ClockOffset& clock) { return std::abs(clock.offset_seconds); });
  const double skew = std::abs(worst->offset_seconds);
  const std::string text = StrCat("within ", std::ceil(1e3 * (skew + worst->error_seconds)), " ms");
  if (skew - worst->error_seconds <= kSkewSeconds) return {Verdict::kOk, "clocks", text};
  return {Verdict::kWarn, "clocks",
          StrCat(worst->name, " is ", std::lround(worst->offset_seconds),
                 " s off: logs cannot be compared; synchronise the clocks (NTP)")};
}

Check CheckPings(std::vector<Ping> pings) {
  if (pings.empty()) return {Verdict::kOk, "ping", "one process"};
  std::ranges::sort(pings, std::greater(),
                    [](const Ping& ping) { return ping.reply.bytes_per_second; });
  const PingReply median = pings[pings.size() / 2].reply;
  const Ping& slowest = pings.back();
  const auto latest = std::ranges::max_element(
      pings, {}, [](const Ping& ping) { return ping.reply.round_trip_seconds; });
  const double rate = slowest.reply.bytes_per_second;
  const bool slow = rate < kSlowBytesPerSecond ||
                    (rate < median.bytes_per_second / 4 && rate < 20 * kSlowBytesPerSecond);
  const bool late = latest->reply.round_trip_seconds > kSlowRoundTrip;
  const Ping& named = late && !slow ? *latest : slowest;
  const std::string text =
      StrCat(pings.size(), " pairs: ", SpeedText(median), " in the median; slowest ", named.from,
             " - ", named.to, ": ", SpeedText(named.reply));
  if (!slow && !late) return {Verdict::kOk, "ping", text};
  return {Verdict::kWarn, "ping",
          text + "; look at that link, at --interface, and at what else runs there"};
}

Check CheckData(const std::vector<RankData>& data) {
  std::uint64_t examples = 0;
  const RankData* first = nullptr;
  for (const RankData& rank : data) {
    if (!rank.data.ok()) {
      return {Verdict::kFail, "data", StrCat(rank.name, ": ", rank.data.status().message())};
    }
    if (first == nullptr) first = &rank;
    examples += rank.data->examples;
    const bool files = rank.data->files_hash != first->data->files_hash;
    const bool content = rank.data->fitted_hash != first->data->fitted_hash;
    if (!files && !content) continue;
    return {Verdict::kFail, "data",
            StrCat(rank.name, " finds other ", files ? "files or sizes" : "examples", " than ",
                   first->name, ": all hosts need the same data at the same paths")};
  }
  return {Verdict::kOk, "data",
          StrCat("readable by ", data.size(), data.size() == 1 ? " worker, " : " workers, ",
                 examples, " examples match the schema")};
}

std::vector<Check> CheckEstimate(const JobEstimate& estimate, const Room& room,
                                 const std::vector<RankFacts>& ranks) {
  std::vector<Check> checks;
  const bool alone = ranks.size() == 1;
  Room here = room;
  if (!alone) here.ram = 0;  // host by host below
  for (const Finding& finding : CheckRoom(estimate, here)) {
    checks.push_back({finding.verdict, "plan", finding.what});
  }
  if (alone) return checks;
  struct Need {
    double bytes = 0;
    std::uint64_t free = 0;
  };
  std::map<std::string, Need> hosts;
  for (std::uint32_t rank = 0; rank < ranks.size(); ++rank) {
    Need& need = hosts[ranks[rank].facts.host];
    need.free = ranks[rank].facts.free_memory;
    // They have begun already.
    if (estimate.cluster.role(Rank{rank}) == Role::kServer) {
      need.bytes += static_cast<double>(estimate.server_bytes + estimate.server_message_bytes);
    } else if (estimate.cluster.role(Rank{rank}) == Role::kWorker) {
      need.bytes += static_cast<double>(estimate.worker_bytes);
    }
  }
  const auto fullest = std::ranges::max_element(hosts, {}, [](const auto& host) {
    return host.second.bytes / static_cast<double>(std::max<std::uint64_t>(host.second.free, 1));
  });
  const auto free = static_cast<double>(fullest->second.free);
  const bool fits = fullest->second.bytes <= 0.9 * free;
  checks.push_back({fits ? Verdict::kOk : Verdict::kFail, "memory",
                    StrCat(fullest->first, ": its ranks need about ",
                           BytesText(fullest->second.bytes), ", ", BytesText(free), " are free",
                           fits ? "" : "; more hosts or more servers would help")});
  return checks;
}

}  // namespace rookery::doctor
