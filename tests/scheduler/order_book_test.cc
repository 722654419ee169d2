#include "scheduler/order_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "protocol/archive.h"
#include "tests/net/testing/manual_executor.h"

namespace rookery {
namespace {

using std::chrono::milliseconds;

constexpr Duration kHold = milliseconds(500);

Task<> Collect(OrderBook* book, std::vector<std::size_t> nodes, Order order,
               std::vector<StatusOr<std::vector<OrderResult>>>* ended) {
  StatusOr<std::vector<OrderResult>> results = co_await book->Run(std::move(nodes), order);
  ended->push_back(std::move(results));
}

class OrderBookTest : public testing::Test {
 protected:
  ~OrderBookTest() override {  // an order that no test case ended
    book_.Fail(Internal("the test is over"));
    executor_.RunReady();
  }
  void Give(std::vector<std::size_t> nodes, OrderKind kind) {
    Order order;
    order.kind = kind;
    Spawn(Collect(&book_, std::move(nodes), order, &ended_));
    executor_.RunReady();
  }
  void Ask(std::size_t node, OrderResult done = {}) {
    book_.OnRequest(node, std::move(done), [this, node](StatusOr<Buffer> body) {
      ASSERT_TRUE(body.ok());
      answers_[node].push_back(Decode<Order>(std::as_const(*body).body(), "order").value());
    });
    executor_.RunReady();
  }
  // Says that the last order of `node` is done, and asks for more.
  void Done(std::size_t node, Status status = OkStatus(), std::uint64_t step = 0) {
    OrderResult done;
    done.id = answers_[node].back().id;
    done.code = status.code();
    done.message = status.message();
    done.step = step;
    Ask(node, std::move(done));
  }

  ManualExecutor executor_;
  OrderBook book_{&executor_, 3, [](std::size_t node) { return StrCat("node ", node); }, kHold};
  std::vector<StatusOr<std::vector<OrderResult>>> ended_;
  std::map<std::size_t, std::vector<Order>> answers_;
};

TEST_F(OrderBookTest, AHeldRequestGetsTheOrderAtOnceAndALateOneWhenItAsks) {
  Ask(0);
  EXPECT_TRUE(answers_[0].empty());
  Give({0, 2}, OrderKind::kTrain);
  ASSERT_EQ(answers_[0].size(), 1U);
  EXPECT_EQ(answers_[0][0].kind, OrderKind::kTrain);
  EXPECT_EQ(answers_[0][0].id, 1U);
  Ask(2);
  ASSERT_EQ(answers_[2].size(), 1U);
  EXPECT_EQ(answers_[2][0].id, 1U);
  Ask(1);  // not one of those
  EXPECT_TRUE(answers_[1].empty());
}

TEST_F(OrderBookTest, ResultsComeInTheOrderOfTheNodesOnceAllAreDone) {
  Give({2, 0}, OrderKind::kTrain);
  Ask(0);
  Ask(2);
  Done(0, OkStatus(), 10);
  EXPECT_TRUE(ended_.empty());
  Done(2, OkStatus(), 12);
  ASSERT_EQ(ended_.size(), 1U);
  ASSERT_TRUE(ended_[0].ok());
  EXPECT_EQ(ended_[0].value()[0].step, 12U);
  EXPECT_EQ(ended_[0].value()[1].step, 10U);
  EXPECT_EQ(answers_[0].size(), 1U);  // nothing more to do: held
}

TEST_F(OrderBookTest, TheFirstFailureEndsTheRunAndNamesTheNode) {
  Give({0, 1, 2}, OrderKind::kTrain);
  for (std::size_t node : {0, 1, 2}) Ask(node);
  Done(1, Status(Code::kInvalidInput, "in.csv:7:3: not a number"));
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].status().code(), Code::kInvalidInput);
  EXPECT_EQ(ended_[0].status().message(), "node 1: in.csv:7:3: not a number");
  Done(0);
  Done(2, Status(Code::kIo, "too late"));
  EXPECT_EQ(ended_.size(), 1U);
}

TEST_F(OrderBookTest, TellsToWaitWhenTheHoldTimeIsOver) {
  Ask(0);
  executor_.Advance(kHold - milliseconds(1));
  EXPECT_TRUE(answers_[0].empty());
  executor_.Advance(milliseconds(1));
  ASSERT_EQ(answers_[0].size(), 1U);
  EXPECT_EQ(answers_[0][0].kind, OrderKind::kWait);
  executor_.Advance(milliseconds(300));
  Ask(0);
  executor_.Advance(milliseconds(300));  // the first request's time says nothing about this one
  EXPECT_EQ(answers_[0].size(), 1U);
  executor_.Advance(milliseconds(200));
  EXPECT_EQ(answers_[0].size(), 2U);
}

TEST_F(OrderBookTest, ASecondRequestOfANodeReleasesTheFirst) {
  Ask(0);
  Ask(0);
  ASSERT_EQ(answers_[0].size(), 1U);
  EXPECT_EQ(answers_[0][0].kind, OrderKind::kWait);
  Give({0}, OrderKind::kLoad);
  ASSERT_EQ(answers_[0].size(), 2U);
  EXPECT_EQ(answers_[0][1].kind, OrderKind::kLoad);
}

TEST_F(OrderBookTest, IgnoresReportsOfOtherOrders) {
  Give({0}, OrderKind::kTrain);
  OrderResult guessed;
  guessed.id = 1;  // before the order was delivered
  Ask(0, guessed);
  EXPECT_TRUE(ended_.empty());
  ASSERT_EQ(answers_[0].size(), 1U);
  Done(0);
  ASSERT_EQ(ended_.size(), 1U);
  Give({0}, OrderKind::kTrain);  // id 2
  ASSERT_EQ(answers_[0].back().id, 2U);
  OrderResult stale;
  stale.id = 1;
  Ask(0, stale);  // and it is told again what to do
  EXPECT_EQ(ended_.size(), 1U);
  EXPECT_EQ(answers_[0].back().id, 2U);
  Done(0);
  EXPECT_EQ(ended_.size(), 2U);
}

TEST_F(OrderBookTest, FailEndsThisAndEveryLaterRunWithTheFirstFailure) {
  Give({0}, OrderKind::kTrain);
  book_.Fail({Code::kUnavailable, "node 1 is silent"});
  executor_.RunReady();
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].status().ToString(), "unavailable: node 1 is silent");
  book_.Fail({Code::kIo, "another"});
  Give({0}, OrderKind::kStop);
  ASSERT_EQ(ended_.size(), 2U);
  EXPECT_EQ(ended_[1].status().message(), "node 1 is silent");
}

TEST_F(OrderBookTest, AnOrderForNobodyIsDone) {
  Give({}, OrderKind::kTrain);
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_TRUE(ended_[0].ok() && ended_[0]->empty());
}

TEST_F(OrderBookTest, WhoeverHasStoppedIsLetGoAtOnce) {
  Give({0}, OrderKind::kStop);
  Ask(0);
  Done(0);
  ASSERT_EQ(answers_[0].size(), 2U);
  EXPECT_EQ(answers_[0][1].kind, OrderKind::kWait);
}

TEST(OrderBook, ATimerOutlivesIt) {
  ManualExecutor executor;
  int answers = 0;
  {
    OrderBook book(
        &executor, 1, [](std::size_t) { return "node"; }, kHold);
    book.OnRequest(0, {}, [&](StatusOr<Buffer>) { ++answers; });
  }
  executor.Advance(2 * kHold);
  EXPECT_EQ(answers, 0);
}

}  // namespace
}  // namespace rookery
