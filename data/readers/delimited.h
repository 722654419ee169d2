// Cells between delimiters: CSV, TSV and the raw Criteo format.
//
// A cell that begins with the quote runs to its closing quote; two quotes inside are one. A quoted
// cell cannot span lines, because files are cut at line ends. Blanks around a cell are dropped when
// Schema::trim says so, those inside quotes never.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "data/readers/line_splitter.h"

namespace rookery {

class DelimitedSplitter final : public LineSplitter {
 public:
  DelimitedSplitter(const Schema* schema, bool label_required);

  bool IsExample(std::string_view line) const override;
  bool UseHeader(std::string_view line) override;
  bool Split(std::string_view line) override;
  bool cells_are_of_line() const override { return !quoted_; }
  std::span<const std::string_view> cells() const override {
    if (in_order_ && !labels_absent_) return {found_.data(), count_};
    return cells_;
  }
  std::size_t PositionOf(std::size_t column) const override;

 private:
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

  bool SplitAll(std::string_view line);
  void SplitPlain(std::string_view line);
  bool SplitQuoted(std::string_view line);
  bool TakeQuoted(std::string_view line, std::size_t* position);
  [[nodiscard]] std::string_view CellAt(std::string_view line, std::size_t begin,
                                        std::size_t end) const;
  void AddCell(std::string_view cell);
  void MakeRoom(std::size_t cells);
  [[nodiscard]] std::size_t BeginOf(std::size_t cell) const;
  bool CheckCount(std::string_view line);
  void MapCells();

  // Constant after construction.
  const Schema* const schema_;
  const bool label_required_;
  const bool trim_;
  std::vector<std::size_t> without_labels_;  // as file_column_, of a line that lacks all labels
  std::size_t labels_ = 0;

  // Of this file: the file column of each schema column, and how many the file has.
  std::vector<std::size_t> file_column_;
  std::size_t columns_expected_;
  bool in_order_ = true;  // file columns are the schema columns

  // Of the line.
  std::vector<std::string_view> found_;  // by file column; the first count_ are of this line
  std::size_t count_ = 0;
  const char* line_ = nullptr;
  bool quoted_ = false;                  // cells may be in unquoted_
  std::vector<std::size_t> begins_;      // of each cell, if so
  std::string unquoted_;                 // text of cells with doubled quotes
  std::vector<std::string_view> cells_;  // by schema column, where the file's are others
  bool labels_absent_ = false;
};

}  // namespace rookery
