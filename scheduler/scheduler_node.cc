#include "scheduler/scheduler_node.h"

#include <utility>

#include "scheduler/job_life.h"

namespace rookery {

SchedulerNode::SchedulerNode(SchedulerOptions options, RpcNode* rpc, FileSystem* files,
                             Executor* background)
    : life_(std::make_unique<JobLife>(std::move(options), rpc, files, background)) {}
SchedulerNode::~SchedulerNode() = default;
Task<Status> SchedulerNode::Run() {
  return life_->Run();
}
const std::string& SchedulerNode::summary_json() const {
  return life_->summary_json();
}

}  // namespace rookery
