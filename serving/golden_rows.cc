#include "serving/golden_rows.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "common/check.h"
#include "common/json.h"
#include "data/block_file.h"
#include "data/input.h"
#include "io/line_reader.h"

namespace rookery {
namespace {

constexpr std::uint32_t kGoldenVersion = 1;

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

bool IsSkipped(const Schema& schema, std::string_view line) {
  return IsBlank(line) ||
         std::any_of(schema.skip_prefixes.begin(), schema.skip_prefixes.end(),
                     [&](const std::string& prefix) { return line.starts_with(prefix); });
}

Json FeatureToJson(const FeatureColumn& column, std::size_t example, bool with_weights) {
  JsonArray array;
  for (std::size_t i = column.Begin(example); i < column.End(example); ++i) {
    if (with_weights) {
      array.emplace_back(static_cast<double>(column.Weight(i)));
    } else {
      array.emplace_back(column.keys[i]);
    }
  }
  return array;
}

// One alone is a number, several are an array.
Json ScoresToJson(std::span<const float> scores) {
  if (scores.size() == 1) return static_cast<double>(scores[0]);
  JsonArray array;
  for (const float score : scores) array.emplace_back(static_cast<double>(score));
  return array;
}

Json RowToJson(const FeatureLayout& layout, const Batch& batch, std::size_t example,
               std::span<const float> scores) {
  const std::size_t width = scores.size() / batch.examples;
  JsonObject keys;
  JsonObject weights;
  for (std::size_t f = 0; f < layout.features.size(); ++f) {
    const FeatureColumn& column = batch.features[f];
    keys[layout.features[f].name] = FeatureToJson(column, example, false);
    if (column.weights.empty()) continue;
    weights[layout.features[f].name] = FeatureToJson(column, example, true);
  }
  JsonArray numeric;
  for (std::size_t n = 0; n < batch.numeric_width; ++n) {
    numeric.emplace_back(static_cast<double>(batch.numeric[example * batch.numeric_width + n]));
  }
  JsonObject row;
  row["keys"] = std::move(keys);
  row["weights"] = std::move(weights);
  row["numeric"] = std::move(numeric);
  row["score"] = ScoresToJson(scores.subspan(example * width, width));
  return row;
}

double Difference(double a, double b) {
  const double difference = std::abs(a - b) / std::max(1.0, std::abs(b));
  return std::isnan(difference) ? HUGE_VAL : difference;
}

double ScoreDifference(const Json& a, const Json& b) {
  if (a.is_double() && b.is_number()) return Difference(a.get_double(), b.to_number<double>());
  const JsonArray* first = a.if_array();
  const JsonArray* second = b.if_array();
  if (first == nullptr || second == nullptr || first->size() != second->size()) return HUGE_VAL;
  double largest = 0;
  for (std::size_t k = 0; k < first->size(); ++k) {
    largest = std::max(largest, ScoreDifference((*first)[k], (*second)[k]));
  }
  return largest;
}

// One row as it is in the file and as it is computed now; returns the difference of the scores.
StatusOr<double> CompareRow(const Json& expected, const Json& found, const std::string& where) {
  JsonFields old_fields(expected, where);
  JsonFields new_fields(found, where);
  for (const char* member : {"keys", "weights"}) {
    // Printed, so that 1 as a signed and as an unsigned number are the same.
    if (WriteJson(old_fields.Value(member)) == WriteJson(new_fields.Value(member))) continue;
    ROOKERY_RETURN_IF_ERROR(old_fields.Finish());
    return Corrupt(where, ": this build computes other ", member, " from the same line");
  }
  const JsonArray& old_numeric = old_fields.Array("numeric");
  const JsonArray& new_numeric = new_fields.Array("numeric");
  const Json& old_score = old_fields.Value("score");
  const Json& new_score = new_fields.Value("score");
  ROOKERY_RETURN_IF_ERROR(old_fields.Finish());
  bool same = old_numeric.size() == new_numeric.size();
  for (std::size_t i = 0; same && i < old_numeric.size(); ++i) {
    same = old_numeric[i].is_double() &&
           Difference(new_numeric[i].get_double(), old_numeric[i].get_double()) <= kGoldenTolerance;
  }
  if (!same) return Corrupt(where, ": this build computes other numeric inputs from the same line");
  const double difference = ScoreDifference(new_score, old_score);
  if (difference <= kGoldenTolerance) return difference;
  return Corrupt(where, ": the score is ", WriteJson(new_score), ", golden.json says ",
                 WriteJson(old_score), "; the difference may be ", kGoldenTolerance);
}

// The first lines that hold so many examples.
StatusOr<std::string> TakeLines(FileSystem& files, const Schema& schema,
                                const std::vector<std::string>& paths, std::size_t rows) {
  std::string text;
  std::size_t taken = 0;
  for (const std::string& path : paths) {
    ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<LineReader> reader, OpenLines(files, path));
    bool header = schema.header;
    std::string_view line;
    while (taken < rows && reader->Next(line)) {
      if (IsSkipped(schema, line)) continue;
      text.append(line).push_back('\n');
      if (!std::exchange(header, false)) ++taken;
    }
    ROOKERY_RETURN_IF_ERROR(reader->status());
    // Another file's header may order the columns differently.
    if (taken == rows || schema.header) break;
  }
  return text;
}

// The first examples of prepared files, as one of them.
Status WriteBlock(FileSystem& files, const FittedSchema& fitted,
                  const std::vector<std::string>& sources, std::size_t rows,
                  const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(
      const std::unique_ptr<BlockFileWriter> writer,
      BlockFileWriter::Create(files, path, fitted, static_cast<std::uint32_t>(rows), false));
  InputOptions options;
  options.files = sources;
  const std::unique_ptr<InputReader> reader = MakeInputReader(&files, &fitted, options);
  ChunkRun run;
  while (run.file < sources.size() && writer->examples() < rows) {
    ROOKERY_ASSIGN_OR_RETURN(RunResult result, reader->Read(run));
    const std::size_t wanted = rows - static_cast<std::size_t>(writer->examples());
    if (result.examples.examples > wanted) TruncateBatch(wanted, &result.examples);
    ROOKERY_RETURN_IF_ERROR(writer->Append(result.examples));
    ++run.first;
    if (!result.end_of_file) continue;
    ++run.file;
    run.first = 0;
  }
  return writer->Finish().status();
}

}  // namespace

