#include "worker/worker_node.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "data/sequence_reader.h"
#include "data/thinned_reader.h"
#include "protocol/verbs.h"
#include "ps/checkpoint_reader.h"
#include "ps/checkpoint_writer.h"
#include "worker/evaluator.h"
#include "worker/free_trainer.h"
#include "worker/lockstep_trainer.h"
#include "worker/worker_parts.h"

namespace rookery {
namespace {

std::vector<Rank> WorkerRanks(const ClusterShape& cluster) {
  std::vector<Rank> ranks;
  for (std::uint32_t w = 0; w < cluster.workers; ++w) ranks.push_back(cluster.worker(w));
  return ranks;
}

std::uint32_t SlicesOf(const WorkerOptions& options) {
  return options.mode == TrainMode::kSync ? options.slices : options.cluster.workers;
}

}  // namespace

class WorkerNode::Life {
 public:
  Life(WorkerOptions options, RpcNode* rpc, FileSystem* files, WorkerExecutors executors)
      : options_(std::move(options)),
        rpc_(rpc),
        files_(files),
        home_(rpc->executor()),
        background_(executors.background),
        scheduler_(rpc, options_.cluster.scheduler(), options_.deadline),
        sum_(rpc, WorkerRanks(options_.cluster), options_.index, SlicesOf(options_),
             verbs::kSumSegment, verbs::kSumResult, options_.deadline),
        pool_(options_.threads) {
    parts_.options = &options_;
    parts_.home = home_;
    parts_.reading = executors.reading;
    parts_.computing = executors.computing;
    parts_.scheduler = &scheduler_;
    parts_.sum = &sum_;
    parts_.pool = &pool_;
    parts_.progress = std::make_unique<WorkerProgress>(options_.task, options_.labels);
  }

  Task<Status> Run();

 private:
  Task<Status> Join();
  Status Build(const JoinReply& reply);
  Task<Status> ReadSequences();
  Task<Status> Work();
  Task<> HeartbeatLoop(Promise<bool> ended);
  Task<Status> Beat();
  Task<OrderResult> CarryOut(Order order);
  Task<Status> Train(Order order, OrderResult* result);
  Task<Status> CutDense(std::string directory);
  Task<> WriteDenseFile(std::string directory, DenseState state, Promise<bool> done);
  Status Load(const std::string& directory);

