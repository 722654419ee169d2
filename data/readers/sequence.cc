// "user item item ...", with blanks or tabs between: the interactions of one user on one line.
#include <algorithm>
#include <array>

#include "data/readers/line_splitter.h"

namespace rookery {
namespace {

constexpr std::string_view kBlanks = " \t";

class SequenceSplitter final : public LineSplitter {
 public:
  bool IsExample(std::string_view line) const override {
    return line.find_first_not_of(kBlanks) != std::string_view::npos;
  }
  bool UseHeader(std::string_view) override {
    return Fail(0, "files of sequences have no header; leave data.header out");
  }
  bool Split(std::string_view line) override {
    const std::size_t user = std::min(line.find_first_not_of(kBlanks), line.size());
    const std::size_t user_end = std::min(line.find_first_of(kBlanks, user), line.size());
    const std::size_t items = std::min(line.find_first_not_of(kBlanks, user_end), line.size());
    begins_ = {user, items};
    cells_ = {line.substr(user, user_end - user), line.substr(items)};
    return true;
  }
  bool cells_are_of_line() const override { return true; }
  std::span<const std::string_view> cells() const override { return cells_; }
  std::size_t PositionOf(std::size_t column) const override { return begins_[column]; }

 private:
  // Of the line: the user and all items.
  std::array<std::string_view, 2> cells_;
  std::array<std::size_t, 2> begins_{};
};

}  // namespace

std::unique_ptr<LineSplitter> MakeSequenceSplitter() {
  return std::make_unique<SequenceSplitter>();
}

}  // namespace rookery
