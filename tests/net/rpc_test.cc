#include "net/rpc.h"

#include <gtest/gtest.h>

#include <chrono>

#include "common/limits.h"
#include "net/loopback_transport.h"
#include "tests/net/testing/manual_executor.h"
#include "tests/net/testing/net_testing.h"

namespace rookery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr VerbId kPull{1};
constexpr VerbId kHold{2};  // its replies are kept in held_
constexpr VerbId kNote{3};
constexpr Rank kClient{0};
constexpr Rank kServer{1};

// A client on rank 0 and a server on rank 1, both on one manual executor.
class RpcTest : public testing::Test {
 protected:
  RpcTest() {
    server_.Handle(kPull, [](Rank from, Buffer body, RpcNode::Reply reply) {
      reply(BodyOf(StrCat(Raw(from), ":", TextOf(body))));
    });
    server_.Handle(kHold, [this](Rank, Buffer body, RpcNode::Reply reply) {
      held_texts_.push_back(TextOf(body));
      held_.push_back(std::move(reply));
    });
    server_.HandleOneWay(kNote, [this](Rank from, Buffer body) {
      notes_.push_back(StrCat(Raw(from), ":", TextOf(body)));
    });
    server_.Start();
    client_.Start();
  }

  ~RpcTest() override {
    client_.Close();  // ends what still waits
    executor_.RunReady();
  }

  void Call(VerbId verb, std::string_view text, Duration deadline = seconds(30)) {
    Spawn(Collect(client_.Call(kServer, verb, BodyOf(text), deadline), &results_));
  }

  ManualExecutor executor_;
  LoopbackNetwork network_{2};
  RpcNode client_{&executor_, network_.endpoint(kClient), TestNames()};
  RpcNode server_{&executor_, network_.endpoint(kServer), TestNames()};
  std::vector<std::string> results_;
  std::vector<std::string> notes_;
  std::vector<std::string> held_texts_;
  std::vector<RpcNode::Reply> held_;
};

TEST_F(RpcTest, AnswersComeBack) {
  Call(kPull, "a");
  Call(kPull, "");
  EXPECT_TRUE(results_.empty());
  executor_.RunReady();
  EXPECT_EQ(results_, (std::vector<std::string>{"0:a", "0:"}));
}

TEST_F(RpcTest, ABodyNeverMadeIsAnEmptyBody) {
  Spawn(Collect(client_.Call(kServer, kPull, Buffer(), seconds(1)), &results_));
  executor_.RunReady();
  EXPECT_EQ(results_, std::vector<std::string>{"0:"});
}

TEST_F(RpcTest, OneWayMessagesKeepTheirOrder) {
  for (int i = 0; i < 5; ++i) client_.Tell(kServer, kNote, BodyOf(StrCat(i)));
  executor_.RunReady();
  EXPECT_EQ(notes_, (std::vector<std::string>{"0:0", "0:1", "0:2", "0:3", "0:4"}));
}

TEST_F(RpcTest, DeferredAnswersInAnyOrder) {
  for (const char* text : {"a", "b", "c"}) Call(kHold, text);
  executor_.RunReady();
  ASSERT_EQ(held_.size(), 3U);
  for (const int i : {2, 0, 1}) held_[static_cast<std::size_t>(i)](BodyOf(StrCat(i)));
  executor_.RunReady();
  EXPECT_EQ(results_, (std::vector<std::string>{"2", "0", "1"}));
}

TEST_F(RpcTest, AnErrorTravelsWithItsCodeAndNamesThePeer) {
  Call(kHold, "a");
  executor_.RunReady();
  held_[0](Corrupt("table 3: bad key"));
  executor_.RunReady();
  EXPECT_EQ(results_,
            std::vector<std::string>{"corrupt: verb 2 to rank 1 (server 1): table 3: bad key"});
}

TEST_F(RpcTest, ADroppedReplyIsAnInternalError) {
  Call(kHold, "a");
  executor_.RunReady();
  held_.clear();
  executor_.RunReady();
  EXPECT_EQ(results_, std::vector<std::string>{"internal error: verb 2 to rank 1 (server 1): the "
                                               "request was dropped without an answer"});
}

