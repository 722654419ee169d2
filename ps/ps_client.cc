#include "ps/ps_client.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/bytes.h"
#include "common/check.h"
#include "common/hash.h"
#include "net/frame.h"
#include "ps/gather.h"

namespace rookery {
namespace {

struct Range {
  std::size_t begin = 0;
  std::size_t size = 0;
};

Range KeysOf(const TablePlan& plan, std::uint32_t server) {
  const std::size_t begin = plan.server_begin[server];
  return {begin, plan.server_begin[server + 1] - begin};
}

Range SegmentOf(std::uint64_t floats, std::uint32_t server, std::uint32_t servers) {
  const std::uint64_t begin = SegmentBegin(floats, server, servers);
  return {static_cast<std::size_t>(begin),
          static_cast<std::size_t>(SegmentBegin(floats, server + 1, servers) - begin)};
}

DimOf DimsOf(std::span<const TablePlan> plans) {
  return [plans](TableId table) -> std::uint32_t {
    const auto found = std::ranges::find(plans, table, &TablePlan::table);
    return found == plans.end() ? 0 : found->dim;
  };
}

template <class T>
void Copy(std::span<const T> from, std::span<T> to) {
  ROOKERY_CHECK(from.size() == to.size());
  std::ranges::copy(from, to.begin());
}

// What one pull needs until its answer is in place.
struct PullPart {
  PullRequest request;
  std::uint32_t server = 0;
  Range dense;
};

// Where the answers of all servers go; of the waiting caller.
struct PullTarget {
  std::span<const std::span<float>> rows;
  std::span<float> dense;
  std::span<const std::span<std::uint8_t>> present;
};

Status Scatter(const PullPart& part, std::span<const TablePlan> plans, const PullTarget& target,
               const Buffer& answer) {
  ROOKERY_ASSIGN_OR_RETURN(const PullReply reply,
                           ParsePullReply(answer.body(), part.request, DimsOf(plans)));
  if (reply.dense.size() != part.dense.size) {
    return Corrupt("pull reply: ", reply.dense.size(), " dense floats instead of ",
                   part.dense.size);
  }
  for (std::size_t t = 0; t < plans.size(); ++t) {
    const Range keys = KeysOf(plans[t], part.server);
    Copy(reply.rows[t],
         target.rows[t].subspan(keys.begin * plans[t].dim, keys.size * plans[t].dim));
  }
  for (std::size_t t = 0; t < target.present.size(); ++t) {
    const Range keys = KeysOf(plans[t], part.server);
    Copy(reply.present[t], target.present[t].subspan(keys.begin, keys.size));
  }
  if (part.dense.size > 0) {
    Copy(reply.dense, target.dense.subspan(part.dense.begin, part.dense.size));
  }
  return OkStatus();
}

// One server's segment, weights and then each kind of state, into the whole vectors.
Status PlaceSegment(std::span<const float> floats, Range segment, DenseState* dense) {
  const std::size_t total = dense->weights.size();
  if (segment.size == 0) return OkStatus();
  if (floats.size() % segment.size != 0 || floats.size() / segment.size > 4 || floats.empty()) {
    return Corrupt("pull reply: ", floats.size(), " floats of dense state for a segment of ",
                   segment.size);
  }
  const std::size_t kinds = floats.size() / segment.size - 1;
  if (dense->state.empty()) dense->state.resize(kinds * total);
  if (dense->state.size() != kinds * total) {
    return Corrupt("pull reply: servers have different kinds of dense state");
  }
  Copy(floats.first(segment.size), std::span(dense->weights).subspan(segment.begin, segment.size));
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    Copy(floats.subspan((kind + 1) * segment.size, segment.size),
         std::span(dense->state).subspan(kind * total + segment.begin, segment.size));
  }
  return OkStatus();
}

}  // namespace

void SplitByServer(std::uint32_t servers, std::uint32_t buckets, TablePlan* plan) {
  plan->server_begin.assign(servers + 1, 0);
  auto begin = plan->keys.begin();
  for (std::uint32_t server = 1; server < servers; ++server) {
    const std::uint32_t first = FirstBucketOf(server, servers, buckets);
    const auto before = [&](Key key) { return Raw(BucketOf(key, buckets)) < first; };
    begin = std::partition_point(begin, plan->keys.end(), before);
    plan->server_begin[server] = static_cast<std::uint32_t>(begin - plan->keys.begin());
  }
  plan->server_begin[servers] = static_cast<std::uint32_t>(plan->keys.size());
}

PsClient::PsClient(RpcNode* rpc, PsClientOptions options) : rpc_(rpc), options_(options) {}

Future<StatusOr<Buffer>> PsClient::Call(std::uint32_t server, VerbId verb, Buffer body) const {
  return rpc_->Call(options_.cluster.server(server), verb, std::move(body), options_.deadline);
}

