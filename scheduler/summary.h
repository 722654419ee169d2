// summary.json: what a run did, for scripts; the names are fixed (docs/getting_started.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/scheduler_messages.h"
#include "protocol/verbs.h"
#include "scheduler/privacy_accountant.h"
#include "scheduler/scheduler_options.h"

namespace rookery {

struct Summary {
  std::uint64_t examples = 0;  // trained, also before a resume
  double seconds = 0;          // spent on them
  std::uint64_t epochs = 0;
  std::uint64_t steps = 0;
  std::uint64_t best_epoch = 0;  // 0: no valid set
  std::map<std::string, double> train, valid, test;
  struct Table {
    std::string name;
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
  };
  std::vector<Table> tables;
  std::uint64_t refused_gradients = 0;
  std::uint64_t rollbacks = 0;  // since this start
  std::uint64_t unadmitted_gradients = 0;
  std::uint64_t memory_limit = 0;           // of a server; 0: none
  std::vector<std::uint64_t> server_bytes;  // the most that each has taken
  std::vector<std::uint64_t> staleness;
  NetworkBytes network;  // of this run, without what came before a resume
  struct Privacy {
    double epsilon = 0;  // infinite: no guarantee
    PrivacySpending spending;
    double clip_norm = 0;
  };
  std::optional<Privacy> privacy;  // of a job with DP-SGD
};

[[nodiscard]] std::string SummaryToJson(const Summary& summary, const ClusterShape& cluster,
                                        const std::string& version);
// Whether the metric, also of another label than the first, is one of many that only scripts read:
// calibration by tenths.
[[nodiscard]] bool IsDetail(std::string_view metric);
// "test: auc 0.8012  logloss 0.4411  ...", without details.
[[nodiscard]] std::string MetricsLine(std::string_view set,
                                      const std::map<std::string, double>& values);
// "test, item:unseen, 123 examples:  auc 0.7021  ..."
[[nodiscard]] std::string GroupLine(std::string_view set, const MetricGroup& group);
// The metrics over all examples, and those of groups as "item:unseen:auc", with
// "item:unseen:examples", which is whole.
[[nodiscard]] std::map<std::string, double> WithGroups(MergedMetrics metrics);

}  // namespace rookery
