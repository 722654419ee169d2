#include <unistd.h>

#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "io/posix_file_system.h"
#include "launch/commands.h"
#include "launch/job.h"
#include "launch/prepare_job.h"

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

Status Prepare(const PrepareArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(const Job job, LoadJob(files, arguments.job, arguments.overrides));
  ProgressLine line;
  PrepareJobOptions options;
  options.output = arguments.output;
  while (options.output.size() > 1 && options.output.back() == '/') options.output.pop_back();
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