  const WorkerOptions options_;
  RpcNode* const rpc_;
  FileSystem* const files_;
  Executor* const home_;
  Executor* const background_;
  SchedulerClient scheduler_;
  OrderedSum sum_;
  ComputePool pool_;
  FittedSchema fitted_;
  FittedSchema lines_;  // of a job that reads sequences
  Status sequences_read_;
  std::unique_ptr<PsClient> ps_;
  WorkerParts parts_;
  bool ended_ = false;
  bool news_ = false;  // to be told without a pause
  // Heartbeats: of the loop below, and at the end of every kTrain order.
  bool beating_ = false;
  Status beat_failure_;
  std::optional<Promise<bool>> beaten_;   // the second waits for the first
  WrittenFiles written_;                  // repeated in every heartbeat
  std::optional<Promise<bool>> writing_;  // dense.bin, in the background
};

Task<Status> WorkerNode::Life::Run() {
  ROOKERY_CO_RETURN_IF_ERROR(co_await Join());
  Promise<bool> heartbeats_ended(home_);
  Spawn(HeartbeatLoop(heartbeats_ended));
  sequences_read_ = co_await ReadSequences();
  Status status = co_await Work();
  ended_ = true;
  co_await heartbeats_ended.future();
  if (writing_) co_await writing_->future();
  co_return status;
}

Task<Status> WorkerNode::Life::Join() {
  JoinRequest request{Role::kWorker,    options_.index, options_.job_hash,
                      options_.version, options_.host,  static_cast<std::uint32_t>(getpid())};
  ROOKERY_CO_ASSIGN_OR_RETURN(const JoinReply reply, co_await scheduler_.Join(std::move(request)));
  co_return Build(reply);
}

Status WorkerNode::Life::Build(const JoinReply& reply) {
  ROOKERY_ASSIGN_OR_RETURN(fitted_, FittedSchemaFromJson(reply.features_json));
  ROOKERY_ASSIGN_OR_RETURN(parts_.model, options_.make_model(fitted_));
  const WorkerModel& made = parts_.model;
  const PsClientOptions ps{options_.cluster,  options_.index,
                           options_.buckets,  options_.dense_on_server ? made.dense.size() : 0,
                           options_.deadline, options_.push_flags};
  ps_ = std::make_unique<PsClient>(rpc_, ps);
  parts_.ps = ps_.get();
  parts_.dense = std::make_unique<DenseParameters>(made.dense,
                                                   InitialDense(made.dense.blocks, made.dense.seed),
                                                   options_.dense_on_server, &pool_);
  parts_.compute = std::make_unique<StepCompute>(made.model.get(), made.combiners, &pool_,
                                                 options_.part_examples, options_.seed,
                                                 options_.privacy.clip_norm);
  parts_.gradient_watch =
      std::make_unique<GradientWatch>(made.model.get(), made.features, parts_.progress.get());
  for (std::size_t set = 0; set < parts_.readers.size(); ++set) {
    if (options_.sequences || options_.inputs[set].files.empty()) continue;
    parts_.readers[set] = MakeInputReader(files_, &fitted_, options_.inputs[set]);
  }
  if (std::unique_ptr<InputReader>& training = parts_.readers[0]; training) {
    training = MakeThinnedReader(std::move(training),
                                 ThinningOf(fitted_.schema, options_.negative_keep), options_.seed);
  }
  return OkStatus();
}

// The catalog, then the readers that need it. While heartbeats go out: large files take a while.
Task<Status> WorkerNode::Life::ReadSequences() {
  if (!options_.sequences) co_return OkStatus();
  const SequenceOptions& sequence = options_.sequences->options;
  lines_.schema = options_.sequences->lines;
  StatusOr<Catalog> catalog = co_await RunOn(parts_.reading, home_, [this, &sequence] {
    return ReadCatalog(files_, lines_, {options_.inputs[0], options_.inputs[1], sequence});
  });
  if (!catalog.ok()) co_return catalog.status();
  parts_.catalog = std::make_unique<Catalog>(std::move(*catalog));
  for (std::size_t set = 0; set < parts_.readers.size(); ++set) {
    if (options_.inputs[set].files.empty()) continue;
    auto lines = MakeInputReader(files_, &lines_, options_.inputs[set]);
    parts_.readers[set] = MakeSetReader(std::move(lines), parts_.catalog.get(), sequence,
                                        options_.seed, static_cast<SequenceSet>(set));
  }
  co_return OkStatus();
}

Task<Status> WorkerNode::Life::Work() {
  OrderResult done;
  while (true) {
    StatusOr<Order> order = co_await scheduler_.NextOrder(std::move(done));
    if (!order.ok()) co_return order.status();
    // What that heartbeat said is lost, and the scheduler may wait for it.
    if (!beat_failure_.ok()) co_return beat_failure_;
    done = OrderResult{};
    if (order->kind == OrderKind::kWait) continue;
    done = co_await CarryOut(*order);
    if (order->kind != OrderKind::kStop) continue;
    StatusOr<Order> farewell = co_await scheduler_.NextOrder(std::move(done));
    co_return OkStatus();  // the scheduler may be gone before it answers
  }
}

Task<> WorkerNode::Life::HeartbeatLoop(Promise<bool> ended) {
  constexpr Duration kLook = std::chrono::milliseconds(50);  // so that the end is not delayed
  TimePoint next = home_->Now();
  while (!ended_) {
    if (home_->Now() >= next || news_) {
      next = home_->Now() + options_.heartbeat_every;
      Status beaten = co_await Beat();
      if (!beaten.ok()) break;  // Work() says so
    }
    co_await Delay(home_, kLook);
  }
  ended.Set(true);
}

// One at a time: whoever comes second knows afterwards that the first one arrived as well.
Task<Status> WorkerNode::Life::Beat() {
  if (beating_) {
    beaten_.emplace(home_);
    co_await beaten_->future();
    beaten_.reset();
  }
  if (!beat_failure_.ok()) co_return beat_failure_;
  beating_ = true;
  Heartbeat heartbeat = parts_.progress->Take();
  const PsTraffic& traffic = ps_->traffic();
  heartbeat.network = {traffic.steps, traffic.pull_bytes, traffic.push_bytes, sum_.sent_bytes()};
  heartbeat.written = written_;
  news_ = false;
  StatusOr<HeartbeatReply> reply = co_await scheduler_.Beat(std::move(heartbeat));
  beating_ = false;
  beat_failure_ = reply.status();
  if (beaten_) beaten_->Set(true);
  if (!reply.ok()) co_return reply.status();
  parts_.pause = reply->pause;
  co_return OkStatus();
}

Task<OrderResult> WorkerNode::Life::CarryOut(Order order) {
  OrderResult result;
  result.id = order.id;
  Status status;
  switch (order.kind) {
    case OrderKind::kTrain:
      status = sequences_read_;
      if (status.ok()) status = co_await Train(order, &result);
      break;
    case OrderKind::kEvaluate:
      status = sequences_read_;
      if (status.ok()) status = co_await Evaluate(&parts_, order, &result);
      break;
    case OrderKind::kCheckpoint:
      status = co_await CutDense(order.directory);
      break;
    case OrderKind::kLoad:
      status = Load(order.directory);
      break;
    case OrderKind::kStop:
    case OrderKind::kWait:
      break;
  }
  result.code = status.code();
  result.message = status.message();
  co_return result;
}

Task<Status> WorkerNode::Life::Train(Order order, OrderResult* result) {
  parts_.pause = false;
  const bool lockstep =
      options_.mode == TrainMode::kSync || (!options_.dense_on_server && parts_.dense->size() > 0);
  Status trained;
  if (lockstep) {
    trained = co_await TrainInLockstep(&parts_, order, result);
  } else {
    trained = co_await TrainFreely(&parts_, order, result);
  }
  if (!trained.ok()) co_return trained;
  co_return co_await Beat();  // the scheduler knows all examples before it goes on
}

// dense.bin as it is now; the file itself is written while other orders are carried out.
Task<Status> WorkerNode::Life::CutDense(std::string directory) {
  DenseState state;
  if (options_.dense_on_server) {
    StatusOr<DenseState> pulled = co_await parts_.ps->PullDenseState();
    if (!pulled.ok()) co_return pulled.status();
    state = std::move(*pulled);
  } else {
    state = parts_.dense->State();
  }
  if (writing_) co_await writing_->future();
  writing_.emplace(home_);
  written_ = WrittenFiles();
  Spawn(WriteDenseFile(std::move(directory), std::move(state), *writing_));
  co_return OkStatus();
}

Task<> WorkerNode::Life::WriteDenseFile(std::string directory, DenseState state,
                                        Promise<bool> done) {
  StatusOr<CheckpointFile> file =
      co_await RunOn(background_, home_, [&] { return WriteDense(*files_, directory, state); });
  written_.code = file.status().code();
  written_.message = file.status().message();
  if (file.ok()) written_.files.push_back(std::move(*file));
  written_.directory = std::move(directory);
  news_ = true;
  done.Set(true);
}

Status WorkerNode::Life::Load(const std::string& directory) {
  ROOKERY_ASSIGN_OR_RETURN(auto reader, CheckpointReader::Open(files_, directory));
  ROOKERY_ASSIGN_OR_RETURN(const DenseState state, reader->ReadDense());
  return Annotate(parts_.dense->Restore(state), directory);
}

WorkerNode::WorkerNode(WorkerOptions options, RpcNode* rpc, FileSystem* files,
                       WorkerExecutors executors)
    : life_(std::make_unique<Life>(std::move(options), rpc, files, executors)) {}
WorkerNode::~WorkerNode() = default;
Task<Status> WorkerNode::Run() {
  return life_->Run();
}

}  // namespace rookery
