#include <algorithm>
#include <iomanip>
#include <sstream>
#include <vector>

#include "launch/baseline/baseline.h"
#include "launch/text_table.h"

namespace rookery {
namespace {

using Row = std::vector<std::string>;

const std::vector<std::string> kShown = {"recall@10", "ndcg@10", "precision@10", "hr@10",
                                         "mrr@10",    "map@10",  "coverage@10",  "novelty@10",
                                         "rmse",      "mae"};

std::string Fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

std::string SettingsText(const Settings& settings) {
  std::string text;
  for (const auto& [name, value] : settings) {
    text += (text.empty() ? "" : " ") + StrCat(name, "=", value);
  }
  return text.empty() ? "-" : text;
}

Row RowOf(const BaselineLine& line, const std::string& set, const MetricValues& values,
          const std::vector<std::string>& shown) {
  Row row = {line.method, SettingsText(line.settings), Fixed(line.fit_seconds, 1), set};
  for (const std::string& name : shown) {
    const auto value = values.find(name);
    row.push_back(value == values.end() ? "-" : Fixed(value->second, 4));
  }
  return row;
}

JsonObject ValuesJson(const std::map<std::string, double>& values) {
  JsonObject object;
  for (const auto& [name, value] : values) object[name] = value;
  return object;
}

}  // namespace

std::string BaselineText(const BaselineReport& report) {
  std::vector<std::string> shown;
  for (const std::string& name : kShown) {
    if (std::ranges::any_of(report.lines, [&](const BaselineLine& line) {
          return line.valid.contains(name) || line.test.contains(name);
        })) {
      shown.push_back(name);
    }
  }
  std::vector<Row> rows = {{"method", "settings", "fit s", "set"}};
  rows[0].insert(rows[0].end(), shown.begin(), shown.end());
  for (const BaselineLine& line : report.lines) {
    if (!line.valid.empty()) rows.push_back(RowOf(line, "valid", line.valid, shown));
    if (!line.test.empty()) rows.push_back(RowOf(line, "test", line.test, shown));
  }
  return AlignedTable(rows);
}

Json BaselineJson(const BaselineReport& report) {
  JsonArray lines;
  for (const BaselineLine& line : report.lines) {
    JsonObject object;
    object["method"] = line.method;
    object["settings"] = ValuesJson(line.settings);
    object["tried"] = line.tried;
    object["fit_seconds"] = line.fit_seconds;
    object["valid"] = ValuesJson(line.valid);
    object["test"] = ValuesJson(line.test);
    lines.emplace_back(std::move(object));
  }
  JsonObject all;
  all["metric"] = report.metric;
  all["baselines"] = std::move(lines);
  return all;
}

}  // namespace rookery
