#include "launch/init_run.h"

#include <iostream>
#include <utility>

#include "launch/checkpoint_path.h"
#include "launch/init_plan.h"
#include "launch/init_report.h"
#include "launch/init_write.h"
#include "scheduler/checkpoint_coordinator.h"

namespace rookery {
namespace {

StatusOr<InitSource> ReadSource(const CheckpointReader& reader) {
  ROOKERY_RETURN_IF_ERROR(reader.VerifyAll());
  ROOKERY_ASSIGN_OR_RETURN(const std::string features, reader.ReadText(kFeaturesName));
  ROOKERY_ASSIGN_OR_RETURN(FittedSchema fitted, FittedSchemaFromJson(features));
  return InitSource{reader.directory(), reader.manifest(), std::move(fitted)};
}

CheckpointManifest ManifestOf(const SchedulerOptions& options, std::uint64_t updates) {
  CheckpointManifest manifest;
  manifest.rookery_version = options.version;
  manifest.job_hash = options.job_hash;
  manifest.updates = updates;
  manifest.buckets = options.buckets;
  manifest.tables = options.tables;
  manifest.dense = options.dense;
  return manifest;
}

Status CountRows(const CheckpointReader& reader, const InitPlan& plan, InitReport* report) {
  for (const TableInit& table : plan.tables) {
    std::uint64_t rows = 0;
    if (table.from) {
      ROOKERY_ASSIGN_OR_RETURN(rows, reader.CountRows(*table.from));
    }
    report->rows_before.push_back(rows);
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::string> InitRun(FileSystem& files, const RunRequest& request, const JobPlan& plan,
                              FittedSchema* fitted) {
  ROOKERY_ASSIGN_OR_RETURN(const InitPolicies policies, InitPolicies::Parse(request.init_policies));
  ROOKERY_ASSIGN_OR_RETURN(const std::string path, FindCheckpoint(files, request.init_from));
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(&files, path));
  ROOKERY_ASSIGN_OR_RETURN(const InitSource source, ReadSource(*reader));
  if (!plan.fitted) *fitted = KeepStatistics(source.fitted, std::move(*fitted));
  ROOKERY_ASSIGN_OR_RETURN(const SchedulerOptions options, SchedulerOptionsOf(plan, *fitted));
  InitReport report;
  ROOKERY_ASSIGN_OR_RETURN(report.plan,
                           MakeInitPlan(source, plan, *fitted, options.dense, policies));
  ROOKERY_RETURN_IF_ERROR(CountRows(*reader, report.plan, &report));

  CheckpointCoordinator coordinator(&files, JoinPath(request.run_directory, "checkpoints"));
  ROOKERY_RETURN_IF_ERROR(coordinator.Open());
  ROOKERY_ASSIGN_OR_RETURN(const std::string directory, coordinator.Begin());
  CheckpointManifest manifest = ManifestOf(options, source.manifest.updates);
  for (const TableInit& table : report.plan.tables) {
    if (!table.to) continue;
    ROOKERY_ASSIGN_OR_RETURN(CheckpointFile file,
                             WriteInitRows(files, directory, *reader, table, options.buckets));
    manifest.files.push_back(std::move(file));
  }
  if (options.dense.size() > 0) {
    ROOKERY_ASSIGN_OR_RETURN(CheckpointFile file,
                             WriteInitDense(files, directory, *reader, report.plan, options.dense));
    manifest.files.push_back(std::move(file));
  }
  report.source = &source;
  ROOKERY_RETURN_IF_ERROR(WriteFileAtomically(
      files, JoinPath(request.run_directory, kInitReportName), InitReportToJson(report)));
  JobState state;
  state.updates = source.manifest.updates;
  ROOKERY_RETURN_IF_ERROR(
      coordinator.Publish(std::move(manifest), state, FittedSchemaToJson(*fitted)).status());
  std::cout << InitReportToText(report) << std::flush;
  return coordinator.PathOf(coordinator.begun());
}

}  // namespace rookery
