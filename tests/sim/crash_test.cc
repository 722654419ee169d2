// A process dies at every disk call of a job in turn, and the power goes with it: what is left is
// always the checkpoint before or the new one, whole, and the job that is started again ends as if
// nothing had happened.
#include <gtest/gtest.h>

#include <tuple>

#include "common/log.h"
#include "tests/sim/sim_series.h"

namespace rookery::sim {
namespace {

SimOptions SmallJob(std::uint32_t full_every) {
  SimOptions options;
  options.seed = 3;
  options.cluster = {2, 2};
  options.files = 1;
  options.chunks_per_file = 4;
  options.epochs = 1;
  options.checkpoint_steps = 1;
  options.full_every = full_every;
  return options;
}

struct Calm {
  std::uint64_t disk_calls = 0;
  std::string digest;
};

Calm RunCalm(const SimOptions& options) {
  SimWorld world(options.seed);
  Series series(options, &world);
  series.WriteInput();
  RunFaults none;
  none.cluster = options.cluster;
  const RunOutcome outcome = series.RunOnce(none);
  EXPECT_TRUE(outcome.status.ok()) << outcome.status.ToString();
  EXPECT_EQ(series.CheckCheckpoints(), "");
  return {outcome.size.disk_calls, series.Digest()};
}

// What is wrong after a death at `call`; empty: nothing.
std::string DieAt(const SimOptions& options, std::uint64_t call, bool after, const Calm& calm,
                  Coverage* coverage) {
  SimWorld world(options.seed);
  Series series(options, &world);
  series.WriteInput();
  RunFaults faults;
  faults.cluster = options.cluster;
  faults.disk.die_at_call = call;
  faults.disk.die_after = after;
  faults.power_cut = true;
  faults.crash_names = call % 2 == 0 ? CrashNames::kAll : CrashNames::kOnlySynced;
  std::string wrong = series.RunOnce(faults).violation;
  Random random(options.seed, Purpose::kTest, call);
  series.Aftermath(faults, random);
  wrong += series.CheckCheckpoints();
  RunFaults none;
  none.cluster = options.cluster;
  const RunOutcome again = series.RunOnce(none);
  if (!again.status.ok()) return wrong + again.violation + again.status.ToString() + "\n";
  wrong += series.CheckCheckpoints() + series.CheckEnd(again);
  if (series.Digest() != calm.digest) wrong += "another digest than without the death\n";
  coverage->Add(world.coverage);
  return wrong.empty() ? wrong : wrong + world.History();
}

class Crash : public ::testing::TestWithParam<std::tuple<std::uint32_t, bool>> {};

TEST_P(Crash, AtEveryDiskCallLeavesAWholeCheckpoint) {
  FLAGS_minloglevel = google::GLOG_FATAL;  // the roles' warnings are expected
  const auto [full_every, after] = GetParam();
  const SimOptions options = SmallJob(full_every);
  const Calm calm = RunCalm(options);
  Coverage coverage;
  ASSERT_GT(calm.disk_calls, 100U);
  for (std::uint64_t call = 1; call <= calm.disk_calls; ++call) {
    ASSERT_EQ(DieAt(options, call, after, calm, &coverage), "") << "disk call " << call;
  }
  EXPECT_GT(coverage.of(Point::kDeathInCheckpoint), 50U);
  EXPECT_GT(coverage.of(Point::kDeathBesideCheckpoint), 0U);
  EXPECT_GT(coverage.of(Point::kDeathBeforeCurrent), 5U);
  EXPECT_EQ(coverage.of(Point::kDeltaMade) > 0, full_every > 1);
  EXPECT_EQ(coverage.of(Point::kResumedFromDelta) > 0, full_every > 1);
}

INSTANTIATE_TEST_SUITE_P(WholeAndDelta, Crash,
                         ::testing::Combine(::testing::Values(1U, 3U), ::testing::Bool()));

}  // namespace
}  // namespace rookery::sim
