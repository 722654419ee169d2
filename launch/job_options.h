// The sections of a job file and their options: the one table of spellings, types, limits, units
// and meanings. Parsing (launch/job.cc), the resolved job (launch/job_writer.cc) and the check of
// docs/job_reference.md all go by it; a default is what a default-constructed struct holds.
//
// Owner    the options point into the argument, which outlives them. Threads: none.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "launch/job.h"
#include "launch/option.h"

namespace rookery {

[[nodiscard]] std::vector<Option> RootOptions(Job* job);
[[nodiscard]] std::vector<Option> DataOptions(DataJob* data);
[[nodiscard]] std::vector<Option> ColumnOptions(Column* column);
[[nodiscard]] std::vector<Option> BucketOptions(BucketFeature* bucket);
[[nodiscard]] std::vector<Option> CrossOptions(Cross* cross);
[[nodiscard]] std::vector<Option> ModelOptions(ModelSpec* model);
[[nodiscard]] std::vector<Option> TableOptions(TableJob* table);
[[nodiscard]] std::vector<Option> UpdaterOptions(UpdaterSpec* updater);
[[nodiscard]] std::vector<Option> TrainOptions(TrainJob* train);
[[nodiscard]] std::vector<Option> ClusterOptions(ClusterJob* cluster);
[[nodiscard]] std::vector<Option> CheckpointOptions(CheckpointJob* checkpoint);
[[nodiscard]] std::vector<Option> PrivacyOptions(PrivacyJob* privacy);

// The options of [data] that a job of prepared files may have; the rest comes from the files.
[[nodiscard]] const std::set<std::string>& BlocksDataKeys();

// What the job reference must say of one option.
struct OptionInfo {
  std::string path;           // "train.batch_size", "data.column.NAME.type", "table.NAME.dim"
  std::string type;           // "whole number", "text", ...
  std::string default_value;  // as TOML; "" when it has none
  std::string unit;
  std::string meaning;
  std::vector<std::string> choices;
};
[[nodiscard]] std::vector<OptionInfo> AllOptions();

// "whole number", "number", "true or false", "text", ...: for people.
[[nodiscard]] std::string_view TypeName(OptionType type);
// The value as TOML text; "" for std::monostate.
[[nodiscard]] std::string ValueToToml(const OptionValue& value);

}  // namespace rookery
