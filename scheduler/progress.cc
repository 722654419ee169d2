#include "scheduler/progress.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "common/json.h"
#include "common/log.h"

namespace rookery {
namespace {

constexpr double kRateShownMax = 1e15;

std::string WithCommas(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

template <class... Numbers>
std::string Format(const char* format, Numbers... numbers) {
  std::array<char, 128> text{};
  const int length = std::snprintf(text.data(), text.size(), format, numbers...);
  return {text.data(), static_cast<std::size_t>(std::clamp(length, 0, 127))};
}

std::string DurationText(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole >= 3600) {
    return Format("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return Format("%ld:%02ld", whole / 60, whole % 60);
}

void AddTo(std::vector<std::uint64_t>& sums, const std::vector<std::uint64_t>& values) {
  sums.resize(std::max(sums.size(), values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) sums[i] += values[i];
}

}  // namespace

Progress::Progress(std::uint32_t servers, std::uint32_t workers, MergeMetrics merge)
    : merge_(std::move(merge)),
      servers_(servers),
      worker_steps_(workers),
      worker_refused_(workers),
      worker_network_(workers) {}

void Progress::OnHeartbeat(Role role, std::uint32_t index, Heartbeat heartbeat) {
  for (const std::string& warning : heartbeat.warnings) ROOKERY_LOG(WARNING) << warning;
  if (role == Role::kServer) {
    servers_[index] = std::move(heartbeat);
    return;
  }
  worker_steps_[index] = heartbeat.step;
  worker_refused_[index] = heartbeat.refused_gradients;
  worker_network_[index] = heartbeat.network;
  window_.examples += heartbeat.examples;
  window_.loss_sum += heartbeat.loss_sum;
  untaken_loss_.examples += heartbeat.examples;
  untaken_loss_.sum += heartbeat.loss_sum;
  window_.read_seconds += heartbeat.read_seconds;
  window_.pull_seconds += heartbeat.pull_seconds;
  window_.compute_seconds += heartbeat.compute_seconds;
  window_.push_seconds += heartbeat.push_seconds;
  examples_ += heartbeat.examples;
  epoch_examples_ += heartbeat.examples;
  if (heartbeat.metrics.empty()) return;
  const std::array parts = {epoch_metrics_, heartbeat.metrics};
  StatusOr<MergedMetrics> merged = merge_(parts);
  if (merged.ok()) {
    epoch_metrics_ = std::move(merged->encoded);
  } else {
    ROOKERY_LOG(WARNING) << "worker " << index << ": " << merged.status().message();
  }
}

void Progress::BeginEpoch(std::string encoded, TimePoint now) {
  epoch_metrics_ = std::move(encoded);
  epoch_examples_ = 0;
  epoch_began_ = now;
  epoch_fraction_at_begin_ = -1;
  window_began_ = now;
  window_ = Heartbeat{};
}

std::map<std::string, double> Progress::EpochValues() const {
  const std::array parts = {epoch_metrics_};
  StatusOr<MergedMetrics> merged = merge_(parts);
  return merged.ok() ? merged->values : std::map<std::string, double>{};
}

std::string Progress::EtaText(const Where& where, TimePoint now) const {
  const double done = where.epoch_fraction - std::max(0.0, epoch_fraction_at_begin_);
  if (done <= 0.01) return "-";
  const double left =
      1 - where.epoch_fraction + static_cast<double>(where.epochs - where.epoch - 1);
  return DurationText(Seconds(now - epoch_began_) / done * left);
}

std::string Progress::SplitText() const {
  const double total =
      window_.read_seconds + window_.pull_seconds + window_.compute_seconds + window_.push_seconds;
  if (!(total > 0) || !std::isfinite(total)) return "";
  const auto percent = [&](double seconds) { return std::lround(100 * seconds / total); };
  return Format("  read %ld%% pull %ld%% compute %ld%% push %ld%%", percent(window_.read_seconds),
                percent(window_.pull_seconds), percent(window_.compute_seconds),
                percent(window_.push_seconds));
}

Progress::Report Progress::MakeReport(const Where& where, TimePoint now) {
  if (epoch_fraction_at_begin_ < 0) epoch_fraction_at_begin_ = where.epoch_fraction;
  const double seconds = std::max(1e-9, Seconds(now - window_began_));
  const double rate = static_cast<double>(window_.examples) / seconds;
  const double loss =
      window_.examples == 0 ? 0 : window_.loss_sum / static_cast<double>(window_.examples);
  const std::map<std::string, double> values = EpochValues();

  Report report;
  report.line = StrCat("epoch ", where.epoch + 1, "/", where.epochs, "  ",
                       std::lround(100 * where.epoch_fraction), " %  ",
                       WithCommas(static_cast<std::uint64_t>(std::min(rate, kRateShownMax))),
                       " examples/s  loss ", Format("%.4f", loss));
  for (const char* shown : {"auc", "rmse"}) {
    const auto value = values.find(shown);
    if (value != values.end()) report.line += StrCat("  ", shown, Format(" %.4f", value->second));
  }
  report.line += StrCat("  eta ", EtaText(where, now), SplitText());
  const std::vector<std::uint64_t> memory = ServerBytes();
  const std::uint64_t memory_max = memory.empty() ? 0 : *std::ranges::max_element(memory);
  if (where.memory_limit != 0) {
    report.line += Format("  memory %.0f%%", 100 * static_cast<double>(memory_max) /
                                                 static_cast<double>(where.memory_limit));
  }

  JsonObject json;
  json["epoch"] = where.epoch + 1;
  json["epoch_fraction"] = where.epoch_fraction;
  json["step"] = steps();
  json["examples"] = examples_;
  json["seconds"] = where.job_seconds;
  json["examples_per_second"] = rate;
  json["loss"] = loss;
  JsonObject train;
  for (const auto& [name, value] : values) train[name] = value;
  json["train"] = train;
  json["read_seconds"] = window_.read_seconds;
  json["pull_seconds"] = window_.pull_seconds;
  json["compute_seconds"] = window_.compute_seconds;
  json["push_seconds"] = window_.push_seconds;
  json["refused_gradients"] = refused_gradients();
  json["unadmitted_gradients"] = unadmitted_gradients();
  json["memory_bytes"] = memory_max;
  report.json = WriteJson(json);

  window_ = Heartbeat{};
  window_began_ = now;
  return report;
}

std::uint64_t Progress::steps() const {
  return worker_steps_.empty() ? 0 : *std::ranges::max_element(worker_steps_);
}

std::uint64_t Progress::refused_gradients() const {
  std::uint64_t total =
      std::accumulate(worker_refused_.begin(), worker_refused_.end(), std::uint64_t{0});
  for (const Heartbeat& server : servers_) total += server.refused_gradients;
  return total;
}

std::vector<std::uint64_t> Progress::TableRows() const {
  std::vector<std::uint64_t> rows;
  for (const Heartbeat& server : servers_) AddTo(rows, server.table_rows);
  return rows;
}

std::vector<std::uint64_t> Progress::TableBytes() const {
  std::vector<std::uint64_t> bytes;
  for (const Heartbeat& server : servers_) AddTo(bytes, server.table_bytes);
  return bytes;
}

std::uint64_t Progress::unadmitted_gradients() const {
  std::uint64_t total = 0;
  for (const Heartbeat& server : servers_) total += server.unadmitted_gradients;
  return total;
}

std::vector<std::uint64_t> Progress::ServerBytes() const {
  std::vector<std::uint64_t> bytes;
  for (const Heartbeat& server : servers_) bytes.push_back(server.memory_bytes);
  return bytes;
}

NetworkBytes Progress::Network(bool lockstep) const {
  NetworkBytes all;
  for (const NetworkBytes& worker : worker_network_) {
    all.steps = lockstep ? std::max(all.steps, worker.steps) : all.steps + worker.steps;
    all.pull += worker.pull;
    all.push += worker.push;
    all.sum += worker.sum;
  }
  return all;
}

std::string Progress::MemoryEnd() const {
  const auto full = std::ranges::find_if(
      servers_, [](const Heartbeat& server) { return !server.memory_end.empty(); });
  return full == servers_.end() ? std::string() : full->memory_end;
}

std::vector<std::uint64_t> Progress::Staleness() const {
  std::vector<std::uint64_t> staleness;
  for (const Heartbeat& server : servers_) AddTo(staleness, server.staleness);
  return staleness;
}

}  // namespace rookery
