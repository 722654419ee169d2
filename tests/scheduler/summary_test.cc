#include "scheduler/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rookery {
namespace {

TEST(Summary, HasEveryFieldThatScriptsRelyOn) {
  Summary summary;
  summary.examples = 3000;
  summary.seconds = 1.5;
  summary.epochs = 2;
  summary.steps = 12;
  summary.best_epoch = 1;
  summary.train = {{"auc", 0.75}, {"logloss", 0.5}};
  summary.test = {{"auc", 0.625}};
  summary.tables = {{"default", 40, 4096}};
  summary.refused_gradients = 7;
  summary.rollbacks = 2;
  summary.unadmitted_gradients = 3;
  summary.memory_limit = 8000;
  summary.server_bytes = {7000, 6500};
  summary.staleness = {10, 2};
  summary.network = {10, 1234, 2000, 50};
  EXPECT_EQ(SummaryToJson(summary, {2, 3}, "1.2.3"), R"({
  "examples": 3000,
  "seconds": 1.5,
  "examples_per_second": 2000.0,
  "epochs": 2,
  "steps": 12,
  "best_epoch": 1,
  "train": {
    "auc": 0.75,
    "logloss": 0.5
  },
  "valid": {},
  "test": {
    "auc": 0.625
  },
  "tables": {
    "default": {
      "rows": 40,
      "bytes": 4096
    }
  },
  "cluster": {
    "servers": 2,
    "workers": 3
  },
  "network": {
    "steps": 10,
    "bytes_per_step": {
      "pull": 123,
      "push": 200,
      "sum": 5
    }
  },
  "memory": {
    "limit": 8000,
    "server_bytes": [7000, 6500]
  },
  "refused_gradients": 7,
  "rollbacks": 2,
  "unadmitted_gradients": 3,
  "staleness": [10, 2],
  "version": "1.2.3"
}
)");
}

TEST(Summary, NothingTrainedIsNotADivisionByZero) {
  const std::string json = SummaryToJson({}, {1, 1}, "");
  EXPECT_NE(json.find("\"examples_per_second\": 0.0"), std::string::npos) << json;
  EXPECT_EQ(json.find("best_epoch"), std::string::npos);
}

TEST(Summary, ALineForPeople) {
  EXPECT_EQ(MetricsLine("test", {{"logloss", 0.44112}, {"auc", 0.80119}}),
            "test:  auc 0.8012  logloss 0.4411");
  EXPECT_EQ(MetricsLine("valid", {}), "valid:");
  EXPECT_EQ(MetricsLine("test", {{"gauc", 0.75}, {"buy:gauc_groups", 957}}),
            "test:  buy:gauc_groups 957  gauc 0.7500");
}

TEST(Summary, GroupsHaveALineEachAndNamesForScripts) {
  const MetricGroup unseen{"item:unseen", 12'345'678, {{"auc", 0.70211}, {"calibration_3", 1.5}}};
  EXPECT_EQ(GroupLine("test", unseen), "test, item:unseen, 12345678 examples:  auc 0.7021");
  const MetricGroup none{"item:seen", 0, {}};
  EXPECT_EQ(GroupLine("valid", none), "valid, item:seen, 0 examples:");
  Summary summary;
  summary.test = WithGroups({"bytes", {{"auc", 0.5}}, {unseen, none}});
  EXPECT_THAT(SummaryToJson(summary, {1, 1}, ""), ::testing::HasSubstr(R"("test": {
    "auc": 0.5,
    "item:seen:examples": 0,
    "item:unseen:auc": 0.70211,
    "item:unseen:calibration_3": 1.5,
    "item:unseen:examples": 12345678
  },)"));
}

}  // namespace
}  // namespace rookery
