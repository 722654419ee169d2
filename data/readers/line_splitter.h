// LineSplitter: one line of text -> the raw cell of every schema column. One per format.
//
// Owner    the schema outlives it; cells live until the next Split and may point into the line.
// Threads  none, it keeps scratch space.
// Errors   Split returns false and error() says where in the line; UseHeader likewise.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "data/schema.h"

namespace rookery {

struct LineError {
  std::size_t position = 0;  // bytes from the start of the line
  std::string what;          // "what; what would be right"
};

class LineSplitter {
 public:
  virtual ~LineSplitter() = default;

  // Neither blank nor a comment of the format.
  [[nodiscard]] virtual bool IsExample(std::string_view line) const = 0;
  // The names of the file's columns, for Schema::header.
  [[nodiscard]] virtual bool UseHeader(std::string_view line) = 0;
  [[nodiscard]] virtual bool Split(std::string_view line) = 0;
  // True when the cells of the line that was split last are views into it, or empty.
  [[nodiscard]] virtual bool cells_are_of_line() const = 0;
  // One per schema column; a column that the line does not have is empty.
  [[nodiscard]] virtual std::span<const std::string_view> cells() const = 0;
  // Where the cell of a schema column begins in the line that was split last.
  [[nodiscard]] virtual std::size_t PositionOf(std::size_t column) const = 0;

  [[nodiscard]] const LineError& error() const { return error_; }

 protected:
  bool Fail(std::size_t position, std::string what) {
    error_ = {position, std::move(what)};
    return false;
  }

 private:
  LineError error_;
};

// Of schema->format. Without label_required a line may lack the labels.
[[nodiscard]] std::unique_ptr<LineSplitter> MakeLineSplitter(const Schema* schema,
                                                             bool label_required);
// One that `splitter` takes and none of Schema::skip_prefixes begins.
[[nodiscard]] bool IsExampleLine(const Schema& schema, const LineSplitter& splitter,
                                 std::string_view line);

[[nodiscard]] std::unique_ptr<LineSplitter> MakeDelimitedSplitter(const Schema* schema,
                                                                  bool label_required);
[[nodiscard]] std::unique_ptr<LineSplitter> MakeLibsvmSplitter(const Schema* schema,
                                                               bool label_required);
[[nodiscard]] std::unique_ptr<LineSplitter> MakeSequenceSplitter();

}  // namespace rookery
