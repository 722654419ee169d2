#include "data/readers/delimited.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "common/error.h"

namespace rookery {
namespace {

constexpr std::size_t kBlockBytes = 32;

// Bit i is set where text[i] is `wanted`. REQUIRES: 32 readable bytes.
std::uint32_t MaskOf(const char* text, char wanted) {
#ifdef __AVX2__
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
  return static_cast<std::uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(block, _mm256_set1_epi8(wanted))));
#else
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < kBlockBytes; ++i) {
    mask |= static_cast<std::uint32_t>(text[i] == wanted) << i;
  }
  return mask;
#endif
}

bool IsBlank(char character) {
  return character == ' ' || character == '\t';
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

DelimitedSplitter::DelimitedSplitter(const Schema* schema, bool label_required)
    : schema_(schema),
      label_required_(label_required),
      trim_(schema->trim),
      columns_expected_(schema->columns.size()),
      cells_(schema->columns.size()) {
  for (std::size_t column = 0; column < schema->columns.size(); ++column) {
    const bool label = schema->columns[column].type == ColumnType::kLabel;
    file_column_.push_back(column);
    without_labels_.push_back(label ? kAbsent : column - labels_);
    if (label) ++labels_;
  }
}

bool DelimitedSplitter::IsExample(std::string_view line) const {
  return std::any_of(line.begin(), line.end(), [this](char character) {
    return !IsBlank(character) || character == schema_->delimiter;
  });
}

bool DelimitedSplitter::UseHeader(std::string_view line) {
  if (!SplitAll(line)) return false;
  in_order_ = false;
  columns_expected_ = count_;
  found_.resize(count_);
  for (std::size_t column = 0; column < schema_->columns.size(); ++column) {
    const Column& spec = schema_->columns[column];
    const auto at = std::find(found_.begin(), found_.end(), spec.name);
    file_column_[column] =
        at == found_.end() ? kAbsent : static_cast<std::size_t>(at - found_.begin());
    if (at == found_.end()) {
      const bool needed =
          spec.type != ColumnType::kIgnore && (label_required_ || spec.type != ColumnType::kLabel);
      if (!needed) continue;
      return Fail(0, StrCat("the header has no column \"", spec.name,
                            "\"; name the columns as [[data.column]] does"));
    }
    const auto again = std::find(at + 1, found_.end(), spec.name);
    if (again == found_.end()) continue;
    return Fail(BeginOf(static_cast<std::size_t>(again - found_.begin())),
                StrCat("the header names column \"", spec.name, "\" twice; rename one"));
  }
  return true;
}

bool DelimitedSplitter::Split(std::string_view line) {
  if (!SplitAll(line) || !CheckCount(line)) return false;
  MapCells();
  return true;
}

bool DelimitedSplitter::SplitAll(std::string_view line) {
  count_ = 0;
  line_ = line.data();
  quoted_ = false;
  if (schema_->quote != '\0' && line.find(schema_->quote) != std::string_view::npos) {
    return SplitQuoted(line);
  }
  SplitPlain(line);
  return true;
}

void DelimitedSplitter::SplitPlain(std::string_view line) {
  std::size_t begin = 0;
  std::size_t count = 0;
  for (std::size_t block = 0; block < line.size(); block += kBlockBytes) {
    MakeRoom(count + kBlockBytes + 1);
    std::string_view* const found = found_.data();
    const std::size_t left = line.size() - block;
    std::uint32_t mask = 0;
    if (left >= kBlockBytes) {
      mask = MaskOf(line.data() + block, schema_->delimiter);
    } else {
      char tail[kBlockBytes] = {};  // a delimiter is never NUL
      std::memcpy(tail, line.data() + block, left);
      mask = MaskOf(tail, schema_->delimiter);
    }
    for (; mask != 0; mask &= mask - 1) {
      const std::size_t end = block + static_cast<std::size_t>(std::countr_zero(mask));
      found[count++] = CellAt(line, begin, end);
      begin = end + 1;
    }
  }
  count_ = count;
  AddCell(CellAt(line, begin, line.size()));
}

std::string_view DelimitedSplitter::CellAt(std::string_view line, std::size_t begin,
                                           std::size_t end) const {
  const std::string_view cell(line.data() + begin, end - begin);
  if (!trim_) return cell;
  const std::string_view text = Trim(cell);
  return text.empty() ? cell.substr(0, 0) : text;
}

void DelimitedSplitter::MakeRoom(std::size_t cells) {
  if (found_.size() < cells) found_.resize(2 * cells);
}

void DelimitedSplitter::AddCell(std::string_view cell) {
  MakeRoom(count_ + 1);
  found_[count_++] = cell;
}

std::size_t DelimitedSplitter::BeginOf(std::size_t cell) const {
  return quoted_ ? begins_[cell] : static_cast<std::size_t>(found_[cell].data() - line_);
}

bool DelimitedSplitter::SplitQuoted(std::string_view line) {
  quoted_ = true;
  begins_.clear();
  unquoted_.clear();
  unquoted_.reserve(line.size());  // so that views into it stay valid
  std::size_t position = 0;
  while (true) {
    std::size_t text = position;
    while (schema_->trim && text < line.size() && IsBlank(line[text]) &&
           line[text] != schema_->delimiter) {
      ++text;
    }
    if (text < line.size() && line[text] == schema_->quote) {
      position = text;
      if (!TakeQuoted(line, &position)) return false;
    } else {
      const std::size_t end = std::min(line.find(schema_->delimiter, position), line.size());
      AddCell(CellAt(line, position, end));
      begins_.push_back(static_cast<std::size_t>(found_[count_ - 1].data() - line.data()));
      position = end;
    }
    if (position == line.size()) return true;
    ++position;  // the delimiter
  }
}

// *position: from the opening quote to the delimiter or the end of the line.
bool DelimitedSplitter::TakeQuoted(std::string_view line, std::size_t* position) {
  const std::size_t open = *position;
  const std::size_t text = unquoted_.size();
  std::size_t at = open + 1;
  while (true) {
    const std::size_t close = line.find(schema_->quote, at);
    if (close == std::string_view::npos) {
      return Fail(open, "the quote is never closed; close it on the same line, or set data.quote");
    }
    unquoted_.append(line.substr(at, close - at));
    at = close + 1;
    if (at >= line.size() || line[at] != schema_->quote) break;
    unquoted_ += schema_->quote;
    ++at;
  }
  while (schema_->trim && at < line.size() && IsBlank(line[at]) && line[at] != schema_->delimiter) {
    ++at;
  }
  if (at < line.size() && line[at] != schema_->delimiter) {
    return Fail(at, "text after the closing quote; double a quote inside a quoted cell");
  }
  AddCell(std::string_view(unquoted_).substr(text));
  begins_.push_back(open);
  *position = at;
  return true;
}

bool DelimitedSplitter::CheckCount(std::string_view line) {
  labels_absent_ = !label_required_ && in_order_ && count_ + labels_ == columns_expected_;
  if (count_ == columns_expected_ || labels_absent_) return true;
  const std::size_t position =
      count_ > columns_expected_ ? BeginOf(columns_expected_) : line.size();
  return Fail(position, StrCat(count_, " columns; the ", in_order_ ? "schema" : "header", " has ",
                               columns_expected_));
}

void DelimitedSplitter::MapCells() {
  if (in_order_ && !labels_absent_) return;
  for (std::size_t column = 0; column < cells_.size(); ++column) {
    const std::size_t from = (labels_absent_ ? without_labels_ : file_column_)[column];
    cells_[column] = from == kAbsent ? std::string_view() : found_[from];
  }
}

std::size_t DelimitedSplitter::PositionOf(std::size_t column) const {
  const std::size_t from = (labels_absent_ ? without_labels_ : file_column_)[column];
  return from == kAbsent ? 0 : BeginOf(from);
}

std::unique_ptr<LineSplitter> MakeDelimitedSplitter(const Schema* schema, bool label_required) {
  return std::make_unique<DelimitedSplitter>(schema, label_required);
}

}  // namespace rookery
