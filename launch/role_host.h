// RoleHost: one role running in this process: its executors, its RPC and its node, started together
// and stopped in the one order that is safe.
//
// Owner    the composition root. `transport` and `files` outlive it.
// Threads  made and destroyed on one thread; Result() blocks it.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>

#include "common/error.h"
#include "common/task.h"
#include "io/file_system.h"
#include "net/asio_executor.h"
#include "net/rpc.h"
#include "net/transport.h"
#include "ps/ps_node.h"
#include "scheduler/scheduler_node.h"
#include "worker/worker_node.h"

namespace rookery {

class RoleHost {
 public:
  static std::unique_ptr<RoleHost> StartScheduler(SchedulerOptions options, Transport* transport,
                                                  FileSystem* files);
  static std::unique_ptr<RoleHost> StartServer(PsOptions options, Transport* transport,
                                               FileSystem* files);
  static std::unique_ptr<RoleHost> StartWorker(WorkerOptions options, Transport* transport,
                                               FileSystem* files);
  ~RoleHost();

  // Waits until the role has ended.
  [[nodiscard]] Status Result() { return result_.get(); }
  [[nodiscard]] bool Ended() const;
  // Ends the role soon with kAborted; Result() still waits for it.
  void Abort();
  [[nodiscard]] const std::string& summary_json() const { return scheduler_->summary_json(); }

 private:
  RoleHost(const std::string& name, const ClusterShape& cluster, Transport* transport);
  void Start(std::function<Task<Status>()> run);

  std::unique_ptr<AsioExecutor> own_home_;  // null: the transport's thread is the home
  StoppableExecutor* const home_;
  std::unique_ptr<AsioExecutor> reading_, computing_;  // workers
  std::unique_ptr<AsioExecutor> background_;           // writes checkpoints
  std::unique_ptr<RpcNode> rpc_;
  std::unique_ptr<SchedulerNode> scheduler_;  // one of the three
  std::unique_ptr<PsNode> server_;
  std::unique_ptr<WorkerNode> worker_;
  std::future<Status> result_;
};

}  // namespace rookery
