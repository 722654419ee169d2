#include "data/log_reader.h"

#include <algorithm>
#include <utility>

#include "data/block_file.h"
#include "data/input_source.h"

namespace rookery {
namespace {

// Of "index:value" what a column of the type has.
std::string_view OfPair(ColumnType type, std::string_view pair) {
  const std::size_t colon = pair.find(':');
  if (type == ColumnType::kLabel || type == ColumnType::kList || colon == pair.npos) return pair;
  return type == ColumnType::kNumeric ? pair.substr(colon + 1) : pair.substr(0, colon);
}

}  // namespace

LogReader::LogReader(FileSystem* files, Schema schema, std::vector<std::string> paths,
                     const std::vector<std::size_t>& needed)
    : files_(files),
      schema_(std::move(schema)),
      paths_(std::move(paths)),
      sequence_(schema_.format == InputFormat::kSequence) {
  for (const std::size_t column : needed) {
    // A header may lack columns that are ignored.
    ColumnType& type = schema_.columns[column].type;
    if (type == ColumnType::kIgnore) type = ColumnType::kCategorical;
  }
}

bool LogReader::Next() {
  while (status_.ok() && file_ < paths_.size()) {
    if (lines_ == nullptr && !OpenNext()) return false;
    while (lines_->Next(line_)) {
      line_ = WithoutByteOrderMark(line_, lines_->line_offset());
      if (!IsExampleLine(schema_, *splitter_, line_)) continue;
      if (!header_due_) return TakeCells();
      header_due_ = false;
      if (!TakeHeader()) return false;
    }
    if (!lines_->status().ok()) return Fail(InputError(lines_->status()));
    lines_.reset();
    ++file_;
  }
  return false;
}

std::string_view LogReader::Value(std::size_t example, std::size_t column) const {
  if (sequence_ && column == 1) return items_[example];
  std::string_view value = splitter_->cells()[column];
  if (schema_.format == InputFormat::kLibsvm) value = OfPair(schema_.columns[column].type, value);
  const bool missing = std::ranges::find(schema_.missing, value) != schema_.missing.end();
  return missing ? std::string_view() : value;
}

Status LogReader::ErrorAt(std::size_t column, std::string_view what) const {
  return InvalidInput(paths_[file_], ":", lines_->line_number(), ":",
                      splitter_->PositionOf(column) + 1, ": ", what);
}

bool LogReader::OpenNext() {
  const std::string& path = paths_[file_];
  const StatusOr<bool> prepared = IsBlockFile(*files_, path);
  if (!prepared.ok()) return Fail(InputError(prepared.status()));
  if (*prepared) {
    return Fail(InvalidInput(path, ": a prepared file; name the text that it was made of"));
  }
  StatusOr<std::unique_ptr<LineReader>> lines = OpenLines(*files_, path);
  if (!lines.ok()) return Fail(InputError(lines.status()));
  lines_ = *std::move(lines);
  splitter_ = MakeLineSplitter(&schema_, true);
  header_due_ = schema_.header;
  return true;
}

bool LogReader::TakeHeader() {
  if (!splitter_->UseHeader(line_)) return Fail(SplitterError());
  if (header_.empty()) header_ = line_;
  if (header_ == line_) return true;
  return Fail(InvalidInput(paths_[file_], ":", lines_->line_number(),
                           ": the header is not that of ", paths_.front(),
                           "; lines of one file have the same columns in the same order"));
}

bool LogReader::TakeCells() {
  if (!splitter_->Split(line_)) return Fail(SplitterError());
  if (!sequence_) return true;
  constexpr std::string_view kBlanks = " \t";
  items_.clear();
  std::string_view rest = splitter_->cells()[1];
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(kBlanks), rest.size());
    items_.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks, end), rest.size()));
  }
  return true;
}

bool LogReader::Fail(Status status) {
  status_ = std::move(status);
  return false;
}

Status LogReader::SplitterError() const {
  const LineError& error = splitter_->error();
  return InvalidInput(paths_[file_], ":", lines_->line_number(), ":", error.position + 1, ": ",
                      error.what);
}

}  // namespace rookery