TEST_F(RpcTest, WhatComesTwiceIsHandledOnce) {
  Call(kPull, "a");
  Call(kHold, "b");
  client_.Tell(kServer, kNote, BodyOf("c"));
  for (const auto& [kind, verb, id] :
       {std::tuple(FrameKind::kRequest, kPull, 1), std::tuple(FrameKind::kRequest, kHold, 2),
        std::tuple(FrameKind::kOneWay, kNote, 3)}) {
    network_.endpoint(kClient)->Send(
        kServer, Frame{kind, verb, static_cast<std::uint64_t>(id), Code::kOk, BodyOf("again")});
  }
  Call(kPull, "d");
  client_.Tell(kServer, kNote, BodyOf("e"));
  executor_.RunReady();
  EXPECT_EQ(results_, (std::vector<std::string>{"0:a", "0:d"}));
  EXPECT_EQ(held_texts_, std::vector<std::string>{"b"});
  EXPECT_EQ(notes_, (std::vector<std::string>{"0:c", "0:e"}));
}

TEST_F(RpcTest, AnUnknownVerbIsAnError) {
  Call(VerbId{99}, "a");
  client_.Tell(kServer, VerbId{99}, BodyOf("x"));
  executor_.RunReady();
  EXPECT_EQ(results_, std::vector<std::string>{"invalid input: verb 99 to rank 1 (server 1): verb "
                                               "99 is unknown to the peer"});
}

TEST_F(RpcTest, ADeadlineNamesVerbRankAndTime) {
  server_.Close();
  network_.endpoint(kServer)->Stop();  // the peer is silent
  Call(kPull, "a", seconds(30));
  executor_.Advance(milliseconds(29999));
  EXPECT_TRUE(results_.empty());
  executor_.Advance(milliseconds(1));
  EXPECT_EQ(results_, std::vector<std::string>{"deadline missed: pull to rank 1 (server 1): no "
                                               "answer after 30.0 s (limit 30 s)"});
}

TEST_F(RpcTest, EachCallHasItsOwnDeadline) {
  Call(kHold, "slow", seconds(9));
  Call(kHold, "fast", seconds(2));
  executor_.Advance(seconds(3));
  ASSERT_EQ(results_.size(), 1U);
  EXPECT_NE(results_[0].find("2.0 s (limit 2 s)"), std::string::npos) << results_[0];
  executor_.Advance(seconds(6));
  ASSERT_EQ(results_.size(), 2U);
  EXPECT_NE(results_[1].find("9.0 s (limit 9 s)"), std::string::npos) << results_[1];
}

TEST_F(RpcTest, ALateAnswerIsIgnored) {
  Call(kHold, "a", seconds(1));
  executor_.Advance(seconds(2));
  ASSERT_EQ(results_.size(), 1U);
  held_[0](BodyOf("late"));
  Call(kPull, "next");
  executor_.RunReady();
  EXPECT_EQ(results_.size(), 2U);
  EXPECT_EQ(results_[1], "0:next");
}

TEST_F(RpcTest, RequestsBeyondTheLimitWaitInOrder) {
  const int extra = 3;
  const int calls = static_cast<int>(kRequestsInFlightMax) + extra;
  for (int i = 0; i < calls; ++i) Call(kHold, StrCat(i));
  executor_.RunReady();
  ASSERT_EQ(held_.size(), kRequestsInFlightMax);
  EXPECT_EQ(client_.DescribeInFlight(),
            "rank 1 (server 1): 64 sent, 3 waiting, oldest verb 2 for 0.0 s\n");
  held_[5](Buffer(0));
  executor_.RunReady();
  ASSERT_EQ(held_.size(), kRequestsInFlightMax + 1);
  EXPECT_EQ(held_texts_.back(), "64");
  held_[6](Buffer(0));
  held_[7](Buffer(0));
  executor_.RunReady();
  EXPECT_EQ(held_texts_.back(), "66");
  EXPECT_EQ(results_.size(), 3U);
}

