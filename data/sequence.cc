#include "data/sequence.h"

#include <algorithm>

#include "common/check.h"

namespace rookery {

std::pair<std::size_t, std::size_t> PartOfLine(SequenceSplit split, SequenceSet set,
                                               std::size_t items) {
  constexpr std::size_t kHeldOut = 2;
  if (split == SequenceSplit::kNone) return {0, items};
  const bool held_out = items > kHeldOut;
  const std::size_t trained = held_out ? items - kHeldOut : items;
  switch (set) {
    case SequenceSet::kTrain:
      break;
    case SequenceSet::kValid:
      return {trained, trained + (held_out ? 1 : 0)};
    case SequenceSet::kTest:
      return {held_out ? trained + 1 : items, items};
  }
  return {0, trained};
}

std::pair<std::size_t, std::size_t> KeptOf(const SequenceOptions& options, std::size_t elements) {
  const std::size_t kept = std::min<std::size_t>(elements, options.max_length);
  if (options.keep == ListEnd::kFirst) return {0, kept};
  return {elements - kept, elements};
}

bool NeedsOrder(const SequenceOptions& options) {
  return options.examples == SequenceExamples::kNextItem && options.split == SequenceSplit::kNone;
}

Schema ExampleSchemaOf(const Schema& lines, const SequenceOptions& options) {
  ROOKERY_CHECK(lines.format == InputFormat::kSequence);
  Schema examples;
  examples.salt = lines.salt;
  examples.missing = lines.missing;
  Column label;
  label.name = "label";
  label.type = ColumnType::kLabel;
  Column item = lines.columns[1];
  const bool lists = options.examples == SequenceExamples::kNextItem;
  item.type = lists ? ColumnType::kList : ColumnType::kCategorical;
  item.combiner = lists ? Combiner::kNone : Combiner::kMean;
  Column negative = item;
  negative.name = "negative";
  examples.columns = {label, lines.columns[0], item, negative};
  if (lists) {
    Column history = negative;
    history.name = kHistoryColumn;
    history.length_max = options.max_length;
    history.keep = options.keep;
    examples.columns.push_back(std::move(history));
  }
  for (Column& column : examples.columns) {
    if (column.space.empty()) column.space = column.name;
  }
  return examples;
}

FittedSchema FittedExamplesOf(const FittedSchema& lines, const SequenceOptions& options) {
  FittedSchema fitted;
  fitted.schema = ExampleSchemaOf(lines.schema, options);
  fitted.label_means = {0.5};
  fitted.examples_seen = lines.examples_seen;
  return fitted;
}

}  // namespace rookery
