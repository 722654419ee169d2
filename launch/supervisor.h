// Supervisor: runs a job under mpirun, again and again from its newest good checkpoint when a
// machine's fault ended it, and keeps account of that in restarts.json of the run.
//
// Owner    `rookery launch --max-restarts`. Threads: the main thread. What it needs of the system
//          (a run of mpirun, the wait, a checkpoint's number) is given to it, so tests need none.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"
#include "launch/job.h"
#include "launch/job_end.h"
#include "launch/restart_plan.h"

namespace rookery {

// A person's wish to checkpoint and end: `rookery stop` makes this file in the run directory.
inline constexpr const char* kStopFileName = "STOP";

struct Life {  // one run of mpirun
  std::uint32_t number = 0;
  ClusterShape cluster;
  std::string hostfile;                // empty: this host
  std::vector<std::string> overrides;  // besides the user's
};
struct LifeEnd {
  JobEnd end = {};
  std::uint64_t first_step = 0;              // where training began
  std::optional<double> ready_seconds = {};  // from the start of mpirun to there
  std::uint64_t saved_step = 0;              // of the newest checkpoint it wrote; 0: none
  std::uint64_t last_step = 0;               // reported
};

struct SupervisorOptions {
  Job job;
  std::string run_directory;
  std::string hostfile;
  std::uint32_t ranks = 0;
  std::uint32_t restarts_max = 0;
  Duration backoff = Duration::zero();
  std::function<StatusOr<LifeEnd>(const Life&)> run;
  std::function<bool(Duration)> wait;  // false: a signal came
  std::function<void(const std::string&)> print;
};

struct Restart {
  JobEnd end;  // of the life before
  ClusterShape cluster;
  std::string dropped_host;
  double backoff_seconds = 0;
  std::uint64_t step_reached = 0;  // of the life before; reports come every few seconds
  std::optional<std::uint64_t> step_resumed;
  std::optional<double> recovery_seconds;  // from the end of mpirun until the weights were loaded
};

class Supervisor {
 public:
  Supervisor(SupervisorOptions options, FileSystem* files);
  // The exit status of the last life.
  [[nodiscard]] StatusOr<int> Run();
  [[nodiscard]] const std::vector<Restart>& restarts() const { return restarts_; }

 private:
  Status PlanNext(const JobEnd& end, Restart* restart);
  Status WriteReport(const JobEnd& last);

  SupervisorOptions options_;
  FileSystem* const files_;
  std::vector<Host> hosts_;
  std::size_t hosts_before_ = 0;
  HostFaults faults_;
  Life life_;
  std::vector<Restart> restarts_;
};

}  // namespace rookery
