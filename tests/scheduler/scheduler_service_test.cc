#include "scheduler/scheduler_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/loopback_transport.h"
#include "protocol/archive.h"
#include "tests/net/testing/net_testing.h"
#include "tests/scheduler/testing/fake_cluster.h"

namespace rookery::testing {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SchedulerOptions Options() {
  SchedulerOptions options;
  options.cluster = {2, 1};
  options.version = "1.0";
  options.job_hash = 5;
  options.features_json = "{}";
  options.label_means = {0.25};
  options.merge_metrics = MergeText;
  options.join_within = seconds(10);
  options.silent_after = seconds(20);
  return options;
}

// The service at rank 0, three nodes that call it.
class SchedulerServiceTest : public ::testing::Test {
 protected:
  SchedulerServiceTest() {
    for (const auto& rpc : rpcs_) rpc->Start();
  }
  StatusOr<Buffer> Call(std::uint32_t from, VerbId verb, Buffer body) {
    std::optional<StatusOr<Buffer>> answer;
    Spawn([](Future<StatusOr<Buffer>> future, std::optional<StatusOr<Buffer>>* to) -> Task<> {
      StatusOr<Buffer> result = co_await std::move(future);
      *to = std::move(result);
    }(rpcs_[from]->Call(Rank{0}, verb, std::move(body), seconds(5)), &answer));
    executor_.Advance(std::chrono::milliseconds(600));
    return answer ? std::move(*answer) : StatusOr<Buffer>(Internal("no answer"));
  }
  template <class Reply, class Request>
  StatusOr<Reply> Ask(std::uint32_t from, VerbId verb, const Request& request) {
    ROOKERY_ASSIGN_OR_RETURN(const Buffer body, Call(from, verb, Encode(request)));
    return Decode<Reply>(body.body(), "reply");
  }
  JoinRequest JoinOf(std::uint32_t rank) {
    JoinRequest join;
    join.role = options_.cluster.role(Rank{rank});
    join.index = options_.cluster.index(Rank{rank});
    join.job_hash = 5;
    join.version = "1.0";
    join.host = "n7";
    join.process = 40 + rank;
    return join;
  }
  // The reason for which the job would end now.
  std::string Failure() {
    std::optional<Status> ended;
    Spawn([](OrderBook* orders, std::optional<Status>* to) -> Task<> {
      Order order;
      std::vector<std::size_t> nobody;
      StatusOr<std::vector<OrderResult>> results = co_await orders->Run(nobody, order);
      *to = results.status();
    }(&service_.orders, &ended));
    executor_.RunReady();
    return ended && !ended->ok() ? ended->message() : "none";
  }
  std::vector<std::unique_ptr<RpcNode>> MakeRpcs() {
    std::vector<std::unique_ptr<RpcNode>> rpcs;
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
      rpcs.push_back(std::make_unique<RpcNode>(&executor_, network_.endpoint(Rank{rank}),
                                               NamesOf(options_.cluster)));
    }
    return rpcs;
  }

  const SchedulerOptions options_ = Options();
  ManualExecutor executor_;
  LoopbackNetwork network_{4};
  std::vector<std::unique_ptr<RpcNode>> rpcs_ = MakeRpcs();
  SchedulerService service_{&options_, rpcs_[0].get()};
};

TEST_F(SchedulerServiceTest, TellsWhoJoinsTheSchemaAndKnowsTheHost) {
  const auto reply = Ask<JoinReply>(2, verbs::kJoin, JoinOf(2));
  ASSERT_TRUE(reply.ok()) << reply.status().ToString();
  EXPECT_EQ(reply->features_json, "{}");
  EXPECT_EQ(reply->label_means, std::vector<double>{0.25});
  EXPECT_EQ(service_.NameOf(1), "rank 2 (server 1) on n7 (process 42)");
  EXPECT_EQ(service_.NameOf(2), "rank 3 (worker 0)");
}

