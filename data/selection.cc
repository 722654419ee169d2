#include "data/selection.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include "common/hash.h"
#include "data/log_reader.h"

namespace rookery {
namespace {

constexpr std::uint64_t kProgressEvery = 1U << 16U;

std::size_t IndexOf(const Schema& schema, const std::string& name) {
  const auto found = std::ranges::find(schema.columns, name, &Column::name);
  return static_cast<std::size_t>(found - schema.columns.begin());
}

bool ParseOrder(std::string_view text, double* value) {
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, *value);
  return error == std::errc() && end == last && std::isfinite(*value);
}

// Gives every value of a column a number.
class Numbering {
 public:
  Numbering(std::size_t column, bool texts) : column_(column), texts_(texts) {}

  // A value that a sequence cannot have is an error.
  Status Add(const LogReader& log, std::size_t example) {
    const std::string_view value = log.Value(example, column_);
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    const auto [found, fresh] = numbers_.try_emplace(HashText(value), next);
    numbered_.values.push_back(found->second);
    if (!fresh || !texts_) return OkStatus();
    numbered_.texts.emplace_back(value);
    if (!value.empty() && value.find_first_of(" \t") == std::string_view::npos) return OkStatus();
    return log.ErrorAt(column_, value.empty()
                                    ? "no value, which a sequence cannot do without"
                                    : "a value with a blank, which separates values in sequences");
  }
  [[nodiscard]] std::span<const std::uint32_t> values() const { return numbered_.values; }
  [[nodiscard]] std::uint32_t distinct() const {
    return static_cast<std::uint32_t>(numbers_.size());
  }
  [[nodiscard]] NumberedColumn Take() { return std::move(numbered_); }

 private:
  const std::size_t column_;
  const bool texts_;
  std::unordered_map<Key, std::uint32_t> numbers_;
  NumberedColumn numbered_;
};

class Selecting {
 public:
  Selecting(const Schema& schema, const SelectionOptions& options)
      : schema_(schema),
        options_(options),
        repeats_(options.dedup_lines || !options.dedup.empty()),
        order_column_(IndexOf(schema, options.order)) {
    for (const std::string& name : options.dedup) dedup_.push_back(IndexOf(schema, name));
    if (schema.format == InputFormat::kSequence && options.dedup_lines) dedup_ = {0, 1};
    for (const auto& core : options.core) Number(core.column, false);
    if (!options.group.empty()) Number(options.group, false);
    if (options.sequence_user.empty()) return;
    Number(options.sequence_user, true);
    Number(options.sequence_item, true);
  }

  Status Read(LogReader* log) {
    while (log->Next()) {
      for (std::size_t i = 0; i < log->examples(); ++i) {
        if (examples_ == kSelectedExamplesMax) {
          return InvalidInput("more than ", kSelectedExamplesMax, " examples to select from");
        }
        ROOKERY_RETURN_IF_ERROR(Add(*log, i));
        if (++examples_ % kProgressEvery == 0 && options_.progress) {
          options_.progress({examples_, log->fraction()});
        }
      }
    }
    return log->status();
  }

  StatusOr<Selection> Select() {
    Selection selection;
    Parts& parts = selection.parts;
    parts.assign(examples_, Part::kTrain);
    const auto left = [&parts] {
      return static_cast<std::uint64_t>(parts.size()) -
             static_cast<std::uint64_t>(std::ranges::count(parts, Part::kNone));
    };
    if (repeats_) DropRepeats(keys_, order_, options_.dedup_keep, &parts);
    keys_ = {};
    const std::uint64_t different = left();
    selection.repeats = examples_ - different;
    std::vector<CoreColumn> cores;
    for (const auto& core : options_.core) {
      const Numbering& column = Of(core.column);
      cores.push_back({column.values(), column.distinct(), core.least});
    }
    KeepCore(cores, &parts);
    selection.below_core = different - left();
    if (left() == 0) {
      return InvalidInput("no example is left of ", examples_,
                          "; smaller counts in --core would leave some");
    }
    Split(&parts);
    selection.order = std::move(order_);
    if (options_.sequence_user.empty()) return selection;
    selection.users = Of(options_.sequence_user).Take();
    selection.items = Of(options_.sequence_item).Take();
    return selection;
  }

