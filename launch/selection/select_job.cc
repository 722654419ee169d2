#include "launch/selection/select_job.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "common/hash.h"
#include "data/log_reader.h"
#include "launch/new_directory.h"
#include "launch/selection/selection_report.h"

namespace rookery {
namespace {

constexpr std::array<std::pair<Part, const char*>, 3> kSets = {
    {{Part::kTrain, "train"}, {Part::kValid, "valid"}, {Part::kTest, "test"}}};

std::string ExtensionOf(const Schema& schema) {
  if (schema.format != InputFormat::kCsv) return ".txt";
  return schema.delimiter == ',' ? ".csv" : schema.delimiter == '\t' ? ".tsv" : ".txt";
}

// A file of lines that appears with the first of them.
class LineFile {
 public:
  LineFile(FileSystem* files, std::string path) : files_(files), path_(std::move(path)) {}

  Status Add(std::string_view line, const std::string& header) {
    if (file_ == nullptr) {
      ROOKERY_ASSIGN_OR_RETURN(file_, files_->Create(path_));
      if (!header.empty()) text_ = header + "\n";
    }
    text_.append(line).push_back('\n');
    return text_.size() < kFlushBytes ? OkStatus() : Flush();
  }
  [[nodiscard]] bool exists() const { return file_ != nullptr; }
  Status Finish() {
    if (file_ == nullptr) return OkStatus();
    ROOKERY_RETURN_IF_ERROR(Flush());
    ROOKERY_RETURN_IF_ERROR(file_->Sync());
    return file_->Close();
  }

 private:
  static constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

  Status Flush() {
    const Status status = file_->Append(std::as_bytes(std::span(text_)));
    text_.clear();
    return status;
  }

  FileSystem* const files_;
  const std::string path_;
  std::unique_ptr<WritableFile> file_;  // null: no line yet
  std::string text_;                    // not in the file yet
};

class SelectedWriter {
 public:
  SelectedWriter(FileSystem* files, const Schema& schema, std::string directory)
      : files_(files), schema_(schema), directory_(std::move(directory)) {
    for (std::size_t column = 0; column < schema.columns.size(); ++column) {
      const ColumnType type = schema.columns[column].type;
      if (type != ColumnType::kCategorical && type != ColumnType::kList) continue;
      counted_.push_back(column);
      report_.columns.push_back({schema.columns[column].name, {}});
    }
  }

  // The second pass over the files.
  Status WriteLines(LogReader* log, const Parts& parts) {
    std::vector<LineFile> out;
    for (const auto& [part, set] : kSets) {
      out.emplace_back(files_, JoinPath(directory_, set + ExtensionOf(schema_)));
    }
    while (log->Next()) {
      if (report_.examples + log->examples() > parts.size()) return Changed();
      const std::span<const Part> of_line =
          std::span(parts).subspan(report_.examples, log->examples());
      report_.examples += of_line.size();
      for (std::size_t i = 0; i < of_line.size(); ++i) Count(*log, i, of_line[i]);
      for (std::size_t set = 0; set < kSets.size(); ++set) {
        const std::optional<std::string_view> line = LineFor(*log, of_line, kSets[set].first);
        if (line) ROOKERY_RETURN_IF_ERROR(out[set].Add(*line, log->header()));
      }
    }
    ROOKERY_RETURN_IF_ERROR(log->status());
    if (report_.examples != parts.size()) return Changed();
    for (std::size_t set = 0; set < kSets.size(); ++set) {
      ROOKERY_RETURN_IF_ERROR(out[set].Finish());
      const std::string name = kSets[set].second;
      if (out[set].exists()) report_.files.push_back({name, name + ExtensionOf(schema_)});
    }
    return OkStatus();
  }

  Status WriteSequences(const Selection& selection) {
    for (const auto& [part, set] : kSets) {
      const std::string name = StrCat(set, ".sequence");
      LineFile file(files_, JoinPath(directory_, name));
      const std::vector<std::uint32_t> examples =
          InOrder(selection.parts, part, selection.users.values, selection.order);
      std::string line;
      for (std::size_t i = 0; i < examples.size(); ++i) {
        const std::uint32_t user = selection.users.values[examples[i]];
        if (line.empty()) line = selection.users.texts[user];
        line += " " + selection.items.texts[selection.items.values[examples[i]]];
        const bool more =
            i + 1 < examples.size() && selection.users.values[examples[i + 1]] == user;
        if (more) continue;
        ROOKERY_RETURN_IF_ERROR(file.Add(line, ""));
        line.clear();
      }
      ROOKERY_RETURN_IF_ERROR(file.Finish());
      if (file.exists()) report_.sequences.push_back({set, name});
    }
    return OkStatus();
  }

