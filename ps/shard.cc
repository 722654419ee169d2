#include "ps/shard.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/check.h"
#include "common/fault_hooks.h"
#include "common/hash.h"
#include "common/trace.h"

namespace rookery {
namespace {

std::uint64_t SegmentBegin(const PsOptions& options, std::uint32_t server) {
  return options.dense.size() * server / options.cluster.servers;
}

bool TableTwice(const PushRequest& push) {
  for (std::size_t i = 0; i < push.tables.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (push.tables[i].table == push.tables[j].table) return true;
    }
  }
  return false;
}

}  // namespace

Shard::Shard(const PsOptions& options)
    : options_(options),
      memory_(options.memory, options.process_bytes),
      aggregator_(options.mode == TrainMode::kSync ? options.slices : 1, Step{0},
                  GradientNoise(options.privacy), SegmentBegin(options, options.index)),
      gate_(options.cluster.workers),
      ages_(options.cluster.workers),
      window_(options.cluster.workers) {
  const std::uint32_t servers = options.cluster.servers;
  ROOKERY_CHECK(!options.privacy.on() || options.mode == TrainMode::kSync);
  ROOKERY_CHECK(options.index < servers && servers <= options.buckets);
  const std::uint32_t first = FirstBucketOf(options.index, servers, options.buckets);
  const std::uint32_t end = FirstBucketOf(options.index + 1, servers, options.buckets);
  for (const TableSpec& spec : options.tables) {
    tables_.push_back(std::make_unique<Table>(spec, options.buckets, first, end, &memory_));
  }
  if (options.dense_on_server) {
    dense_ = std::make_unique<DenseTable>(options.dense, options.initial_dense({}),
                                          SegmentBegin(options, options.index),
                                          SegmentBegin(options, options.index + 1));
    memory_.Count(0, (dense_->weights().size() + dense_->state().size()) * sizeof(float));
  }
}

Shard::~Shard() = default;

Table* Shard::Find(TableId table) const {
  for (const auto& candidate : tables_) {
    if (candidate->spec().id == table) return candidate.get();
  }
  return nullptr;
}

DimOf Shard::dim_of() const {
  return [this](TableId id) {
    const Table* table = Find(id);
    return table == nullptr ? 0 : table->spec().dim;
  };
}

std::uint64_t Shard::dense_floats() const {
  return dense_ == nullptr ? 0 : dense_->end() - dense_->begin();
}

Status Shard::CheckWorker(std::uint32_t worker) const {
  if (worker < options_.cluster.workers) return OkStatus();
  return Corrupt("worker ", worker, " of ", options_.cluster.workers);
}

// The keys ascend, so the first and the last stand for all.
Status Shard::CheckKeys(TableId id, std::span<const Key> keys) const {
  const Table* table = Find(id);
  if (table == nullptr) return Corrupt("table ", Raw(id), " is not of this job");
  if (keys.empty()) return OkStatus();
  for (const Key key : {keys.front(), keys.back()}) {
    if (table->Owns(key)) continue;
    return Corrupt("table '", table->spec().name, "': key ", key, " is of bucket ",
                   Raw(BucketOf(key, options_.buckets)), ", server ", options_.index,
                   " has buckets ", table->first_bucket(), " to ", table->end_bucket());
  }
  return OkStatus();
}

Status Shard::CheckPush(const PushRequest& push) const {
  ROOKERY_RETURN_IF_ERROR(CheckWorker(push.worker));
  if (push.flags != options_.push_flags) {
    return Corrupt("push of worker ", push.worker, " with flags ", push.flags,
                   ", those of this job are ", options_.push_flags);
  }
  if (TableTwice(push)) return Corrupt("push of worker ", push.worker, " names a table twice");
  for (const TableGradients& part : push.tables) {
    ROOKERY_RETURN_IF_ERROR(CheckKeys(part.table, part.keys));
    const std::size_t floats = part.keys.size() * Find(part.table)->spec().dim;
    if (part.gradients.size() != floats) {
      return Corrupt("table '", Find(part.table)->spec().name, "': ", part.gradients.size(),
                     " gradient floats for ", part.keys.size(), " keys");
    }
  }
  const bool may_lack = push.examples == 0 && push.dense.empty();
  if (push.dense.size() != dense_floats() && !may_lack) {
    return Corrupt("push of worker ", push.worker, " with ", push.dense.size(),
                   " dense floats, the segment has ", dense_floats());
  }
  return OkStatus();
}

