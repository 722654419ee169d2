// LogReader: the text files of a set line by line as they stand, each with the values of its
// columns. For what chooses among examples rather than encodes them (data/selection.h).
//
// Owner    `files` outlives it; views live until the next Next().
// Threads  none.
// Errors   kInvalidInput with "file:line:column: what; what would be right". An error stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "data/readers/line_splitter.h"
#include "data/schema.h"
#include "io/file_system.h"
#include "io/line_reader.h"

namespace rookery {

class LogReader {
 public:
  // `paths` are expanded (data/input.h), `schema` is resolved. All columns that `needed` names
  // (indices) must be in the file, also when their type is ignore.
  LogReader(FileSystem* files, Schema schema, std::vector<std::string> paths,
            const std::vector<std::size_t>& needed);

  // Goes to the next line with examples. False at the end and after an error.
  [[nodiscard]] bool Next();
  [[nodiscard]] const Status& status() const { return status_; }

  // The line without its end, and how many examples it is: one, or one per item in the format
  // sequence.
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::size_t examples() const { return sequence_ ? items_.size() : 1; }
  // What an example has in a column; empty when that is missing. For sequence: column 0 is the
  // user, column 1 the item. Of a libsvm pair: the index, or the value of a number; a list whole.
  [[nodiscard]] std::string_view Value(std::size_t example, std::size_t column) const;
  // "file:line:column: what" of that column in the line.
  [[nodiscard]] Status ErrorAt(std::size_t column, std::string_view what) const;

  // The line that names the columns, the same in all files; empty without Schema::header.
  [[nodiscard]] const std::string& header() const { return header_; }
  // The share of the files before this one.
  [[nodiscard]] double fraction() const {
    return static_cast<double>(file_) / static_cast<double>(paths_.size());
  }

 private:
  [[nodiscard]] bool OpenNext();
  [[nodiscard]] bool TakeHeader();
  [[nodiscard]] bool TakeCells();
  [[nodiscard]] bool Fail(Status status);
  [[nodiscard]] Status SplitterError() const;

  // Constant after construction.
  FileSystem* const files_;
  Schema schema_;
  const std::vector<std::string> paths_;
  const bool sequence_;

  std::size_t file_ = 0;               // index of lines_
  std::unique_ptr<LineReader> lines_;  // null: the next file is not open yet
  std::unique_ptr<LineSplitter> splitter_;
  bool header_due_ = false;
  std::string header_;
  std::string_view line_;
  std::vector<std::string_view> items_;  // of a sequence
  Status status_;
};

}  // namespace rookery
