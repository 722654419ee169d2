// A server with two tables and dense parameters, to which workers and others send any pulls and
// pushes. The first byte chooses the mode of training, or async with all that pushes can carry.
#include <algorithm>

#include "common/bytes.h"
#include "common/hash.h"
#include "ps/ps_service.h"
#include "tests/fuzz/peer.h"
#include "tests/fuzz/targets.h"
#include "tests/net/testing/manual_executor.h"

namespace rookery {
namespace {

constexpr std::uint32_t kDenseFloats = 3;

constexpr std::uint8_t kCarrying = 3;  // beside the modes

PsOptions MakeOptions(std::uint8_t mode) {
  PsOptions options;
  options.cluster = {.servers = 1, .workers = 2};
  options.buckets = 4;
  options.tables.resize(2);
  options.tables[0].name = "a";
  options.tables[0].dim = 2;
  options.tables[1].id = TableId{1};
  options.tables[1].name = "b";
  options.tables[1].dim = 1;
  options.tables[1].updater.kind = UpdaterKind::kAdam;
  options.tables[1].updater.catch_up = true;
  DenseBlockSpec block;
  block.name = "w";
  block.rows = kDenseFloats;
  options.dense.blocks = {block};
  options.dense_on_server = true;
  options.initial_dense = [](const std::vector<double>&) {
    return std::vector<float>(kDenseFloats);
  };
  options.mode = mode == kCarrying ? TrainMode::kAsync : static_cast<TrainMode>(mode);
  if (mode == kCarrying) {
    options.tables[0].updater.clip_cow = 1;
    options.staleness_scaling = true;
    options.delay_compensation = 0.5F;
    options.push_flags = PushFlagsOf(options.tables, options.delay_compensation);
  }
  options.slices = 2;
  options.staleness = 1;
  return options;
}

std::vector<Key> SortedKeys() {
  std::vector<Key> keys = {3, 4, 5};
  std::ranges::sort(keys, {}, [](Key key) { return MixKey(key); });
  return keys;
}

void Carry(std::span<const std::uint32_t> counts, PushRequest* push) {
  push->flags = kPushCounts | kPushPulled;
  for (TableGradients& table : push->tables) {
    table.counts = counts;
    table.pulled = table.gradients;
  }
  push->pulled_dense = push->dense;
}

}  // namespace

bool FuzzServerPeer(FuzzBytes bytes) {
  FuzzInput input(bytes);
  const std::uint8_t mode = input.Byte();
  if (mode > kCarrying) return false;
  ManualExecutor executor;
  const PsOptions options = MakeOptions(mode);
  FuzzTransport transport(options.cluster.server(0), options.cluster.ranks() + 1);
  {
    RpcNode node(&executor, &transport,
                 {VerbName, [&](Rank rank) { return options.cluster.Name(rank); }});
    Shard shard(options);
    PsService service(&options, &shard, &node);
    const auto handle = [&](VerbId verb, auto method) {
      node.Handle(verb, [&service, method](Rank from, Buffer body, RpcNode::Reply reply) {
        (service.*method)(from, std::move(body), std::move(reply));
      });
    };
    handle(verbs::kPull, &PsService::OnPull);
    handle(verbs::kPush, &PsService::OnPush);
    handle(verbs::kRetire, &PsService::OnRetire);
    node.Start();
    while (!input.empty()) {
      transport.ArriveNext(&input);
      executor.RunReady();
    }
    service.Refuse("the end");
    executor.RunReady();
  }
  return transport.good_replies > 0;
}

FuzzSeeds SeedsOfServerPeer() {
  const std::vector<Key> keys = SortedKeys();
  const std::vector<float> gradients(6, 0.5F);
  const std::span<const float> floats(gradients);
  const std::vector<std::uint32_t> counts = {1, 2, 3};
  FuzzSeeds seeds;
  for (std::uint8_t mode = 0; mode <= kCarrying; ++mode) {
    std::string script(1, static_cast<char>(mode));
    for (std::uint32_t worker = 0; worker < 2; ++worker) {
      const auto from = static_cast<std::uint8_t>(2 + worker);
      const auto send = [&](VerbId verb, const Buffer& body) {
        script += StepOf(from, FrameKind::kRequest, verb, TextOfBytes(body.body()));
      };
      PullRequest pull{Step{0}, worker, kPullCreate | kPullDense, {}};
      pull.tables = {{TableId{0}, keys}, {TableId{1}, keys}};
      send(verbs::kPull, EncodePullRequest(pull));
      PushRequest push{Step{0}, 1, worker, Slice{worker}, 4, {}, floats.first(kDenseFloats)};
      push.tables = {{TableId{0}, keys, floats}, {TableId{1}, keys, floats.first(3)}};
      if (mode == kCarrying) Carry(counts, &push);
      send(verbs::kPush, EncodePushRequest(push));
      send(verbs::kPull, EncodePullRequest({Step{0}, worker, kPullDenseState, {}}));
      pull.flags = kPullPresence;
      send(verbs::kPull, EncodePullRequest(pull));
      Buffer retire(sizeof(worker));
      ByteWriter(retire.body()).Put(worker);
      send(verbs::kRetire, retire);
    }
    seeds.push_back(script);
  }
  return seeds;
}

}  // namespace rookery
