// What a restarted job runs on: the hosts that are left, the ranks they carry, the wait before.
// Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/executor.h"
#include "launch/job.h"
#include "launch/job_end.h"
#include "protocol/verbs.h"

namespace rookery {

struct Host {
  std::string name;
  std::string line;         // of the host file
  std::uint32_t slots = 0;  // 0: the file does not say
};
[[nodiscard]] std::vector<Host> ParseHostfile(std::string_view text);
// As many ranks a host as before, but not more than the slots that are left.
[[nodiscard]] std::uint32_t RanksOn(const std::vector<Host>& left, std::size_t hosts_before,
                                    std::uint32_t ranks_before);
// The largest shape of at most so many ranks that the job can use: the workers must divide its
// slices; fewer servers only when there is no other way.
[[nodiscard]] StatusOr<ClusterShape> LargestShape(const Job& job, std::uint32_t ranks);
// base, 2 base, 4 base, ..., at most 5 minutes. `failures`: in a row without a new checkpoint.
[[nodiscard]] Duration BackOff(Duration base, std::uint32_t failures);

// Which hosts are at fault: one that was lost at once, one whose ranks die or hang twice then.
class HostFaults {
 public:
  // The index of the host to drop; left.size(): none. The last host always stays.
  [[nodiscard]] std::size_t Blame(const JobEnd& end, const std::vector<Host>& left);

 private:
  std::map<std::string, int> faults_;
};

}  // namespace rookery
