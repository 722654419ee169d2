// The command line of `rookery`. Each command's work is in launch/commands/.
// long: the list of all commands and their options, read from top to bottom
#include <CLI/CLI.hpp>
#include <algorithm>

#include "launch/commands.h"
#include "launch/nearest.h"

namespace {

using namespace rookery;

struct Arguments {
  TrainArguments train;
  EvaluateArguments evaluate;
  PredictArguments predict;
  ExportArguments to_export;
  VerifyExportArguments verify_export;
  InspectArguments inspect;
  VerifyArguments verify;
  DiffArguments diff;
  SynthArguments synth;
  PrepareArguments prepare;
  LaunchArguments launch;
  StopArguments stop;
  PlanArguments plan;
  DoctorArguments doctor;
  int status = kExitDone;
};

CLI::App* Command(CLI::App& app, const std::string& name, const std::string& what,
                  const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer("Examples:\n" + examples);
  return command;
}

template <class Run>
void OnRun(CLI::App* command, Arguments* arguments, Run run) {
  command->callback([arguments, run] { arguments->status = run(); });
}

void AddJobFile(CLI::App* command, std::string* job, std::vector<std::string>* overrides) {
  command->add_option("job", *job, "job file (docs/job_reference.md)")
      ->required()
      ->type_name("JOB.toml");
  command->add_option("--set", *overrides, "override an option of the job: path.key=value")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void AddJob(CLI::App* command, std::string* job, std::vector<std::string>* overrides,
            std::string* run) {
  AddJobFile(command, job, overrides);
  command->add_option("--run", *run, "run directory; default: runs/ and the job's name")
      ->type_name("DIR");
}

void AddTrainOptions(CLI::App* train, TrainArguments* to) {
  AddJob(train, &to->job, &to->overrides, &to->run);
  train
      ->add_option("--resume", to->resume,
                   "go on from the newest checkpoint; latest-good: when that is damaged, from the "
                   "one before")
      ->type_name("[=latest|latest-good]")
      ->check(CLI::IsMember({"latest", "latest-good"}))
      ->expected(0, 1)
      ->default_str("latest");
  CLI::Option* from =
      train
          ->add_option("--init-from", to->init_from,
                       "a new run begins with the rows and weights of this run or checkpoint, of a "
                       "job with other columns or options; with --resume only while it has no "
                       "checkpoint of its own")
          ->type_name("PATH");
  train
      ->add_option("--init-policy", to->init_policies,
                   "with --init-from: what may be left behind. feature.NAME=drop|changed, "
                   "table.NAME=drop|reset, table.NAME.updater=reset-state, dense.updater="
                   "reset-state, dense.BLOCK=drop|reset")
      ->type_name("TARGET=ACTION")
      ->allow_extra_args(false)
      ->needs(from);
  train->add_flag("--profile", to->profile,
                  "write trace/rank-N.json into the run directory: what each thread did when, for "
                  "Perfetto or chrome://tracing");
}

void AddTrain(CLI::App& app, Arguments* all) {
  CLI::App* train = Command(app, "train", "Train the model of a job file",
                            "  rookery train launch/jobs/quickstart.toml\n"
                            "  rookery train JOB.toml --set train.mode=async --run runs/try\n"
                            "  rookery train JOB.toml --resume\n"
                            "  rookery train TUESDAY.toml --init-from runs/monday "
                            "--init-policy feature.age=drop\n"
                            "  rookery launch -n 4 train JOB.toml");
  AddTrainOptions(train, &all->train);
  OnRun(train, all, [all] { return RunTrain(all->train); });
}

// The words after `rookery launch`; a mistake in them throws as one in our own would.
void ParseTrain(std::vector<std::string> words, TrainArguments* train) {
  CLI::App app;
  Arguments parsed;
  AddTrainOptions(app.add_subcommand("train"), &parsed.train);
  std::ranges::reverse(words);  // CLI11 wants the last one first
  app.parse(std::move(words));
  *train = parsed.train;
}

void AddEvaluate(CLI::App& app, Arguments* all) {
  EvaluateArguments& to = all->evaluate;
  CLI::App* evaluate =
      Command(app, "evaluate", "Metrics of a checkpoint on data of its job",
              "  rookery evaluate launch/jobs/quickstart.toml\n"
              "  rookery evaluate JOB.toml --data valid --run runs/try\n"
              "  rookery evaluate JOB.toml --checkpoint runs/try/checkpoints/00000002");
  AddJob(evaluate, &to.job, &to.overrides, &to.run);
  evaluate->add_option("--checkpoint", to.checkpoint, "default: the newest of the run")
      ->type_name("DIR");
  evaluate->add_option("--data", to.data, "which files of the job")
      ->check(CLI::IsMember({"train", "valid", "test"}))
      ->capture_default_str();
  OnRun(evaluate, all, [all] { return RunEvaluate(all->evaluate); });
}

void AddPredict(CLI::App& app, Arguments* all) {
  PredictArguments& to = all->predict;
  CLI::App* predict = Command(app, "predict", "Score data files with an export",
                              "  rookery predict export/ test.tsv\n"
                              "  rookery predict export/ 'day-*.csv.gz' --out scores.tsv");
  predict->add_option("model", to.model, "directory that `rookery export` made")
      ->required()
      ->type_name("EXPORT");
  predict
      ->add_option("data", to.inputs, "data files in the format of the job; labels may be absent")
      ->required()
      ->type_name("FILE...");
  predict->add_option("--out", to.output, "score and label a line; default: standard output")
      ->type_name("FILE");
  predict->add_flag("--bf16", to.bf16,
                    "multiply towers in bf16: faster, scores differ by about a thousandth");
  OnRun(predict, all, [all] { return RunPredict(all->predict); });
}

void AddExport(CLI::App& app, Arguments* all) {
  ExportArguments& to = all->to_export;
  CLI::App* command =
      Command(app, "export", "Write a model for serving: ONNX, safetensors, tables, schema",
              "  rookery export runs/quickstart --out export/\n"
              "  rookery export runs/try/checkpoints/00000002 --out export/ --force");
  command->add_option("path", to.path, "run directory, or one of its checkpoints")
      ->required()
      ->type_name("RUN");
  command->add_option("--out", to.output, "directory to make")->required()->type_name("DIR");
  command->add_option("--job", to.job, "job file; default: job.toml of the run")->type_name("FILE");
  command
      ->add_option("--golden", to.golden,
                   "data file whose first rows are kept with their scores; default: the job's "
                   "test files, or else its training files")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      ->add_option("--onnx-rows-max", to.onnx_rows_max,
                   "with more rows in all tables the ONNX model has the dense part alone")
      ->type_name("ROWS")
      ->capture_default_str();
  command->add_flag("--force", to.force, "replace an existing directory");
  OnRun(command, all, [all] { return RunExport(all->to_export); });
}

void AddVerifyExport(CLI::App& app, Arguments* all) {
  CLI::App* verify =
      Command(app, "verify-export", "Compare an export's checksums and score its golden rows again",
              "  rookery verify-export export/");
  verify->add_option("model", all->verify_export.model, "directory that `rookery export` made")
      ->required()
      ->type_name("EXPORT");
  OnRun(verify, all, [all] { return RunVerifyExport(all->verify_export); });
}

void AddInspect(CLI::App& app, Arguments* all) {
  InspectArguments& to = all->inspect;
  CLI::App* inspect = Command(app, "inspect", "What is in a checkpoint: tables, rows, norms",
                              "  rookery inspect runs/quickstart\n"
                              "  rookery inspect runs/quickstart/checkpoints --verify\n"
                              "  rookery inspect runs/quickstart/checkpoints/00000002 --digest");
  inspect->add_option("path", to.path, "run directory, its checkpoints/, or one checkpoint")
      ->required()
      ->type_name("PATH");
  inspect->add_flag("--digest", to.digest,
                    "one hash of the content, the same for any number of servers");
  inspect->add_flag("--verify", to.verify, "read every byte and compare every checksum");
  OnRun(inspect, all, [all] { return RunInspect(all->inspect); });
}

void AddVerify(CLI::App& app, Arguments* all) {
  VerifyArguments& to = all->verify;
  CLI::App* verify =
      Command(app, "verify", "Read every byte of checkpoints, or of an export; status 1: damaged",
              "  rookery verify runs/quickstart\n"
              "  rookery verify runs/quickstart/checkpoints/00000002 --json");
  verify
      ->add_option(
          "path", to.path,
          "run directory or its checkpoints/: all of them; one checkpoint, with those that "
          "it adds to; or an export")
      ->required()
      ->type_name("PATH");
  verify->add_flag("--json", to.json, "for scripts: what is damaged and where");
  OnRun(verify, all, [all] { return RunVerify(all->verify); });
}

void AddDiff(CLI::App& app, Arguments* all) {
  DiffArguments& to = all->diff;
  CLI::App* diff =
      Command(app, "diff", "What differs between two checkpoints: rows, weights, options",
              "  rookery diff runs/monday runs/tuesday\n"
              "  rookery diff runs/try/checkpoints/0000000{1,2} --json");
  diff->add_option("a", to.a, "run directory, its checkpoints/, or one checkpoint")
      ->required()
      ->type_name("A");
  diff->add_option("b", to.b, "the same")->required()->type_name("B");
  diff->add_flag("--json", to.json, "for scripts; member \"same\" tells all");
  OnRun(diff, all, [all] { return RunDiff(all->diff); });
}

void AddSynth(CLI::App& app, Arguments* all) {
  SynthArguments& to = all->synth;
  CLI::App* synth = Command(app, "synth", "Make up Criteo-format data with a known best score",
                            "  rookery synth --rows 400000 --ids 300 --out train.tsv\n"
                            "  rookery synth --rows 40000 --ids 300 --seed 2 --out test.tsv");
  synth->add_option("--rows", to.rows, "examples to write")->capture_default_str();
  synth->add_option("--seed", to.seed, "names the examples; another one for test data")
      ->capture_default_str();
  synth
      ->add_option("--teacher-seed", to.teacher_seed,
                   "names the hidden model; the same for test data")
      ->capture_default_str();
  synth->add_option("--ids", to.ids, "ids of each of the 26 fields")->capture_default_str();
  synth->add_option("--zipf", to.zipf, "exponent of the law that ids are drawn by")
      ->capture_default_str();
  synth->add_option("--out", to.output, "file to write; .gz or .zst: compressed")
      ->required()
      ->type_name("FILE");
  OnRun(synth, all, [all] { return RunSynth(all->synth); });
}

void AddPrepare(CLI::App& app, Arguments* all) {
  PrepareArguments& to = all->prepare;
  CLI::App* prepare =
      Command(app, "prepare", "Encode a job's text files once, for training many times as fast",
              "  rookery prepare JOB.toml --out prepared/\n"
              "  rookery prepare JOB.toml --out prepared/ --shuffle --shuffle-mib 8192\n"
              "  rookery prepare TODAY.toml --out today/ --like prepared/train-00000.blocks\n"
              "A job then needs, instead of its [data] section,\n"
              "  [data]\n"
              "  format = \"blocks\"\n"
              "  train = [\"prepared/train-*.blocks\"]");
  AddJobFile(prepare, &to.job, &to.overrides);
  prepare->add_option("--out", to.output, "directory to make")->required()->type_name("DIR");
  prepare
      ->add_option("--like", to.like,
                   "use the means, scales and quantiles of this prepared file, for data that a "
                   "model made from it shall read; default: those of the training files")
      ->type_name("FILE");
  prepare
      ->add_option("--compression", to.compression,
                   "beyond dictionaries and bit packing; zstd: smaller, and slower to read")
      ->check(CLI::IsMember({"none", "zstd"}))
      ->capture_default_str();
  prepare->add_flag("--shuffle", to.shuffle,
                    "training data in a random order named by the job's seed");
  prepare
      ->add_option("--shuffle-mib", to.shuffle_mib,
                   "memory for --shuffle: examples that fit are shuffled together, into one file")
      ->check(CLI::Range(1, 1 << 24))
      ->capture_default_str();
  OnRun(prepare, all, [all] { return RunPrepare(all->prepare); });
}

void AddLaunch(CLI::App& app, Arguments* all) {
  LaunchArguments& to = all->launch;
  CLI::App* launch =
      Command(app, "launch", "Run a command under mpirun: 1 scheduler, servers, workers",
              "  rookery launch -n 4 train launch/jobs/quickstart.toml\n"
              "  rookery launch -n 16 --hostfile hosts --interface 10.0.0.0/24 train JOB.toml\n"
              "  rookery launch -n 16 --hostfile hosts doctor JOB.toml");
  launch->add_option("-n,--ranks", to.ranks, "processes of the whole job")
      ->required()
      ->check(CLI::Range(2, 4096))
      ->type_name("N");
  launch->add_option("--hostfile", to.hostfile, "hosts, one a line, as mpirun reads them")
      ->type_name("FILE");
  launch->add_option("--interface", to.interface, "network for TCP")->type_name("CIDR");
  launch->add_flag("--tcp-only", to.tcp_only, "no shared memory between ranks of a host");
  launch
      ->add_option("--max-restarts", to.restarts_max,
                   "start again from the newest good checkpoint, at most so often, when a rank or "
                   "host is lost; the account is restarts.json of the run")
      ->type_name("K");
  launch
      ->add_option("--restart-backoff", to.backoff_seconds,
                   "wait before a restart; twice as long each time no new checkpoint was made")
      ->check(CLI::Range(0.0, 3600.0))
      ->type_name("SECONDS")
      ->capture_default_str();
  launch
      ->add_option("--grace", to.grace_seconds,
                   "after SIGTERM the job has so long to write a checkpoint and end")
      ->check(CLI::Range(0.0, 86400.0))
      ->type_name("SECONDS")
      ->capture_default_str();
  launch->prefix_command();
  OnRun(launch, all, [all, launch] {
    all->launch.command = launch->remaining();
    if (all->launch.restarts_max > 0) ParseTrain(all->launch.command, &all->launch.train);
    return RunLaunch(all->launch);
  });
}

void AddStop(CLI::App& app, Arguments* all) {
  CLI::App* stop =
      Command(app, "stop", "Let a running job write a checkpoint and end with status 0",
              "  rookery stop runs/quickstart");
  stop->add_option("run", all->stop.run, "run directory of the job")->required()->type_name("RUN");
  OnRun(stop, all, [all] { return RunStop(all->stop); });
}

void AddPlan(CLI::App& app, Arguments* all) {
  PlanArguments& to = all->plan;
  CLI::App* plan = Command(
      app, "plan", "Say what a job will take: memory, messages, disk; nothing is trained",
      "  rookery plan JOB.toml\n"
      "  rookery plan -n 16 JOB.toml --set cluster.servers=8 --set cluster.memory_limit=30GB\n"
      "  rookery plan JOB.toml --full --json\n"
      "Status 2 when a server would pass cluster.memory_limit.");
  AddJob(plan, &to.job, &to.overrides, &to.run);
  plan->add_option("-n,--ranks", to.ranks, "processes under mpirun; default: cluster.workers")
      ->check(CLI::Range(3, 4096))
      ->type_name("N");
  plan->add_option("--examples", to.examples, "how many of the first training examples are read")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U))
      ->capture_default_str();
  plan->add_flag("--full", to.full, "read all training data and count the rows, within 1 %");
  plan->add_flag("--json", to.json, "for scripts");
  OnRun(plan, all, [all] { return RunPlan(all->plan); });
}

