#include <iostream>

#include "io/posix_file_system.h"
#include "launch/checkpoint_path.h"
#include "launch/commands.h"
#include "launch/job.h"
#include "serving/exporter.h"
#include "serving/verify_export.h"

namespace rookery {
namespace {

Status Export(const ExportArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(const std::string path, FindCheckpoint(files, arguments.path));
  const std::string job_path =
      arguments.job.empty() ? JoinPath(RunOfCheckpoint(path), "job.toml") : arguments.job;
  ROOKERY_ASSIGN_OR_RETURN(const Job job, LoadJob(files, job_path, {}));
  ROOKERY_ASSIGN_OR_RETURN(const auto checkpoint, CheckpointReader::Open(&files, path));
  ExportOptions options;
  options.directory = arguments.output;
  options.force = arguments.force;
  options.model = job.model;
  options.golden_files = arguments.golden;
  options.onnx_rows_max = arguments.onnx_rows_max;
  if (options.golden_files.empty() && job.data.schema.format == InputFormat::kSequence) {
    return InvalidInput(
        "data.format = \"sequence\": name rows to compare with --golden FILE, a csv file of label, "
        "user, item, negative",
        LearnsNextItem(job.model.name) ? " and history, each but the user a list" : "");
  }
  if (options.golden_files.empty()) {
    options.golden_files = job.data.test.empty() ? job.data.train : job.data.test;
  }
  ROOKERY_ASSIGN_OR_RETURN(const ExportSummary summary, ExportModel(files, *checkpoint, options));
  std::cout << options.directory << ": "
            << (summary.self_contained ? "model.onnx (tables inside)"
                                       : "dense.onnx (tables beside)")
            << ", " << summary.rows << " rows, " << summary.bytes << " bytes, "
            << summary.golden_rows << " golden rows\n";
  return OkStatus();
}

Status Verify(const VerifyExportArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(const VerifyReport report, VerifyExport(&files, arguments.model));
  std::cout << arguments.model << ": " << report.files << " files, " << report.bytes << " bytes, "
            << report.golden_rows << " golden rows agree; largest difference of a score "
            << report.score_difference_max << "\n";
  return OkStatus();
}

}  // namespace

int RunExport(const ExportArguments& arguments) {
  return ReportStatus(Export(arguments));
}

int RunVerifyExport(const VerifyExportArguments& arguments) {
  return ReportStatus(Verify(arguments));
}

}  // namespace rookery
