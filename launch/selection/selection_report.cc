#include "launch/selection/selection_report.h"

#include <array>
#include <cmath>
#include <iomanip>
#include <sstream>
#include <utility>
#include <vector>

#include "common/json.h"
#include "launch/text_table.h"

namespace rookery {
namespace {

// Some parts under one name.
struct Set {
  const char* name;
  std::vector<Part> parts;
  bool held_out = false;  // its values may be unknown in training
};

std::vector<Set> SetsOf(const SelectionReport& report) {
  std::vector<Set> sets = {{"before", {Part::kNone, Part::kTrain, Part::kValid, Part::kTest}},
                           {"after", {Part::kTrain, Part::kValid, Part::kTest}}};
  if (report.valid + report.test == 0) return sets;
  sets.push_back({"train", {Part::kTrain}});
  if (report.valid > 0) sets.push_back({"valid", {Part::kValid}, true});
  if (report.test > 0) sets.push_back({"test", {Part::kTest}, true});
  return sets;
}

std::string Percent(std::uint64_t count, std::uint64_t all) {
  const double share = all == 0 ? 0 : static_cast<double>(count) / static_cast<double>(all);
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << 100 * share << " %";
  return text.str();
}

std::string Median(double median) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(median == std::floor(median) ? 0 : 1) << median;
  return text.str();
}

std::vector<std::string> LineOf(const std::string& column, const Set& set,
                                const Vocabulary& vocabulary) {
  const ValueCounts counts = vocabulary.Of(set.parts);
  std::vector<std::string> line = {column,
                                   set.name,
                                   std::to_string(counts.values),
                                   std::to_string(counts.occurrences),
                                   std::to_string(counts.least),
                                   Median(counts.median),
                                   std::to_string(counts.most),
                                   Percent(counts.once, counts.values),
                                   "-",
                                   "-"};
  if (!set.held_out) return line;
  const UnseenCounts unseen = vocabulary.UnseenIn(set.parts.front());
  line[8] = Percent(unseen.values, counts.values);
  line[9] = Percent(unseen.occurrences, counts.occurrences);
  return line;
}

JsonObject JsonOf(const Set& set, const Vocabulary& vocabulary) {
  const ValueCounts counts = vocabulary.Of(set.parts);
  JsonObject object;
  object["values"] = counts.values;
  object["occurrences"] = counts.occurrences;
  object["least"] = counts.least;
  object["median"] = counts.median;
  object["most"] = counts.most;
  object["once"] = counts.once;
  if (!set.held_out) return object;
  const UnseenCounts unseen = vocabulary.UnseenIn(set.parts.front());
  object["unseen_values"] = unseen.values;
  object["unseen_occurrences"] = unseen.occurrences;
  return object;
}

}  // namespace

std::string SelectionText(const SelectionReport& report) {
  std::string text = StrCat(report.examples, " examples: ", report.repeats, " repeats and then ",
                            report.below_core, " below the core left out; train ", report.train,
                            ", valid ", report.valid, ", test ", report.test, "\n");
  if (report.columns.empty()) return text;
  std::vector<std::vector<std::string>> rows = {{"column", "set", "values", "occurrences", "least",
                                                 "median", "most", "once", "new values",
                                                 "new occurrences"}};
  for (const ColumnVocabulary& column : report.columns) {
    for (const Set& set : SetsOf(report)) {
      rows.push_back(LineOf(column.name, set, column.vocabulary));
    }
  }
  return text + AlignedTable(rows);
}

std::string SelectionJson(const SelectionReport& report) {
  JsonObject object, options, examples, sets;
  for (const auto& [name, text] : report.options) options[name] = text;
  examples["before"] = report.examples;
  examples["repeats"] = report.repeats;
  examples["below_core"] = report.below_core;
  examples["after"] = report.train + report.valid + report.test;
  sets["train"] = report.train;
  sets["valid"] = report.valid;
  sets["test"] = report.test;
  JsonArray columns;
  for (const ColumnVocabulary& vocabulary : report.columns) {
    JsonObject column;
    column["name"] = vocabulary.name;
    for (const Set& set : SetsOf(report)) column[set.name] = JsonOf(set, vocabulary.vocabulary);
    columns.push_back(std::move(column));
  }
  object["options"] = std::move(options);
  object["examples"] = std::move(examples);
  object["sets"] = std::move(sets);
  object["columns"] = std::move(columns);
  return WriteJsonPretty(Json(std::move(object)));
}

}  // namespace rookery
