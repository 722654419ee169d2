// Servers, clients and a scheduler that gives orders, in one process over the loopback transport.

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "common/hash.h"
#include "common/random.h"
#include "tests/ps/testing/ledger.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the ledger and its cluster

constexpr std::uint64_t kSeed = 77;

TEST(SplitByServer, CutsSortedKeysAtTheServersBuckets) {
  TablePlan plan;
  Random random(kSeed, Purpose::kTest);
  for (int i = 0; i < 500; ++i) plan.keys.push_back(random.Next());
  std::ranges::sort(plan.keys, {}, MixKey);
  for (const std::uint32_t servers : {1U, 3U, 7U, 64U}) {
    SplitByServer(servers, 64, &plan);
    ASSERT_EQ(plan.server_begin.size(), servers + 1);
    EXPECT_EQ(plan.server_begin.back(), 500U);
    for (std::uint32_t server = 0; server < servers; ++server) {
      for (std::uint32_t i = plan.server_begin[server]; i < plan.server_begin[server + 1]; ++i) {
        EXPECT_EQ(ServerOfBucket(Raw(BucketOf(plan.keys[i], 64)), servers, 64), server);
      }
    }
  }
}

TEST(PsCluster, AsyncPushesAddUpExactly) {
  const PsOptions options = Ledger(3, 2);
  MemoryFileSystem files;
  Cluster cluster(options, &files);
  constexpr std::uint64_t kKeys = 50;
  constexpr std::uint64_t kSteps = 40;
  std::vector<std::vector<float>> pushed(2, std::vector<float>(kKeys, 0.0F));
  std::vector<std::thread> threads;
  for (std::uint32_t w = 0; w < 2; ++w) {
    threads.emplace_back([&, w] {
      WorkerThread& worker = *cluster.workers[w];
      Random random(kSeed, Purpose::kTest, w);
      for (std::uint64_t step = 0; step < kSteps; ++step) {
        std::vector<Key> keys;
        for (Key key = 0; key < kKeys; ++key) {
          if (random.NextBelow(3) == 0) keys.push_back(key);
        }
        const std::vector<TablePlan> plans = worker.Plan(keys);
        ASSERT_TRUE(worker.Pull(plans, Step{step}, true).ok());
        std::vector<float> gradients;
        for (const Key key : plans[0].keys) {
          gradients.push_back(static_cast<float>(random.NextBelow(9)) - 4);
          pushed[w][key] += gradients.back();
        }
        const Status status = worker.Push(plans, Step{step}, Slice{0}, gradients);
        ASSERT_TRUE(status.ok()) << status.ToString();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<Key> all;
  for (Key key = 0; key < kKeys; ++key) all.push_back(key);
  const std::vector<TablePlan> plans = cluster.workers[0]->Plan(all);
  const auto rows = cluster.workers[0]->Pull(plans, Step{kSteps}, false);
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  for (std::size_t i = 0; i < kKeys; ++i) {
    const Key key = plans[0].keys[i];
    EXPECT_EQ((*rows)[i], -(pushed[0][key] + pushed[1][key])) << "key " << key;
  }
  cluster.Stop();
}

TEST(PsCluster, EveryServerSaysWhichOfItsKeysHaveARow) {
  MemoryFileSystem files;
  Cluster cluster(Ledger(3, 1), &files);
  WorkerThread& worker = *cluster.workers[0];
  std::vector<Key> all, even;
  for (Key key = 0; key < 60; ++key) {
    all.push_back(key);
    if (key % 2 == 0) even.push_back(key);
  }
  ASSERT_TRUE(worker.Pull(worker.Plan(even), Step{0}, true).ok());
  const std::vector<TablePlan> plans = worker.Plan(all);
  for (std::size_t server = 0; server < 3; ++server) {
    ASSERT_LT(plans[0].server_begin[server], plans[0].server_begin[server + 1]);
  }
  std::vector<float> rows(all.size(), -1.0F);
  std::vector<std::uint8_t> present(all.size(), 7);
  const Status status = Await<Status>(&worker.executor, [&] {
    return worker.client.Pull(plans, Step{0}, false, {rows}, {}, {present});
  });
  ASSERT_TRUE(status.ok()) << status.ToString();
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(present[i], plans[0].keys[i] % 2 == 0) << plans[0].keys[i];
    EXPECT_EQ(rows[i], 0);
  }
  cluster.Stop();
}

Task<> PushInto(PsClient* client, const std::vector<TablePlan>* plans, Slice slice,
                const std::vector<float>* gradients, std::shared_ptr<std::promise<Status>> done) {
  PooledVector<std::span<const float>> all = {*gradients};
  done->set_value(co_await client->Push(*plans, Step{0}, slice, 1, std::move(all), {}));
}

TEST(PsCluster, SyncPushesAreAnsweredWhenTheStepIsComplete) {
  PsOptions options = Ledger(2, 2);
  options.mode = TrainMode::kSync;
  options.slices = 4;
  MemoryFileSystem files;
  Cluster cluster(options, &files);
  const std::vector<TablePlan> plans = cluster.workers[0]->Plan({1, 2, 3, 4, 5, 6, 7, 8});
  const std::vector<float> gradients(8, 4.0F);
  std::vector<std::shared_ptr<std::promise<Status>>> done;
  std::vector<std::future<Status>> answers;
  for (int i = 0; i < 4; ++i) {
    done.push_back(std::make_shared<std::promise<Status>>());
    answers.push_back(done.back()->get_future());
  }
  for (const std::uint32_t slice : {0U, 3U, 2U, 1U}) {
    if (slice == 1) {  // three of four: nobody has an answer
      for (auto& answer : answers) {
        EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
      }
    }
    WorkerThread* worker = cluster.workers[slice % 2].get();
    worker->executor.Post([&, worker, slice] {
      Spawn(PushInto(&worker->client, &plans, Slice{slice}, &gradients, done[slice]));
    });
  }
  for (auto& answer : answers) {
    const Status status = answer.get();
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  const auto rows = cluster.workers[1]->Pull(plans, Step{1}, true);
  EXPECT_EQ(*rows, std::vector<float>(8, -4.0F));  // the mean of 4 examples with a sum of 16
  cluster.Stop();
}

Task<> PullInto(PsClient* client, const std::vector<TablePlan>* plans, Step step,
                std::vector<float>* rows, std::shared_ptr<std::promise<Status>> done) {
  PooledVector<std::span<float>> all = {*rows};
  done->set_value(co_await client->Pull(*plans, step, true, std::move(all), {}));
}

TEST(PsCluster, ABoundedPullWaitsForTheSlowWorkerOrItsRetirement) {
  PsOptions options = Ledger(2, 2);
  options.mode = TrainMode::kBounded;
  options.staleness = 1;
  MemoryFileSystem files;
  Cluster cluster(options, &files);
  WorkerThread& fast = *cluster.workers[0];
  WorkerThread& slow = *cluster.workers[1];
  const std::vector<TablePlan> plans = fast.Plan({1, 2, 3});
  const std::vector<float> gradients(3, 1.0F);
  ASSERT_TRUE(fast.Push(plans, Step{0}, Slice{0}, gradients).ok());
  ASSERT_TRUE(fast.Push(plans, Step{1}, Slice{0}, gradients).ok());
  for (const bool retire : {false, true}) {
    std::vector<float> rows(3);
    const auto done = std::make_shared<std::promise<Status>>();
    std::future<Status> answer = done->get_future();
    const Step step{retire ? 3U : 2U};
    fast.executor.Post([&] { Spawn(PullInto(&fast.client, &plans, step, &rows, done)); });
    EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
    if (retire) {
      EXPECT_TRUE(Await<Status>(&slow.executor, [&] { return slow.client.Retire(); }).ok());
    } else {
      EXPECT_TRUE(slow.Push(plans, Step{0}, Slice{0}, gradients).ok());
    }
    EXPECT_TRUE(answer.get().ok());
    EXPECT_EQ(rows, std::vector<float>(3, -3.0F));
  }
  cluster.Stop();
}

Task<> CallRaw(RpcNode* rpc, Rank to, VerbId verb, Buffer body,
               std::shared_ptr<std::promise<std::string>> done) {
  const StatusOr<Buffer> answer =
      co_await rpc->Call(to, verb, std::move(body), std::chrono::seconds(20));
  done->set_value(answer.status().ToString());
}

std::string ErrorOfRaw(WorkerThread& worker, Rank to, VerbId verb, Buffer body) {
  const auto done = std::make_shared<std::promise<std::string>>();
  worker.executor.Post([&] { Spawn(CallRaw(&worker.rpc, to, verb, std::move(body), done)); });
  return done->get_future().get();
}

TEST(PsCluster, BadRequestsAreAnsweredWithTheSendersName) {
  const PsOptions options = Ledger(2, 2);
  MemoryFileSystem files;
  Cluster cluster(options, &files);
  WorkerThread& worker = *cluster.workers[0];
  const Rank server = options.cluster.server(0);
  const std::string sender = "to rank 1 (server 0): request of rank 3 (worker 0): ";
  for (const VerbId verb : {verbs::kPull, verbs::kPush, verbs::kRetire}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{64}}) {
      Buffer body(size);
      std::ranges::fill(body.body(), std::byte{0xff});
      const std::string error = ErrorOfRaw(worker, server, verb, std::move(body));
      EXPECT_NE(error.find(sender), std::string::npos) << error;
      EXPECT_TRUE(error.starts_with("corrupt: ")) << error;
    }
  }
  const PullRequest other{Step{0}, 1, 0, {}};
  EXPECT_EQ(ErrorOfRaw(worker, server, verbs::kPull, EncodePullRequest(other)),
            "corrupt: pull " + sender + "says it is of worker 1");
  const PullRequest dense{Step{0}, 0, kPullDenseState, {}};
  EXPECT_EQ(ErrorOfRaw(worker, server, verbs::kPull, EncodePullRequest(dense)),
            "corrupt: pull " + sender +
                "pull request: dense state is pulled alone, from servers that have it");
  std::vector<Key> foreign;  // of the other server's buckets
  for (Key key = 0; foreign.empty(); ++key) {
    if (ServerOfBucket(Raw(BucketOf(key, 64)), 2, 64) == 1) foreign.push_back(key);
  }
  const PullRequest pull{Step{0}, 0, 0, {{TableId{4}, foreign}}};
  const std::string error = ErrorOfRaw(worker, server, verbs::kPull, EncodePullRequest(pull));
  EXPECT_NE(error.find(sender + "table 'ledger': key"), std::string::npos) << error;

  const auto plans = worker.Plan({1});  // and the server goes on
  EXPECT_TRUE(worker.Push(plans, Step{0}, Slice{0}, {1.0F}).ok());
  cluster.Stop();
}

TEST(PsCluster, HeartbeatsTellRowsAndRefusedGradients) {
  const PsOptions options = Ledger(1, 1);
  MemoryFileSystem files;
  Cluster cluster(options, &files);
  WorkerThread& worker = *cluster.workers[0];
  const auto plans = worker.Plan({10, 11});
  ASSERT_TRUE(worker.Push(plans, Step{0}, Slice{0}, {1.0F, std::nanf("")}).ok());
  Heartbeat beat;
  for (int i = 0; i < 2000 && beat.refused_gradients == 0; ++i) {
    beat = cluster.scheduler.LastBeat(0);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(beat.refused_gradients, 1U);
  ASSERT_EQ(beat.table_rows.size(), 1U);
  EXPECT_GE(beat.table_rows[0], 1U);
  EXPECT_GT(beat.table_bytes.at(0), 0U);
  cluster.Stop();
}

TEST(PsCluster, AnOrderForWorkersIsAnError) {
  MemoryFileSystem files;
  Cluster cluster(Ledger(1, 1), &files);
  Order order;
  order.kind = OrderKind::kTrain;
  EXPECT_EQ(cluster.scheduler.Run(order)[0].message, "order 2 is not for servers");
  cluster.Stop();
}

TEST(PsCluster, WithoutASchedulerAServerEnds) {
  PsOptions options = Ledger(1, 1);
  options.deadline = std::chrono::milliseconds(30);
  LoopbackNetwork network(options.cluster.ranks());
  MemoryFileSystem files;
  testing::ServerThread server(options, network.endpoint(options.cluster.server(0)), &files);
  const Status status = server.Join();
  EXPECT_EQ(status.code(), Code::kDeadline) << status.ToString();
  EXPECT_TRUE(status.message().starts_with("join to rank 0 (scheduler)")) << status.ToString();
}

}  // namespace
}  // namespace rookery
