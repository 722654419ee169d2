// Whole jobs on lines of users and items.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {

inline constexpr const char* kRankingJob = R"(
seed = 3
[data]
format = "sequence"
train = ["train-*.txt"]
valid = ["valid.txt"]
test = ["test.txt"]
chunk_examples = 8
shuffle_window = 64
negatives = 2
column = [{name = "user", type = "categorical"}, {name = "item", type = "list"}]
[model]
name = "bpr_mf"
[table.default]
dim = 8
updater = "adam"
learning_rate = 0.05
[train]
slices = 4
batch_size = 64
part_examples = 8
epochs = 8
[cluster]
threads = 1
heartbeat_every = "20ms"
)";

inline constexpr std::uint64_t kUsers = 120, kGroup = 30;

// A user likes the items of a group: of 3 groups of 30, 10 to train and 2 for each other set.
inline void WriteLines(FileSystem& files) {
  Random random(31, Purpose::kTest);
  std::string text[4];
  for (std::uint64_t user = 0; user < kUsers; ++user) {
    std::set<std::uint64_t> items;
    std::string* to = &text[user % 2];
    for (std::string* one : {to, &text[2], &text[3]}) *one += StrCat("u", user);
    while (items.size() < 14) {
      const std::uint64_t item = (user % 3) * kGroup + random.NextBelow(kGroup);
      if (!items.insert(item).second) continue;
      *(items.size() <= 10 ? to : &text[items.size() <= 12 ? 2 : 3]) += StrCat(" i", item);
    }
    for (std::string* one : {to, &text[2], &text[3]}) *one += "\n";
  }
  WriteText(files, "train-0.txt", text[0]);
  WriteText(files, "train-1.txt", text[1]);
  WriteText(files, "valid.txt", text[2]);
  WriteText(files, "test.txt", text[3]);
}

inline ClusterRun Rank(FileSystem& files, const std::vector<std::string>& overrides = {},
                       const ClusterShape& cluster = {1, 1}, Resume resume = Resume::kNo) {
  return RunCluster(files, overrides, cluster, resume, kRankingJob);
}

inline double Metric(const ClusterRun& run, const char* set, const char* name) {
  const Json metrics = run.Field(set);
  if (!metrics.is_object() || !metrics.as_object().contains(name)) return -1;
  return metrics.as_object().at(name).as_double();
}

}  // namespace rookery::testing
