#include "launch/local_cluster.h"

#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "launch/role_host.h"
#include "net/loopback_transport.h"

namespace rookery {
namespace {

// The first failure ends all: a role that waits for a failed one would wait until its deadline.
Status AwaitAll(const std::vector<std::unique_ptr<RoleHost>>& roles) {
  std::vector<bool> seen(roles.size(), false);
  Status failure;
  for (std::size_t left = roles.size(); left > 0;) {
    for (std::size_t i = 0; i < roles.size(); ++i) {
      if (seen[i] || !roles[i]->Ended()) continue;
      seen[i] = true;
      --left;
      const Status status = roles[i]->Result();
      if (status.ok() || !failure.ok()) continue;
      failure = status;
      for (const auto& role : roles) role->Abort();
    }
    if (left > 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return failure;
}

}  // namespace

StatusOr<std::string> RunLocalCluster(const JobPlan& plan, SchedulerOptions scheduler,
                                      std::uint32_t threads, FileSystem* files) {
  const ClusterShape cluster = plan.cluster;
  LoopbackNetwork network(cluster.ranks());
  std::vector<std::unique_ptr<RoleHost>> roles;
  roles.push_back(RoleHost::StartScheduler(std::move(scheduler), network.endpoint(Rank{0}), files));
  for (std::uint32_t s = 0; s < cluster.servers; ++s) {
    roles.push_back(RoleHost::StartServer(ServerOptionsOf(plan, s),
                                          network.endpoint(cluster.server(s)), files));
  }
  for (std::uint32_t w = 0; w < cluster.workers; ++w) {
    roles.push_back(RoleHost::StartWorker(WorkerOptionsOf(plan, w, threads),
                                          network.endpoint(cluster.worker(w)), files));
  }
  ROOKERY_RETURN_IF_ERROR(AwaitAll(roles));
  return roles.front()->summary_json();
}

}  // namespace rookery
