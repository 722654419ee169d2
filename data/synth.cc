#include "data/synth.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <vector>

#include "common/json.h"

namespace rookery {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20;
constexpr std::uint64_t kRowsMax = std::uint64_t{1} << 32;

Status CheckOptions(const SynthOptions& options) {
  if (options.path.empty()) return InvalidInput("synth: no output file; give --out FILE");
  if (options.rows == 0 || options.rows > kRowsMax) {
    return InvalidInput("synth: rows = ", options.rows, "; must be 1 to ", kRowsMax);
  }
  if (options.teacher.ids == 0) return InvalidInput("synth: ids = 0; must be 1 or more");
  if (!(options.teacher.zipf >= 0 && options.teacher.zipf <= 10)) {
    return InvalidInput("synth: zipf = ", options.teacher.zipf, "; must be 0 to 10");
  }
  return OkStatus();
}

Status AppendAll(std::string* text, WritableFile* file) {
  const Status status = file->Append(std::as_bytes(std::span(text->data(), text->size())));
  text->clear();
  return status;
}

// Writes the rows and scores them.
StatusOr<SynthReport> WriteRows(const SynthOptions& options, WritableFile* file) {
  const Teacher teacher(options.teacher);
  std::vector<std::uint64_t> scored;
  scored.reserve(options.rows);
  SynthReport report;
  report.rows = options.rows;
  std::string text;
  for (std::uint64_t i = 0; i < options.rows; ++i) {
    const SynthRow row = teacher.Row(options.seed, i);
    teacher.AppendText(row, &text);
    scored.push_back(ScoredLabel(row.probability, row.label));
    report.positives += row.label ? 1 : 0;
    report.logloss -= std::log(row.label ? row.probability : 1.0 - row.probability);
    if (text.size() >= kWriteBytes) ROOKERY_RETURN_IF_ERROR(AppendAll(&text, file));
  }
  ROOKERY_RETURN_IF_ERROR(AppendAll(&text, file));
  report.logloss /= static_cast<double>(options.rows);
  report.auc = ExactAuc(scored);
  return report;
}

std::string ReportToJson(const SynthOptions& options, const SynthReport& report) {
  JsonObject object;
  object["auc"] = report.auc;
  object["logloss"] = report.logloss;
  object["rows"] = report.rows;
  object["positives"] = report.positives;
  object["seed"] = options.seed;
  object["teacher_seed"] = options.teacher.seed;
  object["ids"] = options.teacher.ids;
  object["zipf"] = options.teacher.zipf;
  return WriteJsonPretty(Json(std::move(object)));
}

}  // namespace

std::uint64_t ScoredLabel(double probability, bool label) {
  return (std::bit_cast<std::uint64_t>(probability) & ~std::uint64_t{1}) | (label ? 1U : 0U);
}

double ExactAuc(std::span<std::uint64_t> scored_labels) {
  std::sort(scored_labels.begin(), scored_labels.end());
  double below = 0;  // negatives with a lower score
  double positives = 0;
  double area = 0;
  for (std::size_t begin = 0; begin < scored_labels.size();) {
    std::size_t end = begin;
    double tied_positives = 0;
    double tied_negatives = 0;
    for (; end < scored_labels.size() && scored_labels[end] >> 1U == scored_labels[begin] >> 1U;
         ++end) {
      ((scored_labels[end] & 1U) != 0 ? tied_positives : tied_negatives) += 1;
    }
    area += tied_positives * (below + tied_negatives / 2);
    positives += tied_positives;
    below += tied_negatives;
    begin = end;
  }
  return positives == 0 || below == 0 ? 0.5 : area / (positives * below);
}

StatusOr<SynthReport> WriteSynth(FileSystem& files, const SynthOptions& options) {
  ROOKERY_RETURN_IF_ERROR(CheckOptions(options));
  const std::string unfinished = options.path + ".tmp";
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file,
                           CreateCompressed(files, unfinished, options.compression));
  ROOKERY_ASSIGN_OR_RETURN(const SynthReport report, WriteRows(options, file.get()));
  ROOKERY_RETURN_IF_ERROR(file->Close());
  ROOKERY_RETURN_IF_ERROR(files.Rename(unfinished, options.path));
  ROOKERY_RETURN_IF_ERROR(
      WriteFileAtomically(files, options.path + ".teacher.json", ReportToJson(options, report)));
  return report;
}

}  // namespace rookery
