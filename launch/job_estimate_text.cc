// What a person and a script see of a JobEstimate, and whether it fits.
#include <array>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <sstream>

#include "launch/job_estimate.h"

namespace rookery {
namespace {

std::string Rounded(double value) {
  std::ostringstream text;
  if (value < 1e6) {
    text << std::lround(value);
  } else {
    text << std::setprecision(3) << value / 1e6 << " M";
  }
  return std::move(text).str();
}

void Line(std::ostringstream& out, std::string_view name, const std::string& text) {
  out << std::left << std::setw(22) << name << text << "\n";
}

std::string RowsText(const DistinctRange& rows) {
  if (rows.low == rows.high) return Rounded(rows.likely);
  return StrCat(Rounded(rows.likely), " (", Rounded(rows.low), " to ", Rounded(rows.high), ")");
}

Finding CheckLimit(const JobEstimate& estimate, const Room& room) {
  const auto limit = static_cast<double>(room.memory_limit);
  const double soft = limit * room.memory_soft;
  const auto messages = static_cast<double>(estimate.server_message_bytes);
  const auto likely = static_cast<double>(estimate.server_bytes) + messages;
  const auto high = static_cast<double>(estimate.server_bytes_high) + messages;
  const std::string right =
      StrCat("; ", std::ceil(estimate.cluster.servers * high / soft), " servers or a limit of ",
             BytesText(high / room.memory_soft), " would do");
  const std::string head = StrCat("a server needs ", BytesText(likely), ", rows may be made up to ",
                                  BytesText(soft), " (cluster.memory_limit)");
  if (likely > soft) return {Verdict::kFail, head + right};
  if (high > soft) return {Verdict::kWarn, StrCat(head, ", but perhaps ", BytesText(high), right)};
  return {Verdict::kOk, head};
}

Finding CheckRam(const JobEstimate& estimate, const Room& room) {
  const ClusterShape& cluster = estimate.cluster;
  const double server =
      static_cast<double>(estimate.server_bytes + estimate.server_message_bytes) + kProcessBytes;
  const double worker = static_cast<double>(estimate.worker_bytes) + kProcessBytes;
  const double all = server * cluster.servers + worker * cluster.workers + kProcessBytes;
  const auto free = static_cast<double>(room.ram);
  const std::string head =
      StrCat("all ranks need ", BytesText(all), ", this machine has ", BytesText(free), " free");
  if (all <= 0.9 * free) return {Verdict::kOk, head};
  if (server <= 0.9 * free && worker <= 0.9 * free) {
    return {Verdict::kWarn, head + "; more machines would help"};
  }
  return {Verdict::kWarn, head + ", which is too little for one of them; more servers would help"};
}

Finding CheckDisk(const JobEstimate& estimate, const Room& room) {
  // One more is written before the oldest goes.
  const double need =
      static_cast<double>(estimate.checkpoint_bytes) * (double{1} + room.checkpoints);
  const auto free = static_cast<double>(room.disk);
  const std::string head =
      StrCat(room.checkpoints, " checkpoints (checkpoint.keep) and one more need ", BytesText(need),
             ", ", BytesText(free), " are free");
  if (need <= 0.9 * free) return {Verdict::kOk, head};
  return {Verdict::kWarn, head + "; another run_directory or a smaller keep would help"};
}

Json Whole(double value) {
  return static_cast<std::uint64_t>(value);
}

}  // namespace

std::string BytesText(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; unit + 1 < kUnits.size() && bytes >= 999.5; ++unit) bytes /= 1000;
  std::array<char, 32> text{};
  const int digits = unit == 0 || bytes >= 99.95 ? 0 : 1;
  std::snprintf(text.data(), text.size(), "%.*f %s", digits, bytes, kUnits[unit]);
  return text.data();
}

std::vector<Finding> CheckRoom(const JobEstimate& estimate, const Room& room) {
  std::vector<Finding> findings;
  if (room.memory_limit > 0) findings.push_back(CheckLimit(estimate, room));
  if (room.ram > 0) findings.push_back(CheckRam(estimate, room));
  if (room.disk > 0) findings.push_back(CheckDisk(estimate, room));
  return findings;
}