  [[nodiscard]] SelectionReport TakeReport(const Selection& selection) {
    report_.repeats = selection.repeats;
    report_.below_core = selection.below_core;
    for (const Part part : selection.parts) {
      if (part == Part::kTrain) ++report_.train;
      if (part == Part::kValid) ++report_.valid;
      if (part == Part::kTest) ++report_.test;
    }
    return std::move(report_);
  }

 private:
  static Status Changed() {
    return InvalidInput("the files of data.train changed while they were read; run it again");
  }

  // What a set has of the line; nothing if none of its examples.
  std::optional<std::string_view> LineFor(const LogReader& log, std::span<const Part> of_line,
                                          Part part) {
    if (schema_.format != InputFormat::kSequence) {
      if (of_line.front() != part) return std::nullopt;
      return log.line();
    }
    text_.clear();
    for (std::size_t i = 0; i < of_line.size(); ++i) {
      if (of_line[i] != part) continue;
      if (text_.empty()) text_ = log.Value(i, 0);
      text_.append(" ").append(log.Value(i, 1));
    }
    if (text_.empty()) return std::nullopt;
    return text_;
  }

  void Count(const LogReader& log, std::size_t example, Part part) {
    for (std::size_t i = 0; i < counted_.size(); ++i) {
      const Column& column = schema_.columns[counted_[i]];
      std::string_view value = log.Value(example, counted_[i]);
      Vocabulary& vocabulary = report_.columns[i].vocabulary;
      if (column.type == ColumnType::kCategorical || schema_.format == InputFormat::kSequence) {
        vocabulary.Add(HashText(value), part);
        continue;
      }
      const bool pairs = schema_.format == InputFormat::kLibsvm;
      while (!value.empty()) {
        const std::size_t end = pairs ? value.find_first_of(" \t") : value.find(column.separator);
        const std::string_view one = value.substr(0, end);
        const std::string_view key = pairs ? one.substr(0, one.find(':')) : one;
        if (!key.empty()) vocabulary.Add(HashText(key), part);
        value.remove_prefix(std::min(one.size() + 1, value.size()));
      }
    }
  }

  // Constant after construction.
  FileSystem* const files_;
  const Schema& schema_;
  const std::string directory_;
  std::vector<std::size_t> counted_;  // columns of report_.columns

  SelectionReport report_;
  std::string text_;  // of LineFor
};

Status Check(const Job& job, const SelectionOptions& options) {
  if (job.data.blocks) {
    return InvalidInput(
        "data.format = \"blocks\": prepared files have no lines; name the job that reads the text");
  }
  if (job.data.schema.format != InputFormat::kSequence) return OkStatus();
  if (!options.order.empty() || options.split == SplitKind::kTime) {
    return InvalidInput(
        "data.format = \"sequence\": items stand in their order already; leave out --order and "
        "--split time");
  }
  if (!options.sequence_user.empty()) {
    return InvalidInput("data.format = \"sequence\": leave out --sequence; lines are such already");
  }
  return OkStatus();
}

}  // namespace

StatusOr<SelectionReport> SelectJob(FileSystem& files, const Job& job,
                                    const SelectJobOptions& options) {
  ROOKERY_RETURN_IF_ERROR(Check(job, options.selection));
  SelectionOptions selecting = options.selection;
  selecting.seed = job.seed;
  const Schema& schema = job.data.schema;
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::size_t> columns, ColumnsOf(schema, selecting));
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string> paths,
                           ExpandFiles(files, job.data.train));
  ROOKERY_ASSIGN_OR_RETURN(const NewDirectory directory, NewDirectory::Make(files, options.output));
  ROOKERY_ASSIGN_OR_RETURN(const Selection selection,
                           SelectExamples(&files, schema, paths, selecting));
  SelectedWriter writer(&files, schema, directory.path());
  LogReader log(&files, schema, paths, columns);
  ROOKERY_RETURN_IF_ERROR(writer.WriteLines(&log, selection.parts));
  if (!selecting.sequence_user.empty()) ROOKERY_RETURN_IF_ERROR(writer.WriteSequences(selection));
  SelectionReport report = writer.TakeReport(selection);
  report.options = options.given;
  report.options.emplace_back("seed", std::to_string(job.seed));
  ROOKERY_RETURN_IF_ERROR(
      WriteFileAtomically(files, JoinPath(directory.path(), "report.json"), SelectionJson(report)));
  ROOKERY_RETURN_IF_ERROR(directory.Publish());
  return report;
}

}  // namespace rookery
