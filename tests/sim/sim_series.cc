#include "tests/sim/sim_series.h"

#include <algorithm>
#include <iostream>
#include <sstream>
#include <utility>

#include "common/json.h"
#include "launch/prepared_run.h"
#include "ps/checkpoint_reader.h"
#include "scheduler/job_state.h"
#include "tests/sim/ledger.h"
#include "tests/sim/ledger_model.h"
#include "tests/sim/may_leak.h"

namespace rookery::sim {
namespace {

constexpr const char* kRun = "run";
constexpr const char* kCheckpoints = "run/checkpoints";
constexpr Duration kLimit = std::chrono::seconds(60);  // of virtual time for one run

// launch/ prints for people; nobody reads it here.
class Silence {
 public:
  Silence() : out_(std::cout.rdbuf(&sink_)), err_(std::cerr.rdbuf(&sink_)) {}
  ~Silence() {
    std::cout.rdbuf(out_);
    std::cerr.rdbuf(err_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  std::stringbuf sink_;
  std::streambuf* out_;
  std::streambuf* err_;
};

UpdaterSpec CountingUpdater() {
  UpdaterSpec updater;
  updater.kind = UpdaterKind::kSgd;
  updater.learning_rate.rate = 1;
  return updater;
}

WorkerModel MakeLedger(const SimOptions& options) {
  WorkerModel made;
  made.model = std::make_unique<LedgerModel>(options.mode == TrainMode::kSync ? kBatchExamples : 0);
  made.dense.blocks = made.model->dense_blocks();
  made.dense.updater = CountingUpdater();
  made.combiners = {Combiner::kSum, Combiner::kSum};
  made.features = {"example", "item"};
  return made;
}

std::vector<TableSpec> LedgerTables() {
  std::vector<TableSpec> tables(2);
  for (std::uint32_t t = 0; t < 2; ++t) {
    tables[t].id = TableId{t};
    tables[t].name = t == 0 ? "examples" : "items";
    tables[t].initializer.kind = InitializerKind::kZeros;
    tables[t].updater = CountingUpdater();
  }
  return tables;
}

}  // namespace

void Series::WriteInput() {
  MemoryFileSystem& files = disk_.files();
  (void)files.MakeDirectory("data");
  (void)files.SyncDirectory("");
  for (std::uint32_t file = 0; file < options_.files; ++file) {
    (void)WriteFileAtomically(files, StrCat("data/train-", file, ".csv"),
                              InputText(options_, file));
  }
}

void Series::UseLedger(SimPlan* plan) const {
  plan->job.tables = LedgerTables();
  const DenseSpec dense = MakeLedger(options_).dense;
  plan->scheduler.tables = plan->job.tables;
  plan->scheduler.dense = dense;
  for (PsOptions& server : plan->servers) {
    server.tables = plan->job.tables;
    server.dense = dense;
    if (!server.dense_on_server) continue;
    server.initial_dense = [dense](const std::vector<double>&) {
      return InitialDense(dense.blocks, dense.seed);
    };
  }
  for (WorkerOptions& worker : plan->workers) {
    worker.tables = plan->job.tables;
    worker.make_model = [options = options_](const FittedSchema&) { return MakeLedger(options); };
  }
}

// As launch/run_job.cc prepares rank 0 and every other role.
StatusOr<SimPlan> Series::Prepare(const RunFaults& faults) {
  const Silence silence;
  SimFiles files(&disk_, 0);
  SimPlan plan;
  RunRequest request;
  ROOKERY_ASSIGN_OR_RETURN(request.job, ParseJob(JobText(options_), "job.toml", {}));
  request.run_directory = kRun;
  request.resume = Resume::kLatestGood;
  ROOKERY_ASSIGN_OR_RETURN(plan.job, MakePlan(files, request.job, faults.cluster, kRun, "host"));
  if (options_.ledger) plan.job.tables = LedgerTables();
  ROOKERY_ASSIGN_OR_RETURN(const PreparedRun prepared, PrepareRun(files, request, plan.job));
  fitted_ = prepared.fitted;
  ROOKERY_ASSIGN_OR_RETURN(plan.scheduler, SchedulerOptionsOf(plan.job, prepared.fitted));
  plan.scheduler.load_directory = prepared.load_directory;
  plan.scheduler.print = [world = world_](const std::string& line, bool) {
    if (line.find("waits until the checkpoint before") != std::string::npos) {
      world->coverage.Hit(Point::kCheckpointWaited);
    }
    const bool kept = line.find("rows were kept") != std::string::npos;
    if (kept && line.find(" 0 rows") == std::string::npos) world->coverage.Hit(Point::kRowKept);
  };
  plan.scheduler.buckets = kBuckets;
  plan.scheduler.checkpoint_every_steps = options_.checkpoint_steps;
  for (std::uint32_t s = 0; s < faults.cluster.servers; ++s) {
    plan.servers.push_back(ServerOptionsOf(plan.job, s));
    plan.servers.back().buckets = kBuckets;
    if (options_.mutation == Mutation::kLooseStaleness) ++plan.servers.back().staleness;
  }
  for (std::uint32_t w = 0; w < faults.cluster.workers; ++w) {
    plan.workers.push_back(WorkerOptionsOf(plan.job, w, 1));
    plan.workers.back().buckets = kBuckets;
  }
  if (faults.stop_at_event != 0) {
    plan.scheduler.stop_wanted = [world = world_, at = world_->events() + faults.stop_at_event] {
      return world->events() >= at;
    };
  }
  if (options_.ledger) UseLedger(&plan);
  ROOKERY_RETURN_IF_ERROR(files.MakeDirectory(kRun));
  ROOKERY_RETURN_IF_ERROR(WriteFileAtomically(files, "run/job.toml", JobToToml(request.job)));
  return plan;
}

void Series::NoteStart(const std::string& load_directory, const ClusterShape& shape) {
  world_->Note(StrCat("start: ", load_directory.empty() ? "from the beginning" : load_directory));
  if (started_) {
    world_->coverage.Hit(load_directory.empty() ? Point::kStartedOver : Point::kResumed);
    const std::vector<std::string> names = Names();
    if (!load_directory.empty() && !load_directory.ends_with(names.back())) {
      world_->coverage.Hit(Point::kResumedOlder);
    }
    if (!load_directory.empty() && shape != last_shape_) {
      world_->coverage.Hit(Point::kResumedOtherShape);
    }
  }
  if (IsDelta(load_directory)) world_->coverage.Hit(Point::kResumedFromDelta);
  started_ = true;
  last_shape_ = shape;
}

RunOutcome Series::RunOnce(const RunFaults& faults) {
  const MayLeak leak(faults.abrupt);
  DiskFaults disk = faults.disk;
  disk.ignore_sync = options_.mutation == Mutation::kNoFileSync;
  disk_.Begin(disk);
  StatusOr<SimPlan> plan = Prepare(faults);
  if (!plan.ok()) {
    world_->Note("cannot start", ": " + plan.status().ToString());
    RunOutcome failed;
    failed.status = plan.status();
    return failed;
  }
  job_ = plan->job;
  NoteStart(plan->scheduler.load_directory, faults.cluster);
  const bool reuse = options_.mutation == Mutation::kReuseSequence;
  SimCluster cluster(world_, &disk_, std::move(*plan), faults, options_.compute_max,
                     reuse ? 3 + options_.seed % 20 : 0);
  return cluster.Run(kLimit + faults.freeze_for);
}

std::vector<std::string> Series::Names() {
  StatusOr<std::vector<std::string>> names = disk_.files().List(kCheckpoints);
  if (!names.ok()) return {};
  std::erase_if(*names, [](const std::string& name) {
    return name.find_first_not_of("0123456789") != std::string::npos;
  });
  return std::move(*names);
}

void Series::Aftermath(const RunFaults& faults, Random& random) {
  if (faults.power_cut) {
    const bool all = faults.crash_names == CrashNames::kAll;
    world_->coverage.Hit(all ? Point::kPowerCutKeepingNames : Point::kPowerCut);
    world_->Note("power cut");
    disk_.files().Crash(faults.crash_names);
  }
  const std::vector<std::string> names = Names();
  if (!faults.flip_bit || names.empty()) return;
  const std::string directory = JoinPath(kCheckpoints, names.back());
  const StatusOr<std::vector<std::string>> files = disk_.files().List(directory);
  if (!files.ok() || files->empty()) return;
  const std::string path = JoinPath(directory, (*files)[random.NextBelow(files->size())]);
  const StatusOr<std::uint64_t> size = disk_.files().FileSize(path);
  if (!size.ok() || *size == 0) return;
  if (!disk_.files().FlipBit(path, random.NextBelow(*size * 8)).ok()) return;
  world_->coverage.Hit(Point::kBitFlipped);
  world_->Note("a bit flips in " + path);
  damaged_ = true;
}

bool Series::IsDelta(const std::string& directory) {
  if (directory.empty()) return false;
  const auto reader = CheckpointReader::Open(&disk_.files(), directory);
  return reader.ok() && !(*reader)->manifest().base.empty();
}

std::string Series::CheckCheckpoints() {
  std::string wrong;
  const std::string published = disk_.published();
  if (damaged_) return wrong;
  bool found = published.empty();
  for (const std::string& name : Names()) {
    if (IsDelta(JoinPath(kCheckpoints, name))) world_->coverage.Hit(Point::kDeltaMade);
    found = found || name >= published;
    wrong += CheckBalance(&disk_.files(), JoinPath(kCheckpoints, name), options_.exact(),
                          job_->lockstep && options_.mode == TrainMode::kSync);
  }
  if (!found) wrong += StrCat("checkpoint ", published, " was published, and is lost\n");
  if (published.empty()) return wrong;
  const StatusOr<std::string> current = CurrentCheckpoint(disk_.files(), kCheckpoints);
  if (!current.ok()) return wrong + current.status().ToString() + "\n";
  if (*current < JoinPath(kCheckpoints, published)) {
    wrong += StrCat("CURRENT names ", *current, ", older than ", published, "\n");
  }
  return wrong;
}

std::string Series::Digest() {
  const StatusOr<std::string> current = CurrentCheckpoint(disk_.files(), kCheckpoints);
  if (!current.ok()) return current.status().ToString();
  const auto reader = CheckpointReader::Open(&disk_.files(), *current);
  if (!reader.ok()) return reader.status().ToString();
  const StatusOr<std::string> digest = CheckpointDigest(**reader);
  return digest.ok() ? *digest : digest.status().ToString();
}

bool Series::Trained() {
  const StatusOr<std::string> current = CurrentCheckpoint(disk_.files(), kCheckpoints);
  if (!current.ok()) return false;
  const StatusOr<JobState> state = ReadJobState(disk_.files(), *current);
  return state.ok() && state->trained;
}

std::string Series::CheckEnd(const RunOutcome& outcome) {
  StatusOr<Ledger> ledger = CountInput(&disk_.files(), *job_, fitted_);
  if (!ledger.ok()) return ledger.status().ToString();
  std::string wrong;
  const StatusOr<Json> summary = ParseJson(outcome.summary, "summary");
  if (!summary.ok()) return summary.status().ToString();
  const auto examples = summary->at("examples").to_number<std::uint64_t>();
  if (examples != ledger->examples * options_.epochs) {
    wrong += StrCat("the summary counts ", examples, " examples, the input has ",
                    ledger->examples * options_.epochs, " in all epochs\n");
  }
  const std::size_t seen = summary->at("staleness").as_array().size();
  const std::size_t bound = options_.mode == TrainMode::kSync ? 0 : options_.staleness;
  if (options_.mode != TrainMode::kAsync && seen > bound + 1) {
    wrong += StrCat("a pull saw staleness ", seen - 1, ", the bound is ", bound, "\n");
  }
  if (options_.mode == TrainMode::kBounded && bound > 0 && seen == bound + 1) {
    world_->coverage.Hit(Point::kStalenessAtBound);
  }
  const StatusOr<std::string> current = CurrentCheckpoint(disk_.files(), kCheckpoints);
  if (!current.ok()) return wrong + current.status().ToString() + "\n";
  if (options_.exact()) {
    wrong += CheckLedger(&disk_.files(), *current, *ledger, options_.epochs);
  }
  return wrong;
}

}  // namespace rookery::sim
