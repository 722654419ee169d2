// PsNode: one server: its shard of every table, the RPC service in front of it, and its side of the
// job's life (join, load, checkpoint, stop), which the scheduler orders.
//
// Owner    the composition root, which also owns executor, rpc, files (they outlive the node).
// Threads  everything runs on rpc->executor().
// Errors   Run() ends with the first error of its life; a worker's bad request is answered with an
//          error and does not end the server.
#pragma once

#include <memory>

#include "common/error.h"
#include "common/task.h"
#include "io/file_system.h"
#include "net/rpc.h"
#include "ps/ps_options.h"

namespace rookery {

class PsNode {
 public:
  // Registers its verbs; the composition root calls rpc->Start() after.
  // `background`: for what blocks; it writes checkpoints.
  PsNode(PsOptions options, RpcNode* rpc, FileSystem* files, Executor* background);
  ~PsNode();
  // From join to the stop order.
  [[nodiscard]] Task<Status> Run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rookery