bool Shard::MayPull(const PullRequest& pull) const {
  if ((pull.flags & kPullCreate) == 0) return true;
  switch (options_.mode) {
    case TrainMode::kSync:
      return pull.step <= aggregator_.current();
    case TrainMode::kBounded:
      return gate_.MayPull(pull.step, options_.staleness);
    case TrainMode::kAsync:
      return true;
  }
  return true;
}

bool Shard::keeps_rows() const {
  return memory_.limit().bytes > 0 && std::ranges::any_of(tables_, [](const auto& table) {
           return table->capture() != nullptr;
         });
}

bool Shard::MayKeep(const PushRequest& push) const {
  const bool sync = options_.mode == TrainMode::kSync;
  if (sync && aggregator_.missing() > 1) return true;  // the last slice applies them all
  std::uint64_t bytes = 0;
  for (const auto& table : tables_) {
    std::size_t keys = sync ? aggregator_.KeysOf(table->spec().id) : 0;
    for (const TableGradients& part : push.tables) {
      keys += part.table == table->spec().id ? part.keys.size() : 0;
    }
    bytes += table->BytesToKeep(keys);
  }
  return memory_.MayKeep(bytes);
}

bool Shard::MayKeep(const PullRequest& pull) const {
  std::uint64_t bytes = 0;
  for (const TableKeys& part : pull.tables) {
    const Table* const table = Find(part.table);
    if (table == nullptr || !table->catches_up()) continue;
    bytes += table->BytesToKeep(part.keys.size());
  }
  return memory_.MayKeep(bytes);
}

StatusOr<PullReplyRoom> Shard::Pull(const PullRequest& pull) {
  const TraceSpan span("pull");
  memory_.Observe();
  ROOKERY_RETURN_IF_ERROR(broken_);
  ROOKERY_RETURN_IF_ERROR(CheckWorker(pull.worker));
  for (const TableKeys& part : pull.tables) {
    ROOKERY_RETURN_IF_ERROR(CheckKeys(part.table, part.keys));
  }
  const bool create = (pull.flags & kPullCreate) != 0;
  const bool wants_dense = (pull.flags & kPullDense) != 0;
  if (wants_dense && dense_ == nullptr) return Corrupt("dense parameters are not on the servers");
  const std::uint64_t floats = wants_dense ? dense_floats() : 0;
  ROOKERY_ASSIGN_OR_RETURN(PullReplyRoom room, MakePullReply(pull, dim_of(), floats));
  for (std::size_t i = 0; i < pull.tables.size(); ++i) {
    const TableKeys& part = pull.tables[i];
    ROOKERY_RETURN_IF_ERROR(Find(part.table)->Pull(part.keys, create, updates_, room.rows[i]));
  }
  for (std::size_t i = 0; i < room.present.size(); ++i) {
    Find(pull.tables[i].table)->FindRows(pull.tables[i].keys, room.present[i]);
  }
  if (wants_dense) std::copy_n(dense_->weights().begin(), floats, room.dense.begin());
  if (create) gate_.OnPull(pull.step);
  if (create && options_.staleness_scaling) ages_.OnPull(pull.worker, pull.step, updates_);
  return room;
}

