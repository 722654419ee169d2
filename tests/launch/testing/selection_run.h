// `rookery prepare` choosing examples of "log.csv" in memory, into "out".
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/file_system.h"
#include "launch/selection/select_job.h"
#include "launch/selection/selection_arguments.h"

namespace rookery::testing {

inline constexpr const char* kRatingJob = R"(
seed = 3
[data]
format = "csv"
train = ["log.csv"]
header = true
column = [{name = "user", type = "categorical"}, {name = "item", type = "categorical"},
          {name = "stars", type = "label"}, {name = "time", type = "ignore"}]
[model]
name = "mf"
loss = "squared"
[table.default]
dim = 4
[train]
slices = 2
batch_size = 8
[cluster]
threads = 1
heartbeat_every = "20ms"
)";

inline StatusOr<SelectionReport> Select(FileSystem& files, const char* toml,
                                        const SelectionArguments& arguments,
                                        const std::vector<std::string>& overrides = {}) {
  ROOKERY_ASSIGN_OR_RETURN(const Job job, ParseJob(toml, "job.toml", overrides));
  SelectJobOptions options;
  options.output = "out";
  options.given = GivenOf(arguments);
  ROOKERY_ASSIGN_OR_RETURN(options.selection, SelectionOptionsOf(arguments));
  return SelectJob(files, job, options);
}

inline std::string TextOf(FileSystem& files, const std::string& path) {
  const StatusOr<std::string> text = ReadWholeFile(files, path, 1U << 30U);
  EXPECT_TRUE(text.ok()) << text.status().ToString();
  return text.ok() ? *text : "";
}

}  // namespace rookery::testing
