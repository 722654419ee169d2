#include <unistd.h>

#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "io/posix_file_system.h"
#include "launch/commands.h"
#include "launch/job.h"
#include "launch/prepare_job.h"
#include "launch/selection/selection_arguments.h"
#include "launch/selection/selection_report.h"

namespace rookery {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kMebibyte = 1024.0 * 1024.0;

// One line that is overwritten on a terminal, and nothing elsewhere.
class ProgressLine {
 public:
  void Show(std::string_view set, const PrepareProgress& progress) {
    if (!terminal_ || Clock::now() - shown_ < std::chrono::milliseconds(250)) return;
    shown_ = Clock::now();
    std::cerr << "\r\x1b[K" << set << ": " << progress.examples << " examples, " << std::fixed
              << std::setprecision(1) << 100 * progress.fraction << " %" << std::flush;
  }
  void Clear() const {
    if (terminal_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  const bool terminal_ = isatty(STDERR_FILENO) != 0;
  Clock::time_point shown_;
};

void Print(const std::string& directory, const std::vector<PreparedSet>& sets, double seconds) {
  std::ostringstream section;
  section << "[data]\nformat = \"blocks\"\n";
  std::cout << std::fixed << std::setprecision(1);
  for (const PreparedSet& set : sets) {
    const PrepareReport& report = set.report;
    std::cout << set.name << ": " << report.examples << " examples in " << report.files
              << (report.files == 1 ? " file, " : " files, ")
              << static_cast<double>(report.bytes) / kMebibyte << " MiB ("
              << static_cast<double>(set.input_bytes) / kMebibyte << " MiB before)\n";
    section << set.name << " = [\"" << directory << "/" << set.name << "-*.blocks\"]\n";
  }
  std::cout << seconds << " s. A job reads them with\n\n" << section.str() << std::flush;
}

std::string WithoutSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

void Print(const std::string& directory, const SelectionReport& report) {
  std::cout << SelectionText(report);
  const auto section = [&](const char* format, const std::vector<SelectedFile>& sets) {
    std::cout << "\nA job" << format << " reads them with\n\n[data]\n";
    for (const SelectedFile& file : sets) {
      std::cout << file.set << " = [\"" << directory << "/" << file.name << "\"]\n";
    }
  };
  section("", report.files);
  if (!report.sequences.empty()) section(" of format \"sequence\"", report.sequences);
  std::cout << std::flush;
}

Status Select(FileSystem& files, const Job& job, const PrepareArguments& arguments) {
  if (!arguments.like.empty() || arguments.shuffle || arguments.compression != "none") {
    return InvalidInput(
        "--like, --shuffle and --compression are of encoded files; choose the examples first, then "
        "prepare a job that reads them");
  }
  SelectJobOptions options;
  options.output = WithoutSlashes(arguments.output);
  options.given = GivenOf(arguments.selection);
  ROOKERY_ASSIGN_OR_RETURN(options.selection, SelectionOptionsOf(arguments.selection));
  ProgressLine line;
  options.selection.progress = [&line](const PrepareProgress& progress) {
    line.Show("data.train", progress);
  };
  const StatusOr<SelectionReport> report = SelectJob(files, job, options);
  line.Clear();
  if (!report.ok()) return report.status();
  Print(options.output, *report);
  return OkStatus();
}

Status Prepare(const PrepareArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(const Job job, LoadJob(files, arguments.job, arguments.overrides));
  if (AsksForSelection(arguments.selection)) return Select(files, job, arguments);
  ProgressLine line;
  PrepareJobOptions options;
  options.output = WithoutSlashes(arguments.output);
  options.like = arguments.like;
  options.compress = arguments.compression == "zstd";
  options.shuffle_bytes = arguments.shuffle ? arguments.shuffle_mib << 20U : 0;
  options.progress = [&line](std::string_view set, const PrepareProgress& progress) {
    line.Show(set, progress);
  };
  const Clock::time_point begin = Clock::now();
  const StatusOr<std::vector<PreparedSet>> sets = PrepareJob(files, job, options);
  line.Clear();
  if (!sets.ok()) return sets.status();
  Print(options.output, *sets, std::chrono::duration<double>(Clock::now() - begin).count());
  return OkStatus();
}

}  // namespace

int RunPrepare(const PrepareArguments& arguments) {
  return ReportStatus(Prepare(arguments));
}

}  // namespace rookery