Status WriteGoldenData(FileSystem& files, const FittedSchema& fitted,
                       const std::vector<std::string>& sources, std::size_t rows,
                       const std::string& path) {
  ROOKERY_CHECK(!sources.empty());
  ROOKERY_ASSIGN_OR_RETURN(const bool prepared, IsBlockFile(files, sources.front()));
  std::vector<std::string> alike;
  for (const std::string& source : sources) {
    ROOKERY_ASSIGN_OR_RETURN(const bool is_prepared, IsBlockFile(files, source));
    if (is_prepared == prepared) alike.push_back(source);
  }
  if (prepared) return WriteBlock(files, fitted, alike, rows, path);
  ROOKERY_ASSIGN_OR_RETURN(const std::string lines, TakeLines(files, fitted.schema, alike, rows));
  return WriteFileAtomically(files, path, lines);
}

StatusOr<Batch> ReadExamples(FileSystem* files, const FittedSchema& fitted,
                             const std::string& path) {
  InputOptions options;
  options.files = {path};
  options.label_required = false;
  const std::unique_ptr<InputReader> reader = MakeInputReader(files, &fitted, options);
  ChunkRun run;
  run.count = 1 + kGoldenRows;  // a chunk holds many lines, at the very least one
  ROOKERY_ASSIGN_OR_RETURN(RunResult result, reader->Read(run));
  if (!result.end_of_file) return Corrupt(path, ": has more lines than golden rows");
  return std::move(result.examples);
}

std::string GoldenToJson(const FeatureLayout& layout, const Batch& batch,
                         const std::vector<float>& scores) {
  std::string text = StrCat("{\n  \"format_version\": ", kGoldenVersion, ",\n  \"rows\": [\n");
  for (std::size_t i = 0; i < batch.examples; ++i) {
    text += "    " + WriteJson(RowToJson(layout, batch, i, scores));
    text += i + 1 < batch.examples ? ",\n" : "\n";
  }
  return text + "  ]\n}\n";
}

StatusOr<double> CompareGolden(std::string_view json, std::string_view path,
                               const FeatureLayout& layout, const Batch& batch,
                               const std::vector<float>& scores) {
  ROOKERY_ASSIGN_OR_RETURN(const Json value, ParseJson(json, path));
  JsonFields fields(value, path);
  const std::uint64_t version = fields.Unsigned("format_version");
  const JsonArray& rows = fields.Array("rows");
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  if (version != kGoldenVersion) {
    return Corrupt(path, ": format_version ", version, "; this build reads ", kGoldenVersion);
  }
  if (rows.size() != batch.examples) {
    return Corrupt(path, ": has ", rows.size(), " rows, golden.data ", batch.examples);
  }
  double largest = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ROOKERY_ASSIGN_OR_RETURN(
        const double difference,
        CompareRow(rows[i], RowToJson(layout, batch, i, scores), StrCat(path, ": row ", i)));
    largest = std::max(largest, difference);
  }
  return largest;
}

}  // namespace rookery
