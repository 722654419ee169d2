// The options of [data] and its columns, buckets and crosses.
#include <algorithm>
#include <iterator>

#include "common/limits.h"
#include "launch/job_options.h"

namespace rookery {
namespace {

constexpr std::int64_t kNegativesMax = 1000;
constexpr std::int64_t kRankNegativesMax = 10'000;
constexpr std::int64_t kLengthMax = 1 << 16;
constexpr std::int64_t kWindowMax = std::int64_t{1} << 32;

Option TablesOption(std::vector<std::string>* tables) {
  return TextsOption("tables", tables,
                     "tables that hold its rows; empty: every table of the model");
}

// The formats of text, and "blocks".
Option FormatOption(DataJob* data) {
  Option option = ChoiceOption("format", &data->schema.format,
                               {{"csv", InputFormat::kCsv},
                                {"libsvm", InputFormat::kLibsvm},
                                {"criteo", InputFormat::kCriteo},
                                {"sequence", InputFormat::kSequence}},
                               "how a line is written; blocks: files of `rookery prepare`");
  option.choices.push_back("blocks");
  option.set = [data, text = option](const OptionValue& value) -> std::string {
    data->blocks = std::get<std::string>(value) == "blocks";
    if (data->blocks || text.set(value).empty()) return {};
    return OneOf(text.choices);
  };
  option.get = [data, text = option.get]() -> OptionValue {
    return data->blocks ? OptionValue("blocks") : text();
  };
  return option;
}

std::vector<Option> SequenceOptionsOf(SequenceOptions* sequence) {
  return {
      WholeOption("negatives", &sequence->negatives, {1, kNegativesMax}, "items",
                  "sequence: drawn for each item, of those that the user does not have; none with "
                  "item_loss full_softmax"),
      ChoiceOption(
          "negative_sampling", &sequence->sampling,
          {{"uniform", NegativeSampling::kUniform}, {"popularity", NegativeSampling::kPopularity}},
          "sequence: whether these are drawn alike or by how many users have them"),
      ChoiceOption("split", &sequence->split,
                   {{"none", SequenceSplit::kNone}, {"leave_one_out", SequenceSplit::kLeaveOneOut}},
                   "sequence: none: each set has lines of its own; leave_one_out: of a line of "
                   "three items or more the last is for test and the one before for valid"),
      BoolOption("mask_valid", &sequence->mask_valid,
                 "sequence: the ranking of test leaves out the user's items of valid, as it does "
                 "those of train"),
      WholeOption("rank_negatives", &sequence->rank_negatives, {0, kRankNegativesMax}, "items",
                  "sequence: rankings are of so many items drawn for each user, beside those "
                  "wanted; 0: of all items"),
      ChoiceOption(
          "rank_sampling", &sequence->rank_sampling,
          {{"uniform", NegativeSampling::kUniform}, {"popularity", NegativeSampling::kPopularity}},
          "sequence: whether these are drawn alike or by how many users have them"),
      WholeOption("max_length", &sequence->max_length, {1, kLengthMax}, "items",
                  "sequence: the longest history that a model of the next item reads"),
      ChoiceOption("keep", &sequence->keep, {{"last", ListEnd::kLast}, {"first", ListEnd::kFirst}},
                   "sequence: what is left of a history that is longer than max_length"),
  };
}

}  // namespace

std::vector<Option> DataOptions(DataJob* data) {
  Schema* schema = &data->schema;
  std::vector<Option> options = {
      FormatOption(data),
      PathsOption("train", &data->train, "files to train on; * ? [..] match several"),
      PathsOption("valid", &data->valid, "files evaluated after every epoch"),
      PathsOption("test", &data->test, "files evaluated at the end"),
      CharacterOption("delimiter", &schema->delimiter, false, "csv: between cells"),
      CharacterOption("quote", &schema->quote, true, "csv: around a cell; \"\": no quoting"),
      BoolOption("header", &schema->header, "csv: the first line names the columns"),
      BoolOption("trim", &schema->trim, "csv: blanks around a cell are not part of it"),
      TextsOption("missing", &schema->missing,
                  "cells that mean \"no value\", besides the empty one"),
      TextsOption("skip_prefixes", &schema->skip_prefixes, "lines that begin so are skipped"),
      WholeOption("salt", &schema->salt, {}, "",
                  "secret number that seeds all keys, so that ids cannot be guessed from them"),
      WholeOption("shuffle_window", &data->shuffle_window, {0, kWindowMax}, "examples",
                  "examples shuffled together, over all slices; 0: keep file order"),
      WholeOption("chunk_examples", &data->chunk_examples, {1, 1 << 24}, "examples",
                  "the unit of input that is leased to a worker"),
      NumberOption(
          "negative_keep", &data->negative_keep, {0, 1, true, false}, "",
          "share of the training examples with label 0 that is used; their weight grows by "
          "1 / share"),
      WholeOption("fit_examples", &data->fit_examples, {1}, "examples",
                  "how many the first pass reads for means, scales and quantiles"),
  };
  std::ranges::move(SequenceOptionsOf(&data->sequence), std::back_inserter(options));
  return options;
}

std::vector<Option> ColumnOptions(Column* column) {
  return {
      TextOption("name", &column->name, "name of the column and of its feature"),
      ChoiceOption("type", &column->type,
                   {{"label", ColumnType::kLabel},
                    {"numeric", ColumnType::kNumeric},
                    {"categorical", ColumnType::kCategorical},
                    {"list", ColumnType::kList},
                    {"vector", ColumnType::kVector},
                    {"weight", ColumnType::kWeight},
                    {"ignore", ColumnType::kIgnore}},
                   "what the cells mean"),
      TextOption("space", &column->space,
                 "columns of one key space share rows; empty: the column's name"),
      ChoiceOption("key", &column->key,
                   {{"hash", KeyKind::kHash}, {"identity", KeyKind::kIdentity}},
                   "identity: the cell is an integer that is the key itself"),
      CharacterOption("separator", &column->separator, false, "list and vector: between values"),
      ChoiceOption(
          "combiner", &column->combiner,
          {{"sum", Combiner::kSum},
           {"mean", Combiner::kMean},
           {"sqrtn", Combiner::kSqrtN},
           {"none", Combiner::kNone}},
          "list: how the rows become one vector; none: they do not, for models of sequences"),
      WholeOption("length_max", &column->length_max, {}, "values",
                  "list: the most that is kept; 0: no limit"),
      ChoiceOption("keep", &column->keep, {{"first", ListEnd::kFirst}, {"last", ListEnd::kLast}},
                   "list: which values of a longer one are kept"),
      TablesOption(&column->tables),
      NumberOption(
          "dropout", &column->dropout, kFraction, "",
          "categorical and list: probability that an example in training lacks it, so that "
          "other features learn to carry what is new"),
      ChoiceOption("transform", &column->transform,
                   {{"none", NumericTransform::kNone},
                    {"log", NumericTransform::kLog},
                    {"min_max", NumericTransform::kMinMax},
                    {"standard", NumericTransform::kStandard}},
                   "numeric: before the model sees it; log is sign(x) log(1 + |x|)"),
      OptionalNumberOption("fill", &column->fill, "",
                           "numeric: in place of a missing value; not given: the mean"),
      BoolOption("input", &column->input,
                 "numeric: false when only buckets and crosses use it, not the tower"),
      WholeOption(
          "dim", &column->dim, {}, "numbers",
          "vector: how many a cell has, such as an embedding from elsewhere; all are inputs"),
      TextsOption("positive", &column->positive,
                  "label: values that mean 1, all others 0; empty: the label is a number"),
      NumberOption("loss_weight", &column->loss_weight, {.low = 0}, "",
                   "label: of its loss in the sum, where a model learns several labels"),
  };
}

std::vector<Option> BucketOptions(BucketFeature* bucket) {
  return {
      TextOption("name", &bucket->name, "name of the feature"),
      TextOption("column", &bucket->column, "the numeric column it is made of"),
      WholeOption("buckets", &bucket->buckets, {0, 1 << 20}, "buckets",
                  "quantiles, found in the first pass; 0: boundaries are given"),
      NumbersOption("boundaries", &bucket->boundaries, "",
                    "ascending; x is in the bucket with the number of boundaries <= x"),
      TablesOption(&bucket->tables),
  };
}

std::vector<Option> CrossOptions(Cross* cross) {
  return {
      TextOption("name", &cross->name, "name of the feature"),
      TextsOption("parts", &cross->parts, "categorical columns or buckets, two or more"),
      TablesOption(&cross->tables),
  };
}

}  // namespace rookery