std::string EstimateText(const JobEstimate& estimate, const std::vector<Finding>& findings) {
  const ClusterShape& cluster = estimate.cluster;
  std::ostringstream out;
  Line(out, "cluster", StrCat(cluster.servers, " servers, ", cluster.workers, " workers"));
  Line(out, "examples",
       StrCat(Rounded(static_cast<double>(estimate.examples)),
              estimate.examples_known ? "" : " (estimated)", ", ", estimate.steps,
              " steps an epoch"));
  for (const TableEstimate& table : estimate.tables) {
    Line(out, "table " + table.name,
         StrCat(RowsText(table.rows), " rows of ", table.row_bytes,
                " bytes: ", BytesText(static_cast<double>(table.bytes)), " with index; ",
                Rounded(table.keys_per_step), " keys a step"));
  }
  Line(out, "dense", StrCat(Rounded(static_cast<double>(estimate.dense_floats)), " floats"));
  const auto server = static_cast<double>(estimate.server_bytes);
  const auto messages = static_cast<double>(estimate.server_message_bytes);
  Line(out, "memory of a server",
       StrCat(BytesText(server), " of tables, ", BytesText(messages), " of messages, ",
              BytesText(kProcessBytes), " of the process"));
  Line(out, "memory of a worker",
       StrCat("about ", BytesText(static_cast<double>(estimate.worker_bytes)), ", ",
              BytesText(kProcessBytes), " of the process"));
  const StepTraffic& step = estimate.traffic;
  Line(out, "messages of a step",
       StrCat("pull ", BytesText(step.pull), ", push ", BytesText(step.push), ", dense sum ",
              BytesText(step.sum)));
  Line(out, "  of a server", BytesText((step.pull + step.push) / cluster.servers));
  Line(out, "  of a worker", BytesText((step.pull + step.push + 2 * step.sum) / cluster.workers));
  Line(out, "a checkpoint", BytesText(static_cast<double>(estimate.checkpoint_bytes)));
  for (const Finding& finding : findings) {
    constexpr std::array<const char*, 3> kWords = {"ok", "warn", "FAIL"};
    Line(out, kWords[static_cast<std::size_t>(finding.verdict)], finding.what);
  }
  return std::move(out).str();
}

Json EstimateJson(const JobEstimate& estimate, const std::vector<Finding>& findings) {
  JsonObject json;
  JsonObject cluster;
  cluster["servers"] = estimate.cluster.servers;
  cluster["workers"] = estimate.cluster.workers;
  json["cluster"] = cluster;
  json["examples"] = estimate.examples;
  json["examples_known"] = estimate.examples_known;
  json["steps_per_epoch"] = estimate.steps;
  JsonObject tables;
  for (const TableEstimate& table : estimate.tables) {
    JsonObject entry;
    entry["rows"] = Whole(table.rows.likely);
    entry["rows_low"] = Whole(table.rows.low);
    entry["rows_high"] = Whole(table.rows.high);
    entry["row_bytes"] = table.row_bytes;
    entry["bytes"] = table.bytes;
    entry["bytes_high"] = table.bytes_high;
    entry["keys_per_step"] = Whole(table.keys_per_step);
    tables[table.name] = entry;
  }
  json["tables"] = tables;
  json["dense_floats"] = estimate.dense_floats;
  json["server_bytes"] = estimate.server_bytes;
  json["server_bytes_high"] = estimate.server_bytes_high;
  json["server_message_bytes"] = estimate.server_message_bytes;
  json["worker_bytes"] = estimate.worker_bytes;
  json["process_bytes"] = kProcessBytes;
  JsonObject step;
  step["pull"] = Whole(estimate.traffic.pull);
  step["push"] = Whole(estimate.traffic.push);
  step["sum"] = Whole(estimate.traffic.sum);
  JsonObject network;
  network["bytes_per_step"] = step;
  json["network"] = network;
  json["checkpoint_bytes"] = estimate.checkpoint_bytes;
  JsonArray found;
  for (const Finding& finding : findings) {
    constexpr std::array<const char*, 3> kWords = {"ok", "warn", "fail"};
    JsonObject entry;
    entry["verdict"] = kWords[static_cast<std::size_t>(finding.verdict)];
    entry["what"] = finding.what;
    found.emplace_back(std::move(entry));
  }
  json["findings"] = found;
  return json;
}

}  // namespace rookery
