// Series: the runs of one job on one disk, each started from the newest good checkpoint, and what
// must be true between them and at the end.
//
// Owner    the simulated job. Threads: one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launch/job_plan.h"
#include "tests/sim/sim_cluster.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_options.h"
#include "tests/sim/sim_world.h"

namespace rookery::sim {

class Series {
 public:
  Series(const SimOptions& options, SimWorld* world)
      : options_(options), world_(world), disk_(world) {}

  void WriteInput();
  // Prepares and runs the job's processes once.
  RunOutcome RunOnce(const RunFaults& faults);
  // What happens to the disk between two runs.
  void Aftermath(const RunFaults& faults, Random& random);
  // Every checkpoint that is there, and those that must be.
  std::string CheckCheckpoints();
  std::string CheckEnd(const RunOutcome& outcome);
  std::string Digest();
  // The newest checkpoint is the job's last: nothing is left to train.
  bool Trained();

 private:
  StatusOr<SimPlan> Prepare(const RunFaults& faults);
  void UseLedger(SimPlan* plan) const;
  void NoteStart(const std::string& load_directory, const ClusterShape& shape);
  std::vector<std::string> Names();
  bool IsDelta(const std::string& directory);

  const SimOptions& options_;
  SimWorld* const world_;
  SimDisk disk_;
  bool damaged_ = false;  // a bit was flipped: the newest checkpoint may be lost
  bool started_ = false;
  ClusterShape last_shape_;
  std::optional<JobPlan> job_;
  FittedSchema fitted_;
};

}  // namespace rookery::sim
