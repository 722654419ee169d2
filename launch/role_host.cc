#include "launch/role_host.h"

#include <utility>

#include "common/log.h"
#include "protocol/verbs.h"

namespace rookery {
namespace {

// A user's mistake and the end of a job that another role ended say all in their message.
bool IsWorthAStateDump(const Status& status) {
  switch (status.code()) {
    case Code::kOk:
    case Code::kInvalidInput:
    case Code::kNotFound:
    case Code::kAborted:
    case Code::kDiverged:
      return false;
    default:
      return true;
  }
}

Task<> RunAndTell(std::function<Task<Status>()> run, const RpcNode* rpc,
                  std::shared_ptr<std::promise<Status>> told) {
  Status status = co_await run();
  if (IsWorthAStateDump(status)) {
    ROOKERY_LOG(ERROR) << status.ToString() << "; waiting for answers:\n"
                       << rpc->DescribeInFlight();
  }
  told->set_value(std::move(status));
}

// Runs `work` on the executor and waits for it.
void RunAndWait(Executor* executor, const std::function<void()>& work) {
  std::promise<void> done;
  executor->Post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace

RoleHost::RoleHost(const std::string& name, const ClusterShape& cluster, Transport* transport)
    : own_home_(transport->executor() ? nullptr : std::make_unique<AsioExecutor>(name)),
      home_(own_home_ ? own_home_.get() : transport->executor()),
      rpc_(std::make_unique<RpcNode>(home_, transport, RpcNames{VerbName, [cluster](Rank rank) {
                                                                  return cluster.Name(rank);
                                                                }})) {}

void RoleHost::Start(std::function<Task<Status>()> run) {
  auto told = std::make_shared<std::promise<Status>>();
  result_ = told->get_future();
  rpc_->Start();
  home_->Post(
      [run = std::move(run), rpc = rpc_.get(), told] { Spawn(RunAndTell(run, rpc, told)); });
}

std::unique_ptr<RoleHost> RoleHost::StartScheduler(SchedulerOptions options, Transport* transport,
                                                   FileSystem* files) {
  std::unique_ptr<RoleHost> host(new RoleHost("scheduler", options.cluster, transport));
  host->background_ = std::make_unique<AsioExecutor>("background");
  host->scheduler_ = std::make_unique<SchedulerNode>(std::move(options), host->rpc_.get(), files,
                                                     host->background_.get());
  host->Start([node = host->scheduler_.get()] { return node->Run(); });
  return host;
}

std::unique_ptr<RoleHost> RoleHost::StartServer(PsOptions options, Transport* transport,
                                                FileSystem* files) {
  const std::string name = StrCat("server-", options.index);
  std::unique_ptr<RoleHost> host(new RoleHost(name, options.cluster, transport));
  host->background_ = std::make_unique<AsioExecutor>("background");
  host->server_ = std::make_unique<PsNode>(std::move(options), host->rpc_.get(), files,
                                           host->background_.get());
  host->Start([node = host->server_.get()] { return node->Run(); });
  return host;
}

std::unique_ptr<RoleHost> RoleHost::StartWorker(WorkerOptions options, Transport* transport,
                                                FileSystem* files) {
  const std::string name = StrCat("worker-", options.index);
  std::unique_ptr<RoleHost> host(new RoleHost(name, options.cluster, transport));
  host->reading_ = std::make_unique<AsioExecutor>("reader");
  host->computing_ = std::make_unique<AsioExecutor>("compute");
  host->background_ = std::make_unique<AsioExecutor>("background");
  host->worker_ = std::make_unique<WorkerNode>(
      std::move(options), host->rpc_.get(), files,
      WorkerExecutors{host->reading_.get(), host->computing_.get(), host->background_.get()});
  host->Start([node = host->worker_.get()] { return node->Run(); });
  return host;
}

bool RoleHost::Ended() const {
  return result_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

void RoleHost::Abort() {
  home_->Post([this] { rpc_->Close(); });
}

RoleHost::~RoleHost() {
  RunAndWait(home_, [this] { rpc_->Close(); });
  if (reading_) reading_->Stop();
  if (computing_) computing_->Stop();
  if (background_) background_->Stop();
  home_->Stop();  // from here on nothing runs; members go in reverse order
}

}  // namespace rookery
