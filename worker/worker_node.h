// WorkerNode: one worker: joins, carries out the scheduler's orders (load, train, evaluate, write
// dense.bin, stop), tells how it goes.
//
// Owner    the composition root, which also owns the executors, rpc and files (they outlive it).
// Threads  everything runs on rpc->executor(); reading (read, shuffle, plan) and computing on
// theirs. Errors   a failed order is reported to the scheduler, which ends the job; Run() returns
// when it is
//          told to stop, or with the error of the scheduler's silence.
#pragma once

#include <memory>

#include "common/error.h"
#include "common/task.h"
#include "io/file_system.h"
#include "net/rpc.h"
#include "worker/worker_options.h"

namespace rookery {

struct WorkerExecutors {
  Executor* reading;
  Executor* computing;
  Executor* background;  // writes dense.bin
};

class WorkerNode {
 public:
  // Registers its verbs; the composition root calls rpc->Start() after.
  WorkerNode(WorkerOptions options, RpcNode* rpc, FileSystem* files, WorkerExecutors executors);
  ~WorkerNode();
  // From join to the stop order.
  [[nodiscard]] Task<Status> Run();

 private:
  class Life;
  std::unique_ptr<Life> life_;
};

}  // namespace rookery
