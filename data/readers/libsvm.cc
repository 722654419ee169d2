// "label index:value index:value ... # comment", the format of LIBSVM and libFM.
#include <algorithm>
#include <vector>

#include "common/error.h"
#include "data/readers/line_splitter.h"

namespace rookery {
namespace {

constexpr std::string_view kBlanks = " \t";

// Cuts the first word off `rest`; empty at the end.
std::string_view TakeWord(std::string_view* rest) {
  const std::size_t begin = std::min(rest->find_first_not_of(kBlanks), rest->size());
  const std::size_t end = std::min(rest->find_first_of(kBlanks, begin), rest->size());
  const std::string_view word = rest->substr(begin, end - begin);
  rest->remove_prefix(end);
  return word;
}

class LibsvmSplitter final : public LineSplitter {
 public:
  LibsvmSplitter(const Schema* schema, bool label_required)
      : label_required_(label_required),
        cells_(schema->columns.size()),
        begins_(schema->columns.size()) {
    for (std::size_t column = 0; column < schema->columns.size(); ++column) {
      const ColumnType type = schema->columns[column].type;
      if (type == ColumnType::kLabel) {
        label_ = column;
        continue;
      }
      pair_columns_.push_back(column);
      if (type == ColumnType::kList) list_ = true;
    }
  }

  bool IsExample(std::string_view line) const override {
    const std::size_t begin = line.find_first_not_of(kBlanks);
    return begin != std::string_view::npos && line[begin] != '#';
  }
  bool UseHeader(std::string_view) override {
    return Fail(0, "libsvm files have no header; leave data.header out");
  }
  bool Split(std::string_view line) override {
    std::string_view rest = line.substr(0, line.find('#'));
    if (!TakeLabel(line, &rest)) return false;
    return list_ ? TakeList(line, rest) : TakePairs(line, rest);
  }
  bool cells_are_of_line() const override { return true; }
  std::span<const std::string_view> cells() const override { return cells_; }
  std::size_t PositionOf(std::size_t column) const override { return begins_[column]; }

 private:
  void Set(std::size_t column, std::string_view line, std::string_view cell) {
    cells_[column] = cell;
    begins_[column] = static_cast<std::size_t>(cell.data() - line.data());
  }
  bool TakeLabel(std::string_view line, std::string_view* rest) {
    std::string_view after = *rest;
    const std::string_view word = TakeWord(&after);
    if (word.find(':') != std::string_view::npos) {  // already a pair
      Set(label_, line, line.substr(0, 0));
      return !label_required_ ||
             Fail(0, "the line begins with a pair; write its label before the first pair");
    }
    Set(label_, line, word);
    *rest = after;
    if (TakeWord(&after).starts_with("qid:")) *rest = after;
    return true;
  }
  bool TakeList(std::string_view line, std::string_view rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
    Set(pair_columns_[0], line, rest);
    return true;
  }
  bool TakePairs(std::string_view line, std::string_view rest) {
    std::size_t pairs = 0;
    for (std::string_view word = TakeWord(&rest); !word.empty(); word = TakeWord(&rest)) {
      if (pairs == pair_columns_.size()) {
        return Fail(static_cast<std::size_t>(word.data() - line.data()),
                    StrCat("a pair too many; the schema has ", pair_columns_.size(),
                           " columns besides the label"));
      }
      Set(pair_columns_[pairs++], line, word);
    }
    if (pairs == pair_columns_.size()) return true;
    return Fail(line.size(), StrCat(pairs, " pairs; the schema has ", pair_columns_.size(),
                                    " columns besides the label"));
  }

  // Constant after construction.
  const bool label_required_;
  std::size_t label_ = 0;
  std::vector<std::size_t> pair_columns_;  // schema columns that are not the label
  bool list_ = false;                      // one list takes all pairs

  // Of the line.
  std::vector<std::string_view> cells_;
  std::vector<std::size_t> begins_;
};

}  // namespace

std::unique_ptr<LineSplitter> MakeLibsvmSplitter(const Schema* schema, bool label_required) {
  return std::make_unique<LibsvmSplitter>(schema, label_required);
}

}  // namespace rookery
