#include "launch/doctor/machine_facts.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>

#include "common/error.h"
#include "launch/commands.h"
#include "launch/doctor/checks.h"
#include "launch/machine.h"
#include "net/frame.h"
#include "protocol/checkpoint_manifest.h"

namespace rookery::doctor {
namespace {

std::uint32_t AddressOf(const sockaddr* address) {
  return ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
}

// Of interfaces that are up, without the loopback.
std::vector<std::string> Networks() {
  ifaddrs* all = nullptr;
  std::vector<std::string> networks;
  if (getifaddrs(&all) != 0) return networks;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    const bool usable = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable || one->ifa_addr == nullptr || one->ifa_netmask == nullptr ||
        one->ifa_addr->sa_family != AF_INET) {
      continue;
    }
    networks.push_back(NetworkText(AddressOf(one->ifa_addr), AddressOf(one->ifa_netmask)));
  }
  freeifaddrs(all);
  std::ranges::sort(networks);
  networks.erase(std::unique(networks.begin(), networks.end()), networks.end());
  return networks;
}

}  // namespace

Facts MachineFacts() {
  Facts facts;
  facts.version = RookeryVersion();
  facts.formats =
      StrCat("checkpoints ", kCheckpointFormatVersion, ", messages ", int{kFrameVersion});
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) {
    facts.cpus_visible = static_cast<std::uint32_t>(CPU_COUNT(&cpus));
  }
  facts.cpus_online = static_cast<std::uint32_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  facts.free_memory = FreeMemoryBytes();
  facts.networks = Networks();
  return facts;
}

}  // namespace rookery::doctor
