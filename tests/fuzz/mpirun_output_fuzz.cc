// Any text as what mpirun and its ranks said before they ended, and as a host file.
#include <csignal>

#include "common/check.h"
#include "launch/exit_code.h"
#include "launch/job_end.h"
#include "launch/restart_plan.h"
#include "tests/fuzz/targets.h"

namespace rookery {

bool FuzzMpirunOutput(FuzzBytes bytes) {
  if (bytes.empty()) return false;
  const int status = static_cast<int>(bytes.front());
  const std::string text(TextOfBytes(bytes.subspan(1)));
  const JobEnd end = WhyEnded({status, text}, {0, false, ClusterShape{2, 2}});
  ROOKERY_CHECK((end.kind == EndKind::kDone) == (status == kExitDone));
  ROOKERY_CHECK((end.exit_code == kExitDone) == (status == kExitDone)) << end.what;
  (void)end.WorthARestart();
  std::vector<Host> hosts = ParseHostfile(text);
  for (const Host& host : hosts) ROOKERY_CHECK(!host.name.empty());
  if (!hosts.empty()) {
    (void)RanksOn(hosts, hosts.size() + 1, 7);
    ROOKERY_CHECK(HostFaults().Blame(end, hosts) <= hosts.size());
  }
  return end.rank.has_value() || !hosts.empty();
}

FuzzSeeds SeedsOfMpirunOutput() {
  const char code = static_cast<char>(137);
  return {code + std::string("mpirun noticed that process rank 2 with PID 0 on node a exited on "
                             "signal 9 (Killed).\n"),
          '\1' + std::string("Process name: [[1,1],3]\n  Exit code:    5\n"
                             "rookery: error: no disk\n"),
          '\1' + std::string("MPI_ABORT was invoked on rank 1 in communicator MPI_COMM_WORLD\n"
                             "with errorcode 7.\n"),
          '\1' + std::string("rank 2 (server 1) on node-a (process 5) has been silent for 20 s\n"),
          '\1' + std::string("node-a slots=4\nnode-b:2\n# none\nnode-c max_slots=3\n")};
}

}  // namespace rookery
