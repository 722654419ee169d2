#include "net/asio_executor.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "net/loopback_transport.h"
#include "tests/net/testing/net_testing.h"

namespace rookery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Runs `work` on the executor and waits for it.
template <class F>
void RunAndWait(Executor* executor, F work) {
  std::promise<void> done;
  executor->Post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

TEST(AsioExecutor, NamesItsThread) {
  AsioExecutor executor("a-name-longer-than-15");
  char name[32] = {};
  RunAndWait(&executor, [&] { pthread_getname_np(pthread_self(), name, sizeof(name)); });
  EXPECT_EQ(std::string(name), "a-name-longer-t");
}

TEST(AsioExecutor, TasksOfOneThreadRunInOrder) {
  AsioExecutor executor("order");
  std::vector<int> seen;
  for (int i = 0; i < 1000; ++i) executor.Post([&, i] { seen.push_back(i); });
  RunAndWait(&executor, [] {});
  ASSERT_EQ(seen.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(AsioExecutor, PostNeverRunsInsideTheCall) {
  AsioExecutor executor("inside");
  std::vector<int> seen;
  std::promise<void> done;
  executor.Post([&] {
    executor.Post([&] {
      seen.push_back(2);
      done.set_value();
    });
    seen.push_back(1);
  });
  done.get_future().wait();
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

TEST(AsioExecutor, TimersFireInOrderAndNotEarly) {
  AsioExecutor executor("timers");
  const TimePoint begin = executor.Now();
  std::vector<int> seen;
  std::promise<void> done;
  TimePoint fired{};
  executor.PostAt(begin + milliseconds(20), [&] {
    seen.push_back(20);
    fired = executor.Now();
    done.set_value();
  });
  executor.PostAt(begin + milliseconds(5), [&] { seen.push_back(5); });
  done.get_future().wait();
  EXPECT_EQ(seen, (std::vector<int>{5, 20}));
  EXPECT_GE(fired, begin + milliseconds(20));
}

TEST(AsioExecutor, StopDropsWhatHasNotBegun) {
  std::atomic<int> ran = 0;
  auto held = std::make_shared<int>(0);
  {
    AsioExecutor executor("stop");
    executor.PostAt(executor.Now() + seconds(60), [&ran, held] { ++ran; });
    RunAndWait(&executor, [&] {
      executor.Stop();  // from its own task: does not wait for itself
      executor.Post([&ran, held] { ++ran; });
    });
    executor.Stop();
  }
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(held.use_count(), 1);
}

Task<> CallMany(RpcNode* node, Rank to, int calls, std::promise<int>* right) {
  int equal = 0;
  for (int i = 0; i < calls; ++i) {
    const std::string text = StrCat(Raw(node->rank()), "/", i);
    Buffer body = BodyOf(text);
    const StatusOr<Buffer> result =
        co_await node->Call(to, VerbId{1}, std::move(body), seconds(30));
    if (result.ok() && TextOf(*result) == text) ++equal;
  }
  right->set_value(equal);
}

// Every rank on a thread of its own calls every rank, itself included, all at once.
TEST(AsioExecutor, RpcBetweenThreads) {
  constexpr std::uint32_t kRanks = 3;
  constexpr int kCalls = 500;
  LoopbackNetwork network(kRanks);
  std::vector<std::unique_ptr<AsioExecutor>> executors;
  std::vector<std::unique_ptr<RpcNode>> nodes;
  for (std::uint32_t rank = 0; rank < kRanks; ++rank) {
    executors.push_back(std::make_unique<AsioExecutor>(StrCat("rank ", rank)));
    nodes.push_back(std::make_unique<RpcNode>(executors.back().get(), network.endpoint(Rank{rank}),
                                              TestNames()));
    nodes.back()->Handle(VerbId{1},
                         [](Rank, Buffer body, RpcNode::Reply reply) { reply(std::move(body)); });
    nodes.back()->Start();
  }
  std::vector<std::promise<int>> right(kRanks * kRanks);
  for (std::uint32_t i = 0; i < right.size(); ++i) {
    executors[i / kRanks]->Post(
        [&, i] { Spawn(CallMany(nodes[i / kRanks].get(), Rank{i % kRanks}, kCalls, &right[i])); });
  }
  for (std::promise<int>& promise : right) EXPECT_EQ(promise.get_future().get(), kCalls);
  for (std::uint32_t rank = 0; rank < kRanks; ++rank) network.endpoint(Rank{rank})->Stop();
  for (auto& executor : executors) executor->Stop();
}

}  // namespace
}  // namespace rookery
