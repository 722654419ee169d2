#include <iostream>

#include "io/posix_file_system.h"
#include "launch/commands.h"
#include "scheduler/summary.h"
#include "serving/predictor.h"

namespace rookery {
namespace {

Status ToStdout(std::string_view lines) {
  std::cout << lines;
  return std::cout ? OkStatus() : IoError("standard output: cannot write");
}

void PrintMetrics(const PredictArguments& arguments, const PredictResult& result) {
  std::cerr << result.examples << " examples";
  if (!arguments.output.empty()) std::cerr << " scored to " << arguments.output;
  for (const auto& [name, value] : result.metrics) {
    if (!IsDetail(name)) std::cerr << ", " << name << " " << value;
  }
  std::cerr << "\n";
}

Status Predict(const PredictArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(
      const auto predictor,
      Predictor::Open(&files, arguments.model, arguments.bf16 ? Dtype::kBf16 : Dtype::kFp32));
  LineSink sink = ToStdout;
  std::unique_ptr<WritableFile> file;
  const std::string partial = arguments.output + ".tmp";
  if (!arguments.output.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(file, files.Create(partial));
    sink = [&file](std::string_view lines) {
      return file->Append(std::as_bytes(std::span(lines.data(), lines.size())));
    };
  }
  ROOKERY_ASSIGN_OR_RETURN(const PredictResult result,
                           PredictFiles(&files, *predictor, arguments.inputs, sink));
  if (file != nullptr) {
    ROOKERY_RETURN_IF_ERROR(file->Close());
    ROOKERY_RETURN_IF_ERROR(files.Rename(partial, arguments.output));
  }
  std::cout << std::flush;
  PrintMetrics(arguments, result);
  return OkStatus();
}

}  // namespace

int RunPredict(const PredictArguments& arguments) {
  return ReportStatus(Predict(arguments));
}

}  // namespace rookery
