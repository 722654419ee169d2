#include "data/synth.h"

#include <iomanip>
#include <iostream>

#include "io/posix_file_system.h"
#include "launch/commands.h"

namespace rookery {
namespace {

bool EndsWith(const std::string& text, std::string_view end) {
  return text.size() >= end.size() &&
         std::string_view(text).substr(text.size() - end.size()) == end;
}

Compression CompressionOf(const std::string& path) {
  if (EndsWith(path, ".gz")) return Compression::kGzip;
  if (EndsWith(path, ".zst")) return Compression::kZstd;
  return Compression::kNone;
}

Status Synth(const SynthArguments& arguments) {
  SynthOptions options;
  options.path = arguments.output;
  options.rows = arguments.rows;
  options.seed = arguments.seed;
  options.teacher.seed = arguments.teacher_seed;
  options.teacher.ids = arguments.ids;
  options.teacher.zipf = arguments.zipf;
  options.compression = CompressionOf(arguments.output);
  PosixFileSystem files;
  if (const std::string directory = DirectoryOf(options.path); !directory.empty()) {
    ROOKERY_RETURN_IF_ERROR(files.MakeDirectory(directory));
  }
  ROOKERY_ASSIGN_OR_RETURN(const SynthReport report, WriteSynth(files, options));
  std::cout << options.path << ": " << report.rows << " rows, " << report.positives
            << " positive; the teacher's own AUC " << std::fixed << std::setprecision(5)
            << report.auc << ", logloss " << report.logloss << " (" << options.path
            << ".teacher.json)\n";
  return OkStatus();
}

}  // namespace

int RunSynth(const SynthArguments& arguments) {
  return ReportStatus(Synth(arguments));
}

}  // namespace rookery
