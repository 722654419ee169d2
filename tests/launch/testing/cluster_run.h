// Whole jobs in one process over files in memory: the pieces of launch/run_job.cc without its
// terminal, signals and real disk.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/json.h"
#include "common/random.h"
#include "io/memory_file_system.h"
#include "launch/job_plan.h"
#include "launch/local_cluster.h"
#include "launch/prepared_run.h"
#include "ps/checkpoint_reader.h"

namespace rookery::testing {

// A small click job: two categorical columns, a list, a number, and dropout, so that every random
// stream is in use.
inline constexpr const char* kClickJob = R"(
seed = 3
[data]
format = "csv"
train = ["train-*.csv"]
chunk_examples = 16
shuffle_window = 128
column = [{name = "y", type = "label"},
          {name = "a", type = "categorical"},
          {name = "b", type = "categorical"},
          {name = "c", type = "list"},
          {name = "x", type = "numeric", transform = "standard"}]
[model]
name = "deepfm"
hidden = [8]
dropout = 0.25
[table.default]
dim = 4
[train]
slices = 4
batch_size = 64
part_examples = 8
[cluster]
threads = 1
heartbeat_every = "20ms"
)";

inline std::string ClickRows(std::size_t rows, std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  std::string text;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint64_t a = random.NextBelow(50);
    text +=
        StrCat((a + random.NextBelow(60)) % 2, ",a", a, ",b", random.NextBelow(200), ",c",
               random.NextBelow(9), "|c", random.NextBelow(9), ",", random.NextBelow(100), "\n");
  }
  return text;
}

inline void WriteText(FileSystem& files, const std::string& path, const std::string& text) {
  const Status status = WriteFileAtomically(files, path, text);
  ASSERT_TRUE(status.ok()) << status.ToString();
}

struct ClusterRun {
  Status status;
  std::string summary;
  std::vector<std::string> printed;

  [[nodiscard]] Json Field(const std::string& name) const {
    const StatusOr<Json> json = ParseJson(summary, "summary");
    if (!json.ok() || !json->as_object().contains(name)) return {};
    return json->as_object().at(name);
  }
  [[nodiscard]] std::uint64_t Count(const std::string& name) const {
    const Json field = Field(name);
    return field.is_int64()    ? static_cast<std::uint64_t>(field.as_int64())
           : field.is_uint64() ? field.as_uint64()
                               : ~std::uint64_t{0};
  }
};

inline StatusOr<ClusterRun> Start(FileSystem& files, const std::vector<std::string>& overrides,
                                  const ClusterShape& cluster, Resume resume,
                                  std::string_view toml) {
  ROOKERY_ASSIGN_OR_RETURN(const Job job, ParseJob(toml, "job.toml", overrides));
  ROOKERY_ASSIGN_OR_RETURN(const JobPlan plan, MakePlan(files, job, cluster, "run", "host"));
  RunRequest request;
  request.job = job;
  request.run_directory = "run";
  request.resume = resume;
  ROOKERY_ASSIGN_OR_RETURN(const PreparedRun prepared, PrepareRun(files, request, plan));
  ROOKERY_ASSIGN_OR_RETURN(SchedulerOptions scheduler, SchedulerOptionsOf(plan, prepared.fitted));
  ClusterRun run;
  scheduler.load_directory = prepared.load_directory;
  scheduler.print = [&run](const std::string& line, bool lasting) {
    if (lasting) run.printed.push_back(line);
  };
  StatusOr<std::string> summary =
      RunLocalCluster(plan, std::move(scheduler), job.cluster.threads, &files);
  run.status = summary.status();
  if (summary.ok()) run.summary = std::move(*summary);
  return run;
}

// Runs the job `toml` with `overrides` on files that hold its input.
inline ClusterRun RunCluster(FileSystem& files, const std::vector<std::string>& overrides = {},
                             const ClusterShape& cluster = {1, 1}, Resume resume = Resume::kNo,
                             std::string_view toml = kClickJob) {
  StatusOr<ClusterRun> run = Start(files, overrides, cluster, resume, toml);
  if (run.ok()) return std::move(*run);
  ClusterRun failed;
  failed.status = run.status();
  return failed;
}

// Of the checkpoint that CURRENT names, after every byte of it was verified.
inline std::string FinalDigest(FileSystem& files) {
  const StatusOr<std::string> current = CurrentCheckpoint(files, "run/checkpoints");
  if (!current.ok()) return current.status().ToString();
  const auto reader = CheckpointReader::Open(&files, *current);
  if (!reader.ok()) return reader.status().ToString();
  if (const Status status = (*reader)->VerifyAll(); !status.ok()) return status.ToString();
  const StatusOr<std::string> digest = CheckpointDigest(**reader);
  return digest.ok() ? *digest : digest.status().ToString();
}

}  // namespace rookery::testing
