// The options of the commands that train, and of those that make data for it.
#include <algorithm>

#include "launch/command_line/command_line.h"

namespace rookery {
namespace {

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

// The words after `rookery launch`; a mistake in them throws as one in our own would.
void ParseTrain(std::vector<std::string> words, TrainArguments* train) {
  CLI::App app;
  Arguments parsed;
  AddTrainOptions(app.add_subcommand("train"), &parsed.train);
  std::ranges::reverse(words);  // CLI11 wants the last one first
  app.parse(std::move(words));
  *train = parsed.train;
}

}  // namespace

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

void AddSelection(CLI::App* prepare, SelectionArguments* to) {
  const char* const group = "Choosing examples of data.train, instead of encoding";
  const auto add = [&](const std::string& name, std::string* text, const std::string& meaning,
                       const std::string& type) {
    return prepare->add_option(name, *text, meaning)->group(group)->type_name(type);
  };
  add("--dedup", &to->dedup, "keep one of examples equal in these columns, or in the whole line",
      "COLUMN,...|all");
  add("--dedup-keep", &to->dedup_keep,
      "first or last: which one stays, by --order if there is one, else as the files have them; "
      "default: first",
      "WHICH")
      ->check(CLI::IsMember({"first", "last"}));
  add("--core", &to->core,
      "leave out examples until each value left of these columns has COUNT of those left",
      "COLUMN:COUNT,...");
  add("--split", &to->split,
      "leave-one-out: the last example of each group for test, the one before for valid; time: by "
      "--order; ratio: at random by the job's seed",
      "HOW")
      ->check(CLI::IsMember({"leave-one-out", "time", "ratio"}));
  add("--group", &to->group, "split the examples of each value of this column for themselves",
      "COLUMN");
  add("--order", &to->order, "numeric column, such as a time; may be of type ignore", "COLUMN");
  add("--shares", &to->shares, "of train, valid and test, as 0.8,0.1,0.1", "A,B,C");
  add("--valid-from", &to->valid_from, "of --order: from here on for valid", "NUMBER");
  add("--test-from", &to->test_from, "of --order: from here on for test", "NUMBER");
  add("--sequence", &to->sequence,
      "also write lines \"user item item ...\" by --order, for data.format = \"sequence\"",
      "USER,ITEM");
}

void AddPrepare(CLI::App& app, Arguments* all) {
  PrepareArguments& to = all->prepare;
  CLI::App* prepare =
      Command(app, "prepare", "Encode a job's text files once, or clean and split them",
              "  rookery prepare JOB.toml --out prepared/\n"
              "  rookery prepare JOB.toml --out prepared/ --shuffle --shuffle-mib 8192\n"
              "  rookery prepare TODAY.toml --out today/ --like prepared/train-00000.blocks\n"
              "A job then needs, instead of its [data] section,\n"
              "  [data]\n"
              "  format = \"blocks\"\n"
              "  train = [\"prepared/train-*.blocks\"]\n"
              "With --dedup, --core, --split or --sequence lines are chosen and copied as they "
              "stand:\n"
              "  rookery prepare JOB.toml --out split/ --dedup user,item --core user:5,item:5 \\\n"
              "      --split leave-one-out --group user --order timestamp\n"
              "  rookery prepare JOB.toml --out split/ --split time --order timestamp "
              "--shares 0.8,0.1,0.1\n"
              "  rookery prepare JOB.toml --out split/ --split ratio --shares 0.8,0.1,0.1 "
              "--group user");
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
  AddSelection(prepare, &to.selection);
  OnRun(prepare, all, [all] { return RunPrepare(all->prepare); });
}

}  // namespace rookery
