#include "data/line_parser.h"

#include <algorithm>

namespace rookery {
LineParser::LineParser(const FittedSchema* fitted, bool label_required)
    : schema_(&fitted->schema),
      splitter_(MakeLineSplitter(schema_, label_required)),
      encoder_(fitted, label_required) {}

bool LineParser::IsExample(std::string_view line) const {
  return IsExampleLine(*schema_, *splitter_, line);
}

bool LineParser::UseHeader(std::string_view line) {
  if (splitter_->UseHeader(line)) return true;
  error_ = splitter_->error();
  return false;
}

bool LineParser::Parse(std::string_view line, Batch* batch) {
  if (!splitter_->Split(line)) {
    error_ = splitter_->error();
    return false;
  }
  if (encoder_.Append(splitter_->cells(), batch)) return true;
  const CellError& cell = encoder_.error();
  error_ = {splitter_->PositionOf(cell.column) + cell.offset, cell.what};
  return false;
}

bool LineParser::ParseBlock(std::span<const std::string_view> lines, Batch* batch) {
  if (!encoder_.encodes_blocks()) return false;
  const std::size_t columns = schema_->columns.size();
  block_cells_.resize(lines.size() * columns);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!splitter_->Split(lines[i]) || !splitter_->cells_are_of_line()) return false;
    std::copy_n(splitter_->cells().data(), columns, block_cells_.data() + i * columns);
  }
  return encoder_.AppendBlock(block_cells_.data(), lines.size(), batch);
}

}  // namespace rookery
