// What a run took of an earlier checkpoint, for people and for scripts. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "launch/init_plan.h"

namespace rookery {

struct InitReport {
  const InitSource* source = nullptr;  // not owned
  InitPlan plan;
  std::vector<std::uint64_t> rows_before;  // of plan.tables
};

[[nodiscard]] std::string InitReportToText(const InitReport& report);
[[nodiscard]] std::string InitReportToJson(const InitReport& report);

}  // namespace rookery
