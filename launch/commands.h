// The commands of `rookery`, one function each, one file each in launch/commands/. main.cc fills
// the arguments from the command line; a command prints its results and returns the exit status.
//
// Exit status: launch/exit_code.h.
// Threads: the main thread; a command starts and joins whatever else it needs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "launch/exit_code.h"

namespace rookery {

// 0 for ok; else prints "rookery: error: ..." to stderr and returns ExitCodeOf.
[[nodiscard]] int ReportStatus(const Status& status);
// The same, but under mpirun only the first rank prints: all ranks see the same mistake.
[[nodiscard]] int ReportOnce(const Status& status);
// "0.1.0"
[[nodiscard]] std::string RookeryVersion();

struct TrainArguments {
  std::string job;                         // path of the job file
  std::vector<std::string> overrides;      // --set path.key=value
  std::string run;                         // --run DIR; empty: as the job says
  std::string resume;                      // "", "latest", "latest-good"
  std::string init_from;                   // a run or checkpoint to begin with; only without one
  std::vector<std::string> init_policies;  // --init-policy TARGET=ACTION
  bool profile = false;                    // write a trace of where time goes
};
[[nodiscard]] int RunTrain(const TrainArguments& arguments);

struct EvaluateArguments {
  std::string job;
  std::vector<std::string> overrides;
  std::string run;
  std::string checkpoint;     // a checkpoint directory; empty: the newest of the run
  std::string data = "test";  // which list of the job: train, valid or test
};
[[nodiscard]] int RunEvaluate(const EvaluateArguments& arguments);

struct BaselineArguments {
  std::string job;
  std::vector<std::string> overrides;
  std::vector<std::string> methods;     // empty: all
  std::vector<std::string> settings;    // METHOD.NAME=VALUE
  std::vector<std::string> attributes;  // files of lines "item attribute ..."
  std::string output;                   // JSON file; empty: the table alone
};
[[nodiscard]] int RunBaseline(const BaselineArguments& arguments);

struct DescribeArguments {
  std::string job;
  std::vector<std::string> overrides;
  std::string data = "train";  // train, valid or test
  std::string against;         // the same, or empty: nothing is compared
  std::uint64_t examples = 1'000'000;
  std::string html;  // a file for the page; empty: none
  bool json = false;
};
[[nodiscard]] int RunDescribe(const DescribeArguments& arguments);

struct PredictArguments {
  std::string model;                // directory of an export
  std::vector<std::string> inputs;  // data files in the job's format; patterns
  std::string output;               // empty: stdout
  bool bf16 = false;                // towers multiply in bf16
};
[[nodiscard]] int RunPredict(const PredictArguments& arguments);

struct ExportArguments {
  std::string path;                 // run directory or one checkpoint
  std::string output;               // directory to make
  std::string job;                  // empty: job.toml of the run
  std::vector<std::string> golden;  // data files; empty: the job's test, else train files
  std::uint64_t onnx_rows_max = 2'000'000;
  bool force = false;  // replace an existing directory
};
[[nodiscard]] int RunExport(const ExportArguments& arguments);

struct VerifyExportArguments {
  std::string model;  // directory of an export
};
[[nodiscard]] int RunVerifyExport(const VerifyExportArguments& arguments);

struct InspectArguments {
  std::string path;  // run directory, its checkpoints/ or one checkpoint
  bool digest = false;
  bool verify = false;
};
[[nodiscard]] int RunInspect(const InspectArguments& arguments);

struct VerifyArguments {
  std::string path;  // run directory, its checkpoints/, one checkpoint, or an export
  bool json = false;
};
// 1: something is damaged.
[[nodiscard]] int RunVerify(const VerifyArguments& arguments);

struct DiffArguments {
  std::string a;  // run directory, its checkpoints/ or one checkpoint
  std::string b;
  bool json = false;
};
[[nodiscard]] int RunDiff(const DiffArguments& arguments);

struct SynthArguments {
  std::uint64_t rows = 100'000;
  std::uint64_t seed = 1;
  std::uint64_t teacher_seed = 1;
  std::uint32_t ids = 1000;  // per field
  double zipf = 1.05;
  std::string output;
};
[[nodiscard]] int RunSynth(const SynthArguments& arguments);

// Which examples of a job stay and where they go, as written (launch/selection/).
struct SelectionArguments {
  std::string dedup;                  // "user,item", "all"
  std::string dedup_keep;             // first (also when empty), last
  std::string core;                   // "user:5,item:5"
  std::string split;                  // leave-one-out, time, ratio
  std::string group, order;           // columns
  std::string shares;                 // "0.8,0.1,0.1"
  std::string valid_from, test_from;  // of the order
  std::string sequence;               // "user,item"
};

struct PrepareArguments {
  std::string job;
  std::vector<std::string> overrides;
  std::string output;                // directory to make
  std::string like;                  // a prepared file whose statistics are used
  std::string compression = "none";  // none, zstd
  bool shuffle = false;
  std::uint64_t shuffle_mib = 1024;
  SelectionArguments selection;  // any of it: lines are chosen and nothing is encoded
};
[[nodiscard]] int RunPrepare(const PrepareArguments& arguments);

struct LaunchArguments {
  std::uint32_t ranks = 0;
  std::string hostfile;              // empty: this host
  std::string interface;             // CIDR for TCP; empty: Open MPI decides
  bool tcp_only = false;             // no shared memory: --mca btl self,tcp
  std::vector<std::string> command;  // the rookery command that all ranks run
  TrainArguments train;              // the same, parsed; only with restarts_max > 0
  std::uint32_t restarts_max = 0;
  double backoff_seconds = 5;  // before the first restart; twice that before the second, ...
  double grace_seconds = 20;   // from SIGTERM to the end of a job that could not stop by itself
};
[[nodiscard]] int RunLaunch(const LaunchArguments& arguments);

struct PlanArguments {
  std::string job;
  std::vector<std::string> overrides;
  std::string run;                   // whose disk is looked at; empty: as the job says
  std::uint32_t ranks = 0;           // under mpirun; 0: cluster.workers
  std::uint64_t examples = 200'000;  // of the sample
  bool full = false;                 // read all of the data
  bool json = false;
};
[[nodiscard]] int RunPlan(const PlanArguments& arguments);

struct DoctorArguments {
  std::string job;
  std::vector<std::string> overrides;
  std::string run;
};
[[nodiscard]] int RunDoctor(const DoctorArguments& arguments);

struct StopArguments {
  std::string run;  // run directory
};
[[nodiscard]] int RunStop(const StopArguments& arguments);

// Hidden: the option table of job files as JSON, for the test of docs/job_reference.md.
[[nodiscard]] int RunJobOptions();

}  // namespace rookery
