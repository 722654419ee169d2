#include "common/task.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "common/error.h"

namespace rookery {
namespace {

// Runs posted work when asked, in order.
class ManualExecutor final : public Executor {
 public:
  [[nodiscard]] TimePoint Now() const override { return now_; }
  void Post(Work work) override { work_.push_back(std::move(work)); }
  void PostAt(TimePoint when, Work work) override {
    now_ = when;
    Post(std::move(work));
  }
  void RunAll() {
    while (!work_.empty()) {
      Work work = std::move(work_.front());
      work_.pop_front();
      work();
    }
  }

 private:
  TimePoint now_{};
  std::deque<Work> work_;
};

Task<StatusOr<int>> Half(int value) {
  if (value % 2 != 0) co_return InvalidInput(value, " is odd");
  co_return value / 2;
}

Task<Status> Quarter(int value, int* result) {
  ROOKERY_CO_ASSIGN_OR_RETURN(const int half, co_await Half(value));
  ROOKERY_CO_ASSIGN_OR_RETURN(*result, co_await Half(half));
  co_return OkStatus();
}

Task<> Note(Task<Status> task, std::vector<std::string>* log) {
  Status status = co_await std::move(task);
  log->push_back(status.ToString());
}

TEST(Task, ValuesAndErrorsTravelThroughAwaits) {
  std::vector<std::string> log;
  int result = 0;
  Spawn(Note(Quarter(12, &result), &log));
  EXPECT_EQ(result, 3);
  Spawn(Note(Quarter(6, &result), &log));
  EXPECT_EQ(log, (std::vector<std::string>{"ok", "invalid input: 3 is odd"}));
}

Task<> AwaitText(Future<std::string> future, std::string* out) { *out = co_await std::move(future); }

TEST(Future, WaiterRunsInATaskOfItsOwn) {
  ManualExecutor executor;
  Promise<std::string> promise(&executor);
  std::string out;
  Spawn(AwaitText(promise.future(), &out));
  promise.Set("late");
  EXPECT_EQ(out, "");
  executor.RunAll();
  EXPECT_EQ(out, "late");
}

TEST(Future, ValueBeforeTheWaiter) {
  ManualExecutor executor;
  Promise<std::string> promise(&executor);
  promise.Set("early");
  std::string out;
  Spawn(AwaitText(promise.future(), &out));
  EXPECT_EQ(out, "early");
}

Task<> ComputeElsewhere(Executor* work, Executor* home, int* out) {
  *out = co_await RunOn(work, home, [] { return 42; });
}

TEST(RunOn, ReturnsHome) {
  ManualExecutor work;
  ManualExecutor home;
  int out = 0;
  Spawn(ComputeElsewhere(&work, &home, &out));
  work.RunAll();
  EXPECT_EQ(out, 0);
  home.RunAll();
  EXPECT_EQ(out, 42);
}

}  // namespace
}  // namespace rookery