void AddDoctor(CLI::App& app, Arguments* all) {
  DoctorArguments& to = all->doctor;
  CLI::App* doctor =
      Command(app, "doctor", "Look at a cluster, a job and its data before the job runs",
              "  rookery doctor JOB.toml\n"
              "  rookery launch -n 16 --hostfile hosts doctor JOB.toml --run runs/big\n"
              "One line a check: ok, warn or FAIL. Status 2 when a check fails.");
  AddJob(doctor, &to.job, &to.overrides, &to.run);
  OnRun(doctor, all, [all] { return RunDoctor(all->doctor); });
}

// CLI11 only says that a command is required.
Status CheckCommand(const CLI::App& app, int count, char** words) {
  if (count < 2 || words[1][0] == '-') return OkStatus();
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == words[1]) return OkStatus();
    if (!command->get_group().empty()) names.push_back(command->get_name());
  }
  return InvalidInput("unknown command ", words[1], "; the nearest is ",
                      NearestName(words[1], names), "; see rookery --help");
}

int Main(int count, char** words) {
  CLI::App app("Rookery trains click and recommender models whose tables outgrow one process.",
               "rookery");
  app.set_version_flag("--version", "rookery " + RookeryVersion());
  app.require_subcommand(1);
  app.footer("`rookery COMMAND --help` shows a command's options and examples.\n" +
             std::string(kExitCodesHelp));
  Arguments all;
  AddTrain(app, &all);
  AddEvaluate(app, &all);
  AddPredict(app, &all);
  AddExport(app, &all);
  AddVerifyExport(app, &all);
  AddInspect(app, &all);
  AddVerify(app, &all);
  AddDiff(app, &all);
  AddSynth(app, &all);
  AddPrepare(app, &all);
  AddLaunch(app, &all);
  AddStop(app, &all);
  AddPlan(app, &all);
  AddDoctor(app, &all);
  CLI::App* options = app.add_subcommand("job-options")->group("");
  OnRun(options, &all, [] { return RunJobOptions(); });
  if (const Status status = CheckCommand(app, count, words); !status.ok()) {
    return ReportStatus(status);
  }
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return ReportStatus(InvalidInput(error.what(), "; see rookery --help"));
  }
  return all.status;
}

}  // namespace

int main(int count, char** words) {
  return Main(count, words);
}
