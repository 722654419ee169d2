// SimCluster: one run of a job's processes: the production roles, built from the three seams, in
// one thread on virtual time. As under MPI, the death or the failure of one role ends all of them.
//
// Owner    the simulated job. Threads: one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/task.h"
#include "launch/job_plan.h"
#include "ps/ps_node.h"
#include "scheduler/scheduler_node.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_network.h"
#include "tests/sim/sim_options.h"
#include "tests/sim/sim_world.h"
#include "worker/worker_node.h"

namespace rookery::sim {

// What the roles are built from.
struct SimPlan {
  JobPlan job;
  SchedulerOptions scheduler;
  std::vector<PsOptions> servers;
  std::vector<WorkerOptions> workers;
};

struct RunOutcome {
  Status status;          // of the role that ended first with an error, or of a death
  std::string summary;    // when the job ended
  std::string violation;  // of the rules, not of the job: nothing may wait forever
  RunSize size;
  Duration took{};
};

class SimCluster {
 public:
  SimCluster(SimWorld* world, SimDisk* disk, SimPlan plan, const RunFaults& faults,
             Duration compute_max, std::uint64_t reuse_sequence_at);
  ~SimCluster();
  // Until the job has ended, and all that was started for it.
  [[nodiscard]] RunOutcome Run(Duration limit);

 private:
  struct Role;
  void Start(Role* role, std::function<Task<Status>()> run);
  void MakeRoles(Duration compute_max);
  // Nothing of it reaches the outside any more; inside, its RPC is closed as at any end.
  void Kill(Role* role);
  void NoteDeath(std::uint32_t rank);
  void EndAll();
  void FaultsOfNow();
  [[nodiscard]] bool AllEnded() const;
  void NoteCause(RunOutcome* outcome);

  SimWorld* const world_;
  SimDisk* const disk_;
  SimPlan plan_;
  const RunFaults faults_;
  SimNetwork network_;
  std::vector<std::unique_ptr<Role>> roles_;
  const std::uint64_t first_event_;
  const TimePoint began_;
  Status failure_;
  bool ending_ = false;  // all are being ended
  std::uint64_t pushes_at_cut_ = 0;
};

}  // namespace rookery::sim
