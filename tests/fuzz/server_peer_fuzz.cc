// A server with two tables and dense parameters, to which workers and others send any pulls and
// pushes. The first byte chooses the mode of training.
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

PsOptions MakeOptions(TrainMode mode) {
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
  options.mode = mode;
  options.slices = 2;
  options.staleness = 1;
  return options;
}

std::vector<Key> SortedKeys() {
  std::vector<Key> keys = {3, 4, 5};
  std::ranges::sort(keys, {}, [](Key key) { return MixKey(key); });
  return keys;
}

}  // namespace

bool FuzzServerPeer(FuzzBytes bytes) {
  FuzzInput input(bytes);
  const std::uint8_t mode = input.Byte();
  if (mode > static_cast<std::uint8_t>(TrainMode::kAsync)) return false;
  ManualExecutor executor;
  const PsOptions options = MakeOptions(static_cast<TrainMode>(mode));
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
  FuzzSeeds seeds;
  for (char mode = 0; mode < 3; ++mode) {
    std::string script(1, mode);
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
      send(verbs::kPush, EncodePushRequest(push));
      send(verbs::kPull, EncodePullRequest({Step{0}, worker, kPullDenseState, {}}));
      Buffer retire(sizeof(worker));
      ByteWriter(retire.body()).Put(worker);
      send(verbs::kRetire, retire);
    }
    seeds.push_back(script);
  }
  return seeds;
}

}  // namespace rookery
