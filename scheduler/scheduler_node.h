// SchedulerNode: the control plane of one job: who is there, what they do next, which input, when a
// checkpoint is cut, what a person sees.
//
// Life: join -> (load) -> { train epoch -> valid }* -> test -> checkpoint -> stop. While an epoch
// is trained it may pause (interval, step limit, stop request): the workers agree on a step, report
// how far their input got, all nodes take the cut of a checkpoint, training goes on while its files
// are written.
//
// Owner    the composition root, which also owns rpc and files (they outlive the node).
// Threads  everything runs on rpc->executor(); what blocks on files on `background`.
// Errors   Run() returns the first failure of any node, named; the other nodes are then not told:
// the
//          composition root ends the processes or closes their RPC.
#pragma once

#include <memory>
#include <string>

#include "common/error.h"
#include "common/task.h"
#include "io/file_system.h"
#include "net/rpc.h"
#include "scheduler/scheduler_options.h"

namespace rookery {

class JobLife;

class SchedulerNode {
 public:
  // Registers its verbs; the composition root calls rpc->Start() after.
  SchedulerNode(SchedulerOptions options, RpcNode* rpc, FileSystem* files, Executor* background);
  ~SchedulerNode();

  [[nodiscard]] Task<Status> Run();
  // summary.json; after Run() succeeded.
  [[nodiscard]] const std::string& summary_json() const;

 private:
  std::unique_ptr<JobLife> life_;
};

}  // namespace rookery