TEST_F(SchedulerServiceTest, RefusesAnotherBuild) {
  JoinRequest join = JoinOf(3);
  join.version = "0.9";
  const auto reply = Ask<JoinReply>(3, verbs::kJoin, join);
  EXPECT_EQ(reply.status().code(), Code::kInvalidInput);
  EXPECT_THAT(reply.status().message(),
              HasSubstr("rank 3 (worker 0) on n7 (process 43) runs version 0.9, the scheduler 1.0; "
                        "install the same build on all hosts"));
  EXPECT_THAT(Failure(), HasSubstr("runs version 0.9"));
}

TEST_F(SchedulerServiceTest, WaitsForNoMoreJoinsOnceOneIsRefused) {
  bool complete = false;
  const TimePoint began = executor_.Now();
  EXPECT_TRUE(service_.JoinState(began, &complete).ok());
  JoinRequest join = JoinOf(3);
  join.version = "0.9";
  (void)Ask<JoinReply>(3, verbs::kJoin, join);
  EXPECT_THAT(service_.JoinState(began, &complete).message(), HasSubstr("runs version 0.9"));
}

TEST_F(SchedulerServiceTest, TheEndOfItsRpcEndsTheJob) {
  bool complete = false;
  EXPECT_EQ(Failure(), "none");
  rpcs_[0]->Close();
  EXPECT_EQ(service_.JoinState(executor_.Now(), &complete).code(), Code::kAborted);
  EXPECT_THAT(Failure(), HasSubstr("this side is closing"));
}

TEST_F(SchedulerServiceTest, RefusesAnotherJob) {
  JoinRequest join = JoinOf(1);
  join.job_hash = 6;
  EXPECT_THAT(Ask<JoinReply>(1, verbs::kJoin, join).status().message(),
              HasSubstr("rank 1 (server 0) on n7 (process 41) runs another job"));
  EXPECT_THAT(Failure(), HasSubstr("give all ranks the same job file"));
}

TEST_F(SchedulerServiceTest, AJoinInTheMiddleEndsNothing) {
  ASSERT_TRUE(Ask<JoinReply>(1, verbs::kJoin, JoinOf(1)).ok());
  ASSERT_TRUE(Ask<Order>(1, verbs::kNextOrder, NextOrderRequest{}).ok());
  JoinRequest join = JoinOf(1);
  join.job_hash = 6;
  join.host = "elsewhere";
  EXPECT_THAT(Ask<JoinReply>(1, verbs::kJoin, join).status().message(),
              HasSubstr("rank 1 (server 0) on n7 (process 41) has joined before"));
  EXPECT_EQ(Failure(), "none");
  EXPECT_EQ(service_.NameOf(0), "rank 1 (server 0) on n7 (process 41)");
}

TEST_F(SchedulerServiceTest, RefusesARankThatThinksItIsAnother) {
  JoinRequest join = JoinOf(2);
  join.role = Role::kWorker;
  join.index = 0;
  const auto reply = Ask<JoinReply>(2, verbs::kJoin, join);
  EXPECT_EQ(reply.status().code(), Code::kInvalidInput);
  EXPECT_THAT(reply.status().message(),
              HasSubstr("rank 2 (server 1) on n7 (process 42) believes to be worker 0; give all "
                        "ranks the same cluster.servers"));
  EXPECT_THAT(Failure(), HasSubstr("believes to be worker 0"));
}

TEST_F(SchedulerServiceTest, NamesWhoeverIsMissingOnceTheTimeIsOver) {
  const TimePoint began = executor_.Now();
  bool complete = true;
  ASSERT_TRUE(Ask<JoinReply>(2, verbs::kJoin, JoinOf(2)).ok());
  ASSERT_TRUE(Ask<Order>(2, verbs::kNextOrder, NextOrderRequest{}).ok());
  EXPECT_TRUE(service_.JoinState(began, &complete).ok());
  EXPECT_FALSE(complete);
  executor_.Advance(seconds(10));
  const Status late = service_.JoinState(began, &complete);
  EXPECT_EQ(late.ToString(),
            "deadline missed: start: after 10 s nothing was heard of rank 1 (server 0), rank 3 "
            "(worker 0)");
  ASSERT_TRUE(Ask<JoinReply>(1, verbs::kJoin, JoinOf(1)).ok());
  ASSERT_TRUE(Ask<JoinReply>(3, verbs::kJoin, JoinOf(3)).ok());
  ASSERT_TRUE(Ask<Order>(3, verbs::kNextOrder, NextOrderRequest{}).ok());
  (void)service_.JoinState(executor_.Now(), &complete);
  EXPECT_FALSE(complete);  // the answer to server 0 may still be on its way
  ASSERT_TRUE(Ask<Order>(1, verbs::kNextOrder, NextOrderRequest{}).ok());
  EXPECT_TRUE(service_.JoinState(began, &complete).ok());
  EXPECT_TRUE(complete);
}

