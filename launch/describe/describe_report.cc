#include "launch/describe/describe_report.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "common/json.h"
#include "launch/text_table.h"

namespace rookery {
namespace {

using Row = std::vector<std::string>;

constexpr double kDriftSome = 0.1, kDriftMuch = 0.25;

std::string Short(double number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                 std::chars_format::general, 4)
                       .ptr;
  return {digits.data(), end};
}

double ShareOf(std::uint64_t count, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(count) / static_cast<double>(all);
}

std::string Percent(double share) {
  return Short(100 * share) + " %";
}

std::string DriftWord(double drift) {
  if (drift < kDriftSome) return "";
  return drift < kDriftMuch ? " some" : " MUCH";
}

std::uint64_t Distinct(const NumberProfile& column) {
  std::uint64_t distinct = 0;
  for (std::size_t i = 0; i < column.values.size(); ++i) {
    if (i == 0 || column.values[i] != column.values[i - 1]) ++distinct;
  }
  return distinct;
}

std::uint32_t MostFrequent(const KeyProfile& column) {
  std::uint32_t most = 0;
  for (const auto& [key, count] : column.counts) most = std::max(most, count);
  return most;
}

// What is said of a column; `compare` adds how far `other` is from it.
struct Line {
  std::string name, kind;
  double missing = 0;
  std::uint64_t distinct = 0;
  std::vector<std::pair<std::string, double>> values = {};  // by name
  double drift = 0, unseen = 0;
};

Line LineOf(const NumberProfile& column, const std::string& kind, const NumberProfile* other) {
  Line line{column.name, kind, ShareOf(column.missing, column.missing + column.values.size()),
            Distinct(column)};
  line.values = {{"mean", column.Mean()}};
  if (kind == "number") {
    for (const auto& [name, share] :
         {std::pair{"min", 0.0}, {"p10", 0.1}, {"p50", 0.5}, {"p90", 0.9}, {"max", 1.0}}) {
      line.values.emplace_back(name, column.Quantile(share));
    }
  }
  if (other != nullptr) line.drift = DriftOf(column, *other);
  return line;
}

Line LineOf(const KeyProfile& column, std::uint64_t examples, const KeyProfile* other) {
  Line line{column.name, column.list ? "list" : "category", ShareOf(column.missing, examples),
            column.counts.size()};
  line.values = {{"most_frequent", ShareOf(MostFrequent(column), column.keys)}};
  if (column.list) line.values.emplace_back("values", ShareOf(column.keys, examples));
  if (other == nullptr) return line;
  line.drift = DriftOf(column, *other);
  line.unseen = UnseenShare(column, *other);
  return line;
}

std::vector<Line> LinesOf(const Description& description) {
  const DataProfile& profile = description.profile;
  const bool compare = !description.other_name.empty();
  std::vector<Line> lines;
  for (std::size_t i = 0; i < profile.labels.size(); ++i) {
    lines.push_back(
        LineOf(profile.labels[i], "label", compare ? &description.other.labels[i] : nullptr));
  }
  for (std::size_t i = 0; i < profile.numbers.size(); ++i) {
    lines.push_back(
        LineOf(profile.numbers[i], "number", compare ? &description.other.numbers[i] : nullptr));
  }
  for (std::size_t i = 0; i < profile.features.size(); ++i) {
    lines.push_back(LineOf(profile.features[i], profile.examples,
                           compare ? &description.other.features[i] : nullptr));
  }
  return lines;
}

std::string ValuesText(const Line& line) {
  std::string text;
  for (const auto& [name, value] : line.values) {
    const bool share = name == "most_frequent";
    text += StrCat(text.empty() ? "" : "  ", name, " ", share ? Percent(value) : Short(value));
  }
  return text;
}

std::vector<Row> TableOf(const Description& description) {
  const bool compare = !description.other_name.empty();
  std::vector<Row> rows = {{"column", "kind", "missing", "distinct"}};
  if (compare) rows[0].insert(rows[0].end(), {"drift", "unseen"});
  rows[0].emplace_back("values");
  for (const Line& line : LinesOf(description)) {
    Row row = {line.name, line.kind, Percent(line.missing), std::to_string(line.distinct)};
    const bool keys = line.kind == "category" || line.kind == "list";
    if (compare) {
      row.push_back(Short(line.drift) + DriftWord(line.drift));
      row.push_back(keys ? Percent(line.unseen) : "-");
    }
    row.push_back(ValuesText(line));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string HeadOf(const Description& description) {
  std::string head = StrCat(description.name, ": ", description.profile.examples, " examples");
  if (description.other_name.empty()) return head;
  return StrCat(head, "; drift and unseen keys of ", description.other_name, ": ",
                description.other.examples, " examples");
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string DescribeText(const Description& description) {
  return HeadOf(description) + "\n" + AlignedTable(TableOf(description));
}

std::string DescribeHtml(const Description& description) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Data</title>\n"
      "<style>body{font:15px sans-serif;margin:2em}table{border-collapse:collapse}"
      "td,th{padding:.3em .8em;text-align:left;border-bottom:1px solid #ccc}"
      ".some{background:#ffe9b3}.much{background:#ffc2b3}</style></head><body>\n";
  html += StrCat("<h1>", Escaped(HeadOf(description)), "</h1>\n<table>\n");
  const std::vector<Row> rows = TableOf(description);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    html += "<tr>";
    for (const std::string& cell : rows[r]) {
      const char* tag = r == 0 ? "th" : "td";
      const char* mark = cell.ends_with(" MUCH")   ? " class=\"much\""
                         : cell.ends_with(" some") ? " class=\"some\""
                                                   : "";
      html += StrCat("<", tag, mark, ">", Escaped(cell), "</", tag, ">");
    }
    html += "</tr>\n";
  }
  return html + "</table>\n</body></html>\n";
}

std::string DescribeJson(const Description& description) {
  const bool compare = !description.other_name.empty();
  JsonArray columns;
  for (const Line& line : LinesOf(description)) {
    JsonObject column;
    column["name"] = line.name;
    column["kind"] = line.kind;
    column["missing"] = line.missing;
    column["distinct"] = line.distinct;
    for (const auto& [name, value] : line.values) column[name] = value;
    if (compare) column["drift"] = line.drift;
    if (compare && (line.kind == "category" || line.kind == "list")) column["unseen"] = line.unseen;
    columns.push_back(std::move(column));
  }
  JsonObject object;
  object["data"] = description.name;
  object["examples"] = description.profile.examples;
  if (compare) object["against"] = description.other_name;
  if (compare) object["against_examples"] = description.other.examples;
  object["columns"] = std::move(columns);
  return WriteJsonPretty(Json(std::move(object)));
}

}  // namespace rookery
