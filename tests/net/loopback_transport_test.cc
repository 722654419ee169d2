#include "net/loopback_transport.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/net/testing/net_testing.h"
#include "tests/net/testing/transport_conformance.h"

namespace rookery {
namespace {

void RunAllRanks(std::uint32_t ranks, const ConformanceOptions& options) {
  LoopbackNetwork network(ranks);
  std::vector<std::vector<std::string>> errors(ranks);
  std::vector<std::thread> threads;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    threads.emplace_back([&, rank] {
      errors[rank] = RunTransportConformance(network.endpoint(Rank{rank}), options);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    for (const std::string& error : errors[rank]) ADD_FAILURE() << "rank " << rank << ": " << error;
    network.endpoint(Rank{rank})->Stop();
  }
}

TEST(LoopbackConformance, OneRank) {
  RunAllRanks(1, {});
}
TEST(LoopbackConformance, TwoRanks) {
  RunAllRanks(2, {});
}
TEST(LoopbackConformance, FourRanks) {
  RunAllRanks(4, {2000, std::size_t{40} << 20});
}

TEST(Loopback, AFrameIsMovedNotCopied) {
  LoopbackNetwork network(2);
  const std::byte* received = nullptr;
  network.endpoint(Rank{1})->Start([&](Rank, Frame frame) { received = frame.body.body().data(); });
  Buffer body(100);
  const std::byte* const sent = body.body().data();
  network.endpoint(Rank{0})->Send(
      Rank{1}, Frame{FrameKind::kOneWay, VerbId{1}, 0, Code::kOk, std::move(body)});
  EXPECT_EQ(received, sent);
}

TEST(Loopback, NothingIsHandledAfterStop) {
  LoopbackNetwork network(2);
  int handled = 0;
  network.endpoint(Rank{1})->Start([&](Rank, Frame) { ++handled; });
  const auto send = [&] {
    network.endpoint(Rank{0})->Send(Rank{1},
                                    Frame{FrameKind::kOneWay, VerbId{1}, 0, Code::kOk, Buffer(0)});
  };
  send();
  network.endpoint(Rank{1})->Stop();
  send();
  EXPECT_EQ(handled, 1);
}

}  // namespace
}  // namespace rookery
