#include <iostream>
#include <map>

#include "io/posix_file_system.h"
#include "launch/commands.h"
#include "launch/describe/describe_report.h"
#include "launch/job.h"

namespace rookery {
namespace {

const std::vector<std::string>& FilesOf(const Job& job, const std::string& set) {
  if (set == "valid") return job.data.valid;
  return set == "test" ? job.data.test : job.data.train;
}

StatusOr<DataProfile> Profile(FileSystem& files, const Job& job, const std::string& set,
                              std::uint64_t examples) {
  if (FilesOf(job, set).empty()) {
    return InvalidInput("the job has no data.", set,
                        ": name its files there, or choose another set");
  }
  return ProfileData(files, job.data.schema, FilesOf(job, set), examples);
}

Status Describe(const DescribeArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(const Job job, LoadJob(files, arguments.job, arguments.overrides));
  if (job.data.blocks) {
    return InvalidInput(
        "data.format = \"blocks\": prepared files have no values as they stood; "
        "describe the job that reads the text");
  }
  Description description;
  description.name = arguments.data;
  description.other_name = arguments.against;
  ROOKERY_ASSIGN_OR_RETURN(description.profile,
                           Profile(files, job, arguments.data, arguments.examples));
  if (!arguments.against.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(description.other,
                             Profile(files, job, arguments.against, arguments.examples));
  }
  std::cout << (arguments.json ? DescribeJson(description) : DescribeText(description))
            << std::flush;
  if (arguments.html.empty()) return OkStatus();
  return WriteFileAtomically(files, arguments.html, DescribeHtml(description));
}

}  // namespace

int RunDescribe(const DescribeArguments& arguments) {
  return ReportStatus(Describe(arguments));
}

}  // namespace rookery
