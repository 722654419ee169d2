#include "tests/sim/sim_cluster.h"

#include <array>
#include <functional>
#include <utility>

namespace rookery::sim {
namespace {

constexpr Duration kHomeCost = std::chrono::microseconds(5);
constexpr Duration kReadingCost = std::chrono::microseconds(300);
constexpr Duration kBackgroundCost = std::chrono::microseconds(1000);
// How long a role may take to end once its RPC is closed: less than any timeout.
constexpr Duration kEndLimit = std::chrono::milliseconds(500);
constexpr Duration kNotice = std::chrono::milliseconds(30);  // until mpirun ends the other ranks

}  // namespace

// As launch/role_host.h, without threads.
struct SimCluster::Role {
  Role(SimWorld* world_, SimDisk* disk, Rank rank_)
      : world(world_),
        rank(rank_),
        files(disk, Raw(rank_)),
        home(world_, kHomeCost),
        reading(world_, kReadingCost),
        computing(world_, kHomeCost),
        background(world_, kBackgroundCost) {}
  ~Role() {
    for (const SimExecutor* executor : Executors()) world->Drop(executor);
  }

  SimWorld* const world;
  const Rank rank;
  SimFiles files;
  SimExecutor home, reading, computing, background;
  [[nodiscard]] std::array<SimExecutor*, 4> Executors() {
    return {&reading, &computing, &background, &home};
  }
  std::unique_ptr<RpcNode> rpc;
  std::unique_ptr<SchedulerNode> scheduler;  // one of the three
  std::unique_ptr<PsNode> server;
  std::unique_ptr<WorkerNode> worker;
  std::shared_ptr<std::optional<Status>> result = std::make_shared<std::optional<Status>>();
  bool killed = false;
};

SimCluster::SimCluster(SimWorld* world, SimDisk* disk, SimPlan plan, const RunFaults& faults,
                       Duration compute_max, std::uint64_t reuse_sequence_at)
    : world_(world),
      disk_(disk),
      plan_(std::move(plan)),
      faults_(faults),
      network_(world, plan_.job.cluster,
               [&] {
                 NetworkFaults network = faults.network;
                 network.reuse_sequence_at = reuse_sequence_at;
                 return network;
               }()),
      first_event_(world->events()),
      began_(world->now()) {
  MakeRoles(compute_max);
  network_.OnRepeat([this](Rank from, Rank to, Buffer body) {
    Role* const role = roles_[Raw(from)].get();
    role->home.Post([role, to, body = std::move(body)]() mutable {
      (void)role->rpc->Call(to, verbs::kPush, std::move(body), std::chrono::seconds(3));
    });
  });
  disk_->OnCheckpointBegun([this] { pushes_at_cut_ = network_.pushes(); });
  if (faults_.network.slow_rank >= 0) world_->coverage.Hit(Point::kSlowPeer);
}

SimCluster::~SimCluster() {
  disk_->OnCheckpointBegun({});
  world_->Drop(this);
  roles_.clear();
}

void SimCluster::MakeRoles(Duration compute_max) {
  const ClusterShape& cluster = plan_.job.cluster;
  for (std::uint32_t r = 0; r < cluster.ranks(); ++r) {
    roles_.push_back(std::make_unique<Role>(world_, disk_, Rank{r}));
    Role* const role = roles_.back().get();
    role->files.OnDeath([this, r] { NoteDeath(r); });
    role->computing.set_cost_max(compute_max);
    role->rpc = std::make_unique<RpcNode>(
        &role->home, network_.endpoint(Rank{r}),
        RpcNames{VerbName, [cluster](Rank rank) { return cluster.Name(rank); }});
    if (r == 0) {
      role->scheduler = std::make_unique<SchedulerNode>(plan_.scheduler, role->rpc.get(),
                                                        &role->files, &role->background);
      Start(role, [node = role->scheduler.get()] { return node->Run(); });
    } else if (cluster.role(Rank{r}) == rookery::Role::kServer) {
      role->server = std::make_unique<PsNode>(plan_.servers[cluster.index(Rank{r})],
                                              role->rpc.get(), &role->files, &role->background);
      Start(role, [node = role->server.get()] { return node->Run(); });
    } else {
      role->worker = std::make_unique<WorkerNode>(
          plan_.workers[cluster.index(Rank{r})], role->rpc.get(), &role->files,
          WorkerExecutors{&role->reading, &role->computing, &role->background});
      Start(role, [node = role->worker.get()] { return node->Run(); });
    }
  }
}

void SimCluster::Start(Role* role, std::function<Task<Status>()> run) {
  role->rpc->Start();
  role->home.Post([run = std::move(run), result = role->result] {
    Spawn([](std::function<Task<Status>()> body,
             std::shared_ptr<std::optional<Status>> told) -> Task<> {
      Status status = co_await body();
      told->emplace(std::move(status));
    }(run, result));
  });
}

void SimCluster::NoteDeath(std::uint32_t rank) {
  constexpr Point kOfRole[] = {Point::kSchedulerDied, Point::kServerDied, Point::kWorkerDied};
  if (roles_[rank]->killed || ending_) return;
  world_->coverage.Hit(kOfRole[static_cast<std::size_t>(plan_.job.cluster.role(Rank{rank}))]);
  if (disk_->writing_checkpoint()) {
    world_->coverage.Hit(Point::kDeathInCheckpoint);
    if (network_.pushes() > pushes_at_cut_) world_->coverage.Hit(Point::kDeathBesideCheckpoint);
  }
  if (disk_->between_rename_and_current()) world_->coverage.Hit(Point::kDeathBeforeCurrent);
  if (!plan_.scheduler.load_directory.empty() && network_.pushes() == 0) {
    world_->coverage.Hit(Point::kDeathWhileLoading);
  }
  world_->Note(StrCat("rank ", rank, " dies"));
  if (failure_.ok()) failure_ = Status(Code::kUnavailable, StrCat("rank ", rank, " died"));
  Kill(roles_[rank].get());
}

void SimCluster::Kill(Role* role) {
  if (std::exchange(role->killed, true)) return;
  network_.Cut(role->rank);
  role->files.Kill();
  role->home.Post([rpc = role->rpc.get()] { rpc->Close(); });
}

void SimCluster::EndAll() {
  world_->Note("all are ended");
  ending_ = true;
  for (const auto& role : roles_) Kill(role.get());
}

void SimCluster::FaultsOfNow() {
  const std::uint64_t event = world_->events() - first_event_;
  const auto ranks = static_cast<std::int64_t>(roles_.size());
  if (event == faults_.die_at_event && faults_.die_rank >= 0 && faults_.die_rank < ranks) {
    NoteDeath(static_cast<std::uint32_t>(faults_.die_rank));
  }
  if (event == faults_.freeze_at_event && faults_.freeze_rank >= 0 && faults_.freeze_rank < ranks) {
    Role& role = *roles_[static_cast<std::size_t>(faults_.freeze_rank)];
    world_->Note(StrCat("rank ", faults_.freeze_rank, " stands still"));
    world_->coverage.Hit(Point::kFrozenRole);
    for (SimExecutor* executor : role.Executors()) {
      executor->Freeze(world_->now() + faults_.freeze_for);
    }
  }
}

bool SimCluster::AllEnded() const {
  for (const auto& role : roles_) {
    if (!role->result->has_value()) return false;
  }
  return true;
}

RunOutcome SimCluster::Run(Duration limit) {
  RunOutcome outcome;
  bool noticed = false;
  while (!AllEnded()) {
    if (world_->now() - began_ > limit || !world_->RunOne()) break;
    FaultsOfNow();
    for (const auto& role : roles_) {
      if (!failure_.ok() || !role->result->has_value() || (*role->result)->ok()) continue;
      failure_ = **role->result;
      world_->Note(StrCat("rank ", Raw(role->rank), " fails"), ": " + failure_.ToString());
    }
    if (failure_.ok() || std::exchange(noticed, true)) continue;
    world_->At(world_->now() + world_->UpTo(kNotice), this, [this] { EndAll(); });
    limit = world_->now() - began_ + kNotice + kEndLimit + faults_.freeze_for;
    if (faults_.abrupt) limit = world_->now() - began_ + kNotice;
  }
  outcome.took = world_->now() - began_;
  outcome.size = {world_->events() - first_event_, disk_->calls(), network_.frames(),
                  network_.pushes()};
  for (const auto& role : roles_) {
    if (role->result->has_value() || (faults_.abrupt && !failure_.ok())) continue;
    outcome.violation += StrCat("rank ", Raw(role->rank), " does not end (",
                                failure_.ok() ? "no failure" : failure_.ToString(), ")\n",
                                role->rpc->DescribeInFlight());
  }
  outcome.status = failure_;
  if (failure_.ok() && outcome.violation.empty()) {
    outcome.summary = roles_[0]->scheduler->summary_json();
  }
  NoteCause(&outcome);
  if (!faults_.abrupt) {  // what is left, as heartbeats, sees that all is over
    const TimePoint end = world_->now() + kEndLimit;
    while (world_->now() < end && world_->RunOne()) {
    }
  }
  return outcome;
}

void SimCluster::NoteCause(RunOutcome* outcome) {
  Coverage& coverage = world_->coverage;
  const bool silence = failure_.message().find("has been silent") != std::string::npos;
  const bool deadline = failure_.code() == Code::kDeadline;
  if (silence) coverage.Hit(Point::kSilenceEndedJob);
  if (deadline) coverage.Hit(Point::kDeadlineEndedJob);
  if (!network_.partitioned()) return;
  if (silence || deadline) coverage.Hit(Point::kPartitionEndedJob);
  if (failure_.ok() && outcome->violation.empty()) coverage.Hit(Point::kPartitionHealed);
}

}  // namespace rookery::sim
