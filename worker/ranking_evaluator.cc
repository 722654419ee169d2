#include "worker/ranking_evaluator.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "data/ranking_case.h"
#include "models/item_ranking.h"
#include "models/ranking_metrics.h"

namespace rookery {
namespace {

using Item = Catalog::Item;

constexpr std::size_t kItemsAtOnce = 8192;  // of a pull
constexpr std::size_t kUsersAtOnce = 16;    // of one piece of the ranking

// One slice's batch, plan and memory.
struct Piece {
  Batch batch;
  StepPlan plan;
  SliceBuffers buffers;
  std::vector<float> vectors;
};

// Examples that have nothing but an item.
void FillItems(const WorkerParts& parts, std::size_t begin, std::size_t end, Batch* batch) {
  const Catalog& catalog = *parts.catalog;
  const std::span<const Key> keys = catalog.keys().subspan(begin, end - begin);
  const std::span<const std::uint32_t> users = catalog.users_of().subspan(begin, end - begin);
  batch->examples = keys.size();
  batch->labels.assign(keys.size(), 0);
  batch->weights.assign(users.begin(), users.end());
  batch->features.resize(parts.model.combiners.size());
  for (FeatureColumn& feature : batch->features) feature.offsets.assign(keys.size() + 1, 0);
  FeatureColumn& item = batch->features[kItemFeature];
  item.keys.assign(keys.begin(), keys.end());
  std::iota(item.offsets.begin(), item.offsets.end(), 0U);
  if (parts.model.combiners[kItemFeature] != Combiner::kNone) item.offsets.clear();
}

Task<Status> PullItems(WorkerParts* parts, Step step, ItemMatrix* items) {
  const Catalog& catalog = *parts->catalog;
  StepPlanner planner = parts->MakePlanner();
  Piece piece;
  for (std::size_t begin = 0; begin < catalog.keys().size(); begin += kItemsAtOnce) {
    const std::size_t end = std::min(begin + kItemsAtOnce, catalog.keys().size());
    FillItems(*parts, begin, end, &piece.batch);
    planner.Plan(piece.batch, false, &piece.plan);
    PooledVector<std::span<float>> rows = piece.buffers.RowSpans(piece.plan);
    Status pulled = co_await parts->ps->Pull(piece.plan.tables, step, false, std::move(rows),
                                             parts->dense->pull_target());
    if (!pulled.ok()) co_return pulled;
    Piece* ready = &piece;
    co_await RunOn(parts->computing, parts->home, [parts, ready, items] {
      parts->compute->RankingVectors(RankingSide::kItem, {ready->batch, ready->plan},
                                     parts->dense->values(), &ready->buffers, &ready->vectors);
      items->Append(ready->vectors);
      return true;
    });
  }
  co_return OkStatus();
}

struct Ranked {
  RankingSums sums;
  std::vector<std::vector<Item>> best;  // by user
};

// queries: of the users of `cases` alone. Takes their masks.
std::vector<std::vector<Item>> BestOfCases(const RankingRule& rule, const ItemMatrix& items,
                                           std::span<const float> queries,
                                           std::span<RankingCase> cases) {
  if (rule.negatives == 0) {
    std::vector<std::vector<Item>> masked;
    for (RankingCase& one : cases) masked.push_back(std::move(one.masked));
    return BestItems(items, queries, masked, RankingSums::kLongest);
  }
  std::vector<std::vector<Item>> best;
  for (std::size_t u = 0; u < cases.size(); ++u) {
    best.push_back(BestAmong(items, queries.subspan(u * items.width(), items.width()),
                             cases[u].ranked, RankingSums::kLongest));
  }
  return best;
}

// The users [begin, end) of the batch, whose queries are given.
Ranked RankSome(const WorkerParts& parts, const RankingRule& rule, const ItemMatrix& items,
                const Batch& batch, std::span<const float> queries, std::size_t begin,
                std::size_t end) {
  std::vector<RankingCase> users;
  for (std::size_t u = begin; u < end; ++u) {
    users.push_back(RankingCaseOf(*parts.catalog, rule, batch, u));
  }
  Ranked ranked;
  const std::size_t width = items.width();
  ranked.best =
      BestOfCases(rule, items, queries.subspan(begin * width, (end - begin) * width), users);
  for (std::size_t u = 0; u < users.size(); ++u) {
    ranked.sums.Add(RanksOf(users[u].wanted, ranked.best[u]), users[u].wanted_count);
  }
  return ranked;
}

void RankBatch(const WorkerParts& parts, const RankingRule& rule, const ItemMatrix& items,
               const PreparedBatch& prepared, Piece* piece, RankingSums* sums) {
  const Batch& batch = prepared.batch;
  parts.compute->RankingVectors(RankingSide::kQuery, {batch, prepared.plan}, parts.dense->values(),
                                &piece->buffers, &piece->vectors);
  const std::size_t pieces = (batch.examples + kUsersAtOnce - 1) / kUsersAtOnce;
  std::vector<Ranked> made(pieces);
  parts.pool->Run(pieces, [&](std::size_t p, std::size_t) {
    const std::size_t begin = p * kUsersAtOnce;
    made[p] = RankSome(parts, rule, items, batch, piece->vectors, begin,
                       std::min(begin + kUsersAtOnce, batch.examples));
  });
  const Catalog& catalog = *parts.catalog;
  for (const Ranked& one : made) {
    sums->Merge(one.sums);
    if (rule.negatives > 0) continue;
    for (const auto& best : one.best) sums->AddList(best, catalog.users_of(), catalog.users());
  }
}

Task<Status> RankAll(WorkerParts* parts, BatchStream* stream, Order order, const ItemMatrix* items,
                     RankingSums* sums) {
  Piece piece;
  const RankingRule rule = RankingRuleOf(parts->options->sequences->options,
                                         static_cast<SequenceSet>(order.set), parts->options->seed);
  while (true) {
    StatusOr<std::unique_ptr<PreparedBatch>> next = co_await stream->Next();
    if (!next.ok()) co_return next.status();
    std::unique_ptr<PreparedBatch> batch = std::move(*next);
    if (!batch) co_return OkStatus();
    PooledVector<std::span<float>> rows = piece.buffers.RowSpans(batch->plan);
    Status pulled = co_await parts->ps->Pull(batch->plan.tables, Step{order.step}, false,
                                             std::move(rows), parts->dense->pull_target());
    if (!pulled.ok()) co_return pulled;
    const PreparedBatch* prepared = batch.get();
    Piece* room = &piece;
    co_await RunOn(parts->computing, parts->home, [=] {
      RankBatch(*parts, rule, *items, *prepared, room, sums);
      return true;
    });
    stream->Recycle(std::move(batch));
  }
}

}  // namespace

Task<Status> EvaluateRanking(WorkerParts* parts, Order order, OrderResult* result) {
  const WorkerOptions& options = *parts->options;
  ItemMatrix items(parts->model.model->ranking_width());
  Status pulled = co_await PullItems(parts, Step{order.step}, &items);
  if (!pulled.ok()) co_return pulled;
  BatchStreamOptions settings;
  settings.set = order.set;
  settings.stream = options.index;
  settings.batch_examples = options.batch_size;
  settings.shuffle.enabled = false;
  settings.prefetch = options.prefetch;
  const std::unique_ptr<BatchStream> stream = parts->MakeStream(settings);
  RankingSums sums;
  Status status = co_await RankAll(parts, stream.get(), order, &items, &sums);
  co_await stream->Close();
  result->metrics = sums.Encode();
  co_return status;
}

}  // namespace rookery