StatusOr<PushResult> Shard::Push(Buffer body, PushRequest push) {
  const TraceSpan span("push");
  memory_.Observe();
  ROOKERY_RETURN_IF_ERROR(broken_);
  ROOKERY_RETURN_IF_ERROR(CheckPush(push));
  const PushOrder order = window_.Classify(push.worker, push.sequence);
  if (order == PushOrder::kGap) {
    return Corrupt("push ", push.sequence, " of worker ", push.worker, " came after push ",
                   window_.last(push.worker));
  }
  const bool sync = options_.mode == TrainMode::kSync;
  if (order == PushOrder::kDuplicate && !ROOKERY_FAULT(apply_repeated_push)) {
    const bool pending = sync && push.step >= aggregator_.current();
    return PushResult{pending ? PushState::kWaiting : PushState::kDuplicate, std::nullopt};
  }
  return sync ? PushSlice(std::move(body), std::move(push))
              : PushAlone(std::move(body), std::move(push));
}

StatusOr<PushResult> Shard::PushSlice(Buffer body, PushRequest push) {
  const std::uint32_t worker = push.worker;
  const std::uint64_t sequence = push.sequence;
  const Step step = push.step;
  ROOKERY_RETURN_IF_ERROR(aggregator_.Add(std::move(body), std::move(push)));
  window_.Accept(worker, sequence);
  gate_.OnPush(worker, step);
  if (aggregator_.missing() > 0) return PushResult{PushState::kWaiting, std::nullopt};
  ROOKERY_RETURN_IF_ERROR(ApplyStep(aggregator_.Merge()));
  return PushResult{PushState::kApplied, step};
}

StatusOr<PushResult> Shard::PushAlone(Buffer body, PushRequest push) {
  window_.Accept(push.worker, push.sequence);
  gate_.OnPush(push.worker, push.step);
  StepGradients step = AverageInPlace(&body, push);
  if (options_.staleness_scaling) {
    const std::uint64_t age = ages_.AgeOf(push.worker, push.step, updates_);
    step.rate_scale = static_cast<float>(1.0 / (1.0 + static_cast<double>(age)));
  }
  ROOKERY_RETURN_IF_ERROR(ApplyStep(step));
  return PushResult{PushState::kApplied, std::nullopt};
}

Status Shard::ApplyStep(const StepGradients& step) {
  if (step.examples == 0) return OkStatus();
  const TraceSpan span("updater");
  if (ROOKERY_FAULT(lose_update) && updates_ % 8 == 5) {
    ++updates_;
    return OkStatus();
  }
  broken_ = ApplyParts(step);
  if (ROOKERY_FAULT(apply_twice) && updates_ % 8 == 5) broken_ = ApplyParts(step);
  return broken_;
}

Status Shard::ApplyParts(const StepGradients& step) {
  const UpdateStep at(++updates_, step.rate_scale);
  for (const StepTable& part : step.tables) {
    Table* const table = Find(part.table);
    ROOKERY_RETURN_IF_ERROR(table->Adjust(part, options_.delay_compensation, at.t));
    ROOKERY_RETURN_IF_ERROR(table->Push(part.keys, part.gradients, at, &refused_));
  }
  if (step.dense.empty()) return OkStatus();
  if (!step.pulled_dense.empty()) {
    dense_->Compensate(options_.delay_compensation, step.pulled_dense, step.dense);
  }
  // A refused dense gradient is counted like a refused row; the step stands without it.
  const Status dense = dense_->Apply(step.dense, at);
  if (!dense.ok()) refused_.Add(dense.message());
  return OkStatus();
}

Status Shard::Retire(std::uint32_t worker) {
  ROOKERY_RETURN_IF_ERROR(CheckWorker(worker));
  gate_.OnRetire(worker);
  return OkStatus();
}

void Shard::SetProgress(Step next_step, std::uint64_t updates) {
  aggregator_.Reset(next_step);
  gate_.Reset(next_step);
  updates_ = updates;
}

std::uint64_t Shard::unadmitted() const {
  std::uint64_t total = 0;
  for (const auto& table : tables_) total += table->unadmitted();
  return total;
}

std::vector<std::string> Shard::TakeRefusedExamples() {
  return std::exchange(refused_.examples, {});
}

}  // namespace rookery
