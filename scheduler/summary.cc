#include "scheduler/summary.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

#include "common/json.h"

namespace rookery {
namespace {

constexpr std::string_view kGroupExamples = ":examples";

JsonObject MetricsJson(const std::map<std::string, double>& values) {
  JsonObject json;
  for (const auto& [name, value] : values) {
    if (name.ends_with(kGroupExamples)) {
      json[name] = static_cast<std::uint64_t>(value);
    } else {
      json[name] = value;
    }
  }
  return json;
}

JsonObject PrivacyJson(const Summary::Privacy& privacy) {
  JsonObject json;
  json["epsilon"] = privacy.epsilon;
  json["delta"] = privacy.spending.delta;
  json["noise_multiplier"] = privacy.spending.noise_multiplier;
  json["clip_norm"] = privacy.clip_norm;
  json["steps"] = privacy.spending.steps;
  json["sampling_rate"] = privacy.spending.sampling_rate;
  json["accountant"] = "rdp";
  return json;
}

}  // namespace

std::string SummaryToJson(const Summary& summary, const ClusterShape& cluster,
                          const std::string& version) {
  JsonObject json;
  json["examples"] = summary.examples;
  json["seconds"] = summary.seconds;
  json["examples_per_second"] =
      summary.seconds > 0 ? static_cast<double>(summary.examples) / summary.seconds : 0.0;
  json["epochs"] = summary.epochs;
  json["steps"] = summary.steps;
  if (summary.best_epoch != 0) json["best_epoch"] = summary.best_epoch;
  json["train"] = MetricsJson(summary.train);
  json["valid"] = MetricsJson(summary.valid);
  json["test"] = MetricsJson(summary.test);
  JsonObject tables;
  for (const Summary::Table& table : summary.tables) {
    JsonObject entry;
    entry["rows"] = table.rows;
    entry["bytes"] = table.bytes;
    tables[table.name] = entry;
  }
  json["tables"] = tables;
  JsonObject shape;
  shape["servers"] = cluster.servers;
  shape["workers"] = cluster.workers;
  json["cluster"] = shape;
  const NetworkBytes& network = summary.network;
  const std::uint64_t steps = std::max<std::uint64_t>(network.steps, 1);
  JsonObject per_step;
  per_step["pull"] = network.pull / steps;
  per_step["push"] = network.push / steps;
  per_step["sum"] = network.sum / steps;
  JsonObject traffic;
  traffic["steps"] = network.steps;
  traffic["bytes_per_step"] = per_step;
  json["network"] = traffic;
  JsonObject memory;
  memory["limit"] = summary.memory_limit;
  JsonArray server_bytes;
  for (std::uint64_t bytes : summary.server_bytes) server_bytes.emplace_back(bytes);
  memory["server_bytes"] = server_bytes;
  json["memory"] = memory;
  json["refused_gradients"] = summary.refused_gradients;
  json["rollbacks"] = summary.rollbacks;
  json["unadmitted_gradients"] = summary.unadmitted_gradients;
  JsonArray staleness;
  for (std::uint64_t count : summary.staleness) staleness.emplace_back(count);
  json["staleness"] = staleness;
  if (summary.privacy) json["privacy"] = PrivacyJson(*summary.privacy);
  json["version"] = version;
  return WriteJsonPretty(json);
}

bool IsDetail(std::string_view metric) {
  return metric.find("calibration_") != std::string_view::npos;
}

std::string MetricsLine(std::string_view set, const std::map<std::string, double>& values) {
  std::ostringstream line;
  line << set << ":" << std::fixed;
  for (const auto& [name, value] : values) {
    if (IsDetail(name)) continue;
    line << "  " << name << " " << std::setprecision(name.ends_with("_groups") ? 0 : 4) << value;
  }
  return line.str();
}

std::string GroupLine(std::string_view set, const MetricGroup& group) {
  return MetricsLine(StrCat(set, ", ", group.name, ", ", group.examples, " examples"),
                     group.values);
}

std::map<std::string, double> WithGroups(MergedMetrics metrics) {
  std::map<std::string, double> values = std::move(metrics.values);
  for (const MetricGroup& group : metrics.groups) {
    values[StrCat(group.name, kGroupExamples)] = static_cast<double>(group.examples);
    for (const auto& [metric, value] : group.values) {
      values[StrCat(group.name, ":", metric)] = value;
    }
  }
  return values;
}

}  // namespace rookery