 private:
  void Number(const std::string& name, bool texts) {
    const std::size_t column = IndexOf(schema_, name);
    if (texts) numberings_.erase(column);
    numberings_.try_emplace(column, column, texts);
  }
  Numbering& Of(const std::string& name) { return numberings_.at(IndexOf(schema_, name)); }

  Status Add(const LogReader& log, std::size_t example) {
    if (repeats_) {
      Key key = dedup_.empty() ? HashText(log.line()) : 0;
      for (const std::size_t column : dedup_) key = HashText(log.Value(example, column), key);
      keys_.push_back(key);
    }
    if (!options_.order.empty()) {
      const std::size_t column = order_column_;
      double place = 0;
      if (!ParseOrder(log.Value(example, column), &place)) {
        return log.ErrorAt(
            column, StrCat("\"", log.Value(example, column), "\" in column \"", options_.order,
                           "\"; --order needs a number in every line"));
      }
      order_.push_back(place);
    }
    for (auto& [column, numbering] : numberings_) {
      ROOKERY_RETURN_IF_ERROR(numbering.Add(log, example));
    }
    return OkStatus();
  }

  void Split(Parts* parts) {
    const std::span<const std::uint32_t> group =
        options_.group.empty() ? std::span<const std::uint32_t>() : Of(options_.group).values();
    switch (options_.split) {
      case SplitKind::kNone:
        return;
      case SplitKind::kLeaveOneOut:
        return SplitLeaveOneOut(group, order_, parts);
      case SplitKind::kTime: {
        constexpr double kNever = std::numeric_limits<double>::infinity();
        if (!options_.valid_from && !options_.test_from) {
          return SplitByShares(group, order_, options_.shares, parts);
        }
        return SplitAt(order_, options_.valid_from.value_or(kNever),
                       options_.test_from.value_or(kNever), parts);
      }
      case SplitKind::kRatio:
        return SplitByShares(group, RandomOrder(options_.seed, parts->size()), options_.shares,
                             parts);
    }
  }

  // Constant after construction.
  const Schema& schema_;
  const SelectionOptions& options_;
  const bool repeats_;
  const std::size_t order_column_;  // if there is one
  std::vector<std::size_t> dedup_;  // columns; empty: the line

  // By example, as far as options ask for it.
  std::uint64_t examples_ = 0;
  std::vector<Key> keys_;
  std::vector<double> order_;
  std::map<std::size_t, Numbering> numberings_;  // by column
};

}  // namespace

StatusOr<std::vector<std::size_t>> ColumnsOf(const Schema& schema,
                                             const SelectionOptions& options) {
  std::vector<std::string> names = options.dedup;
  for (const auto& core : options.core) names.push_back(core.column);
  for (const std::string* name :
       {&options.group, &options.order, &options.sequence_user, &options.sequence_item}) {
    if (!name->empty()) names.push_back(*name);
  }
  std::vector<std::size_t> columns;
  for (const std::string& name : names) {
    columns.push_back(IndexOf(schema, name));
    if (columns.back() < schema.columns.size()) continue;
    std::string known;
    for (const Column& column : schema.columns) known += (known.empty() ? "" : ", ") + column.name;
    return InvalidInput("no column is named \"", name, "\"; the job has ", known,
                        ". One that it does not read needs a [[data.column]] of type \"ignore\"");
  }
  std::ranges::sort(columns);
  columns.erase(std::ranges::unique(columns).begin(), columns.end());
  return columns;
}

StatusOr<Selection> SelectExamples(FileSystem* files, const Schema& schema,
                                   const std::vector<std::string>& paths,
                                   const SelectionOptions& options) {
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::size_t> columns, ColumnsOf(schema, options));
  LogReader log(files, schema, paths, columns);
  Selecting selecting(schema, options);
  ROOKERY_RETURN_IF_ERROR(selecting.Read(&log));
  return selecting.Select();
}

}  // namespace rookery