Task<Status> PsClient::Pull(std::span<const TablePlan> plans, Step step, bool create,
                            PooledVector<std::span<float>> rows, std::span<float> dense,
                            PooledVector<std::span<std::uint8_t>> present) {
  ROOKERY_CHECK(rows.size() == plans.size());
  ROOKERY_CHECK(dense.empty() || dense.size() == options_.dense_floats);
  ROOKERY_CHECK(present.empty() || (present.size() == plans.size() && !create));
  std::uint32_t flags = create ? std::uint32_t{kPullCreate} : 0;
  if (!dense.empty()) flags |= kPullDense;
  if (!present.empty()) flags |= kPullPresence;
  const PullTarget target{rows, dense, present};
  const auto gather = MakePooled<Gather>(rpc_->executor(), servers());
  for (std::uint32_t server = 0; server < servers(); ++server) {
    PullPart part{{step, options_.worker, flags, {}}, server, {}};
    part.request.tables.reserve(plans.size());
    for (const TablePlan& plan : plans) {
      const Range keys = KeysOf(plan, server);
      part.request.tables.push_back(
          {plan.table, std::span(plan.keys).subspan(keys.begin, keys.size)});
    }
    part.dense = SegmentOf(dense.size(), server, servers());
    Buffer message = EncodePullRequest(part.request);
    if (create) traffic_.pull_bytes += message.size() + kFrameHeaderBytes;
    Future<StatusOr<Buffer>> call = Call(server, verbs::kPull, std::move(message));
    Gather::Add(gather, std::move(call),
                [this, create, plans, target, part = std::move(part)](Buffer answer) {
                  if (create) traffic_.pull_bytes += answer.size() + kFrameHeaderBytes;
                  return Scatter(part, plans, target, answer);
                });
  }
  co_return co_await gather->done();
}

Task<Status> PsClient::Push(std::span<const TablePlan> plans, Step step, Slice slice,
                            std::uint32_t examples, PooledVector<std::span<const float>> gradients,
                            std::span<const float> dense_gradient, PulledWeights pulled) {
  const bool with_counts = (options_.push_flags & kPushCounts) != 0;
  const bool with_pulled = (options_.push_flags & kPushPulled) != 0;
  ROOKERY_CHECK(gradients.size() == plans.size());
  ROOKERY_CHECK(pulled.rows.size() == (with_pulled ? plans.size() : 0));
  ROOKERY_CHECK(pulled.dense.size() == (with_pulled ? dense_gradient.size() : 0));
  ROOKERY_CHECK(dense_gradient.empty() || dense_gradient.size() == options_.dense_floats);
  const std::uint64_t sequence = next_sequence_++;
  if (traffic_.steps == 0 || last_pushed_ != step) ++traffic_.steps;
  last_pushed_ = step;
  const auto gather = MakePooled<Gather>(rpc_->executor(), servers());
  for (std::uint32_t server = 0; server < servers(); ++server) {
    PushRequest request{step, sequence, options_.worker, slice, examples, {}, {}};
    request.flags = options_.push_flags;
    request.tables.reserve(plans.size());
    for (std::size_t t = 0; t < plans.size(); ++t) {
      const Range keys = KeysOf(plans[t], server);
      const std::size_t dim = plans[t].dim;
      TableGradients& part = request.tables.emplace_back();
      part.table = plans[t].table;
      part.keys = std::span(plans[t].keys).subspan(keys.begin, keys.size);
      part.gradients = gradients[t].subspan(keys.begin * dim, keys.size * dim);
      if (with_counts) part.counts = std::span(plans[t].counts).subspan(keys.begin, keys.size);
      if (with_pulled) part.pulled = pulled.rows[t].subspan(keys.begin * dim, keys.size * dim);
    }
    const Range segment = SegmentOf(dense_gradient.size(), server, servers());
    request.dense = dense_gradient.subspan(segment.begin, segment.size);
    if (with_pulled) request.pulled_dense = pulled.dense.subspan(segment.begin, segment.size);
    Buffer message = EncodePushRequest(request);
    traffic_.push_bytes += message.size() + 2 * kFrameHeaderBytes;  // the answer is empty
    Gather::Add(gather, Call(server, verbs::kPush, std::move(message)),
                [](Buffer) { return OkStatus(); });
  }
  co_return co_await gather->done();
}

Task<StatusOr<DenseState>> PsClient::PullDenseState() {
  ROOKERY_CHECK(options_.dense_floats > 0);
  DenseState dense;
  dense.weights.resize(static_cast<std::size_t>(options_.dense_floats));
  const auto gather = MakePooled<Gather>(rpc_->executor(), servers());
  for (std::uint32_t server = 0; server < servers(); ++server) {
    PullRequest request{Step{0}, options_.worker, kPullDenseState, {}};
    const Range segment = SegmentOf(options_.dense_floats, server, servers());
    Future<StatusOr<Buffer>> call = Call(server, verbs::kPull, EncodePullRequest(request));
    Gather::Add(gather, std::move(call), [&dense, segment](Buffer answer) -> Status {
      const DimOf no_tables = [](TableId) { return 0U; };
      ROOKERY_ASSIGN_OR_RETURN(const PullReply reply,
                               ParsePullReply(std::as_const(answer).body(), {}, no_tables));
      dense.step = std::max(dense.step, reply.updates);
      return PlaceSegment(reply.dense, segment, &dense);
    });
  }
  Status status = co_await gather->done();
  if (!status.ok()) co_return status;
  co_return dense;
}

Task<Status> PsClient::Retire() {
  const auto gather = MakePooled<Gather>(rpc_->executor(), servers());
  for (std::uint32_t server = 0; server < servers(); ++server) {
    Buffer body(sizeof(options_.worker));
    ByteWriter writer(body.body());
    writer.Put(options_.worker);
    Gather::Add(gather, Call(server, verbs::kRetire, std::move(body)),
                [](Buffer) { return OkStatus(); });
  }
  co_return co_await gather->done();
}

}  // namespace rookery
