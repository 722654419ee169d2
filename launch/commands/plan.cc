#include <algorithm>
#include <iostream>

#include "io/posix_file_system.h"
#include "launch/commands.h"
#include "launch/job_estimate.h"
#include "launch/machine.h"

namespace rookery {
namespace {

StatusOr<ClusterShape> ShapeOf(const Job& job, std::uint32_t ranks) {
  if (ranks == 0) return ClusterShape{job.cluster.servers, job.cluster.workers};
  if (ranks < job.cluster.servers + 2) {
    return InvalidInput("-n ", ranks, ": a scheduler, ", job.cluster.servers,
                        " servers (cluster.servers) and a worker need at least ",
                        job.cluster.servers + 2, " ranks");
  }
  return ClusterShape{job.cluster.servers, ranks - 1 - job.cluster.servers};
}

StatusOr<bool> Plan(const PlanArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(Job job, LoadJob(files, arguments.job, arguments.overrides));
  ROOKERY_ASSIGN_OR_RETURN(const ClusterShape cluster, ShapeOf(job, arguments.ranks));
  const std::string run =
      arguments.run.empty() ? RunDirectoryOf(job, arguments.job) : arguments.run;
  ROOKERY_ASSIGN_OR_RETURN(const JobPlan plan, MakePlan(files, std::move(job), cluster, run, ""));
  ROOKERY_ASSIGN_OR_RETURN(const DataSample sample,
                           SampleData(files, plan, {arguments.examples, arguments.full}));
  ROOKERY_ASSIGN_OR_RETURN(const JobEstimate estimate, EstimateJob(plan, sample));
  const Room room{.memory_limit = plan.job.cluster.memory_limit,
                  .memory_soft = plan.job.cluster.memory_soft,
                  .ram = FreeMemoryBytes(),
                  .disk = FreeDiskBytes(run),
                  .checkpoints = plan.job.checkpoint.keep};
  const std::vector<Finding> findings = CheckRoom(estimate, room);
  std::cout << (arguments.json ? WriteJsonPretty(EstimateJson(estimate, findings))
                               : EstimateText(estimate, findings))
            << std::flush;
  return std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.verdict == Verdict::kFail; });
}

}  // namespace

int RunPlan(const PlanArguments& arguments) {
  const StatusOr<bool> fits = Plan(arguments);
  if (!fits.ok()) return ReportStatus(fits.status());
  return *fits ? kExitDone : kExitInput;
}

}  // namespace rookery