TEST_F(SchedulerServiceTest, MalformedRequestsAreAnsweredWithTheirSender) {
  for (const VerbId verb : {verbs::kJoin, verbs::kNextOrder, verbs::kHeartbeat, verbs::kLease}) {
    for (const char* bytes : {"", "x", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
      const auto answer = Call(3, verb, BodyOf(bytes));
      EXPECT_EQ(answer.status().code(), Code::kCorrupt);
      EXPECT_THAT(answer.status().message(), HasSubstr("from rank 3 (worker 0)"));
    }
  }
  EXPECT_EQ(Failure(), "none");  // one bad message ends no job
}

TEST_F(SchedulerServiceTest, LeasesOnlySetsThatAreRead) {
  LeaseRequest request;
  request.set = DataSet::kTest;
  EXPECT_THAT(Ask<LeaseReply>(3, verbs::kLease, request).status().message(),
              HasSubstr("lease from rank 3 (worker 0): no input of set 2 is being read"));
  request.set = static_cast<DataSet>(200);
  EXPECT_EQ(Ask<LeaseReply>(3, verbs::kLease, request).status().code(), Code::kCorrupt);
  service_.assigners[2].emplace(
      AssignerOptions{.file_order = {0}, .streams = 1, .dealt = false, .chunks_per_lease = 4});
  request.set = DataSet::kTest;
  const auto lease = Ask<LeaseReply>(3, verbs::kLease, request);
  ASSERT_TRUE(lease.ok());
  EXPECT_EQ(lease->count, 4U);
  request.stream = 1;
  EXPECT_THAT(Ask<LeaseReply>(3, verbs::kLease, request).status().message(),
              HasSubstr("rank 3 (worker 0): lease request: stream 1 of 1"));
}

TEST_F(SchedulerServiceTest, PausesWorkersAtTheStepThatWasAskedFor) {
  service_.pause_at_step = 10;
  Heartbeat beat;
  beat.step = 9;
  EXPECT_FALSE(Ask<HeartbeatReply>(3, verbs::kHeartbeat, beat)->pause);
  beat.step = 10;
  EXPECT_TRUE(Ask<HeartbeatReply>(3, verbs::kHeartbeat, beat)->pause);
}

TEST_F(SchedulerServiceTest, ASilentNodeIsReportedWithItsTime) {
  ASSERT_TRUE(Ask<JoinReply>(3, verbs::kJoin, JoinOf(3)).ok());
  executor_.Advance(seconds(19));
  service_.ExpireSilent();
  EXPECT_EQ(Failure(), "none");
  executor_.Advance(seconds(2));
  service_.ExpireSilent();
  EXPECT_THAT(Failure(), HasSubstr("rank 3 (worker 0) on n7 (process 43) has been silent for 21"));
  EXPECT_THAT(Failure(), HasSubstr("(limit 20 s)"));
}

TEST_F(SchedulerServiceTest, WhoeverLeftIsNotMissed) {
  ASSERT_TRUE(Ask<JoinReply>(3, verbs::kJoin, JoinOf(3)).ok());
  service_.ForgetAll();
  executor_.Advance(seconds(100));
  service_.ExpireSilent();
  EXPECT_EQ(Failure(), "none");
}

}  // namespace
}  // namespace rookery::testing