TEST_F(RpcTest, TheDeadlineRunsWhileARequestWaits) {
  for (std::size_t i = 0; i < kRequestsInFlightMax; ++i) Call(kHold, "held", seconds(60));
  Call(kPull, "waits", seconds(5));
  executor_.Advance(seconds(5));
  EXPECT_EQ(results_,
            std::vector<std::string>{
                "deadline missed: pull to rank 1 (server 1): no answer after 5.0 s (limit 5 s); it "
                "was never sent: 64 requests before it have no answer"});
  held_[0](Buffer(0));  // the one given up is not sent any more
  executor_.RunReady();
  EXPECT_EQ(results_.size(), 2U);
  EXPECT_EQ(held_.size(), kRequestsInFlightMax);
}

TEST_F(RpcTest, CloseFailsWhatIsInFlightAndWhatFollows) {
  for (std::size_t i = 0; i <= kRequestsInFlightMax; ++i) Call(kHold, "held");
  executor_.RunReady();
  client_.Close();
  Call(kPull, "after");
  executor_.RunReady();
  ASSERT_EQ(results_.size(), kRequestsInFlightMax + 2);
  for (const std::string& result : results_) {
    EXPECT_EQ(result.rfind("aborted: ", 0), 0U) << result;
  }
  EXPECT_EQ(held_.size(), kRequestsInFlightMax);
  EXPECT_EQ(client_.DescribeInFlight(), "");
}

TEST_F(RpcTest, AClosedServerRefusesButFinishesWhatItAccepted) {
  Call(kHold, "accepted");
  executor_.RunReady();
  server_.Close();
  Call(kPull, "refused");
  executor_.RunReady();
  EXPECT_EQ(results_, std::vector<std::string>{
                          "unavailable: pull to rank 1 (server 1): the peer is shutting down"});
  held_[0](BodyOf("done"));
  executor_.RunReady();
  EXPECT_EQ(results_.back(), "done");
}

TEST_F(RpcTest, ForgedRepliesAreIgnored) {
  Call(kHold, "a");
  executor_.RunReady();
  Transport* const server = network_.endpoint(kServer);
  server->Send(kClient, Frame{FrameKind::kReply, kPull, 1, Code::kOk, BodyOf("wrong verb")});
  server->Send(kClient, Frame{FrameKind::kReply, kHold, 9, Code::kOk, BodyOf("unknown id")});
  network_.endpoint(kClient)->Send(
      kClient, Frame{FrameKind::kReply, kHold, 1, Code::kOk, BodyOf("wrong rank")});
  executor_.RunReady();
  EXPECT_TRUE(results_.empty());
  held_[0](BodyOf("right"));
  executor_.RunReady();
  EXPECT_EQ(results_, std::vector<std::string>{"right"});
}

TEST_F(RpcTest, TimersDoNotPileUp) {
  for (int i = 0; i < 100; ++i) {
    Call(kPull, "x", seconds(30));
    executor_.RunReady();
  }
  EXPECT_EQ(results_.size(), 100U);
  EXPECT_LE(executor_.timers(), 1U);
}

TEST(RpcLifetime, FramesForADestroyedNodeAreDropped) {
  ManualExecutor executor;
  LoopbackNetwork network(1);
  RpcNode::Reply reply;
  {
    RpcNode node(&executor, network.endpoint(Rank{0}), TestNames());
    node.Handle(kPull, [&](Rank, Buffer, RpcNode::Reply kept) { reply = std::move(kept); });
    node.Start();
    std::vector<std::string> results;
    Spawn(Collect(node.Call(Rank{0}, kPull, Buffer(0), seconds(1)), &results));
    executor.RunReady();
    node.Close();
    executor.RunReady();
    EXPECT_EQ(results.size(), 1U);
  }
  network.endpoint(Rank{0})->Send(Rank{0},
                                  Frame{FrameKind::kRequest, kPull, 5, Code::kOk, Buffer(0)});
  ASSERT_TRUE(reply);
  reply(BodyOf("too late"));
  executor.Advance(seconds(5));
}

}  // namespace
}  // namespace rookery
