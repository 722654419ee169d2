#include "tests/sim/sim_job.h"

#include "tests/sim/sim_series.h"

namespace rookery::sim {
namespace {

// The undisturbed job; its sizes and its digest.
std::string RunCalm(const SimOptions& options, SimWorld* world, RunSize* size,
                    std::string* digest) {
  Series series(options, world);
  series.WriteInput();
  RunFaults none;
  none.cluster = options.cluster;
  const RunOutcome outcome = series.RunOnce(none);
  *size = outcome.size;
  if (!outcome.violation.empty()) return "undisturbed: " + outcome.violation;
  if (!outcome.status.ok()) return "undisturbed: " + outcome.status.ToString() + "\n";
  *digest = series.Digest();
  const std::string wrong = series.CheckCheckpoints() + series.CheckEnd(outcome);
  return wrong.empty() ? wrong : "undisturbed: " + wrong;
}

std::string RunWithFaults(const SimOptions& options, SimWorld* world, const RunSize& size,
                          const std::string& digest) {
  Series series(options, world);
  series.WriteInput();
  Random random(options.seed, Purpose::kTest, 4);
  for (std::uint32_t run = 0;; ++run) {
    RunFaults faults;
    faults.cluster = options.cluster;
    if (run < options.bad_runs) faults = DrawFaults(options, size, random);
    world->Note("run of " + faults.ToString());
    const RunOutcome outcome = series.RunOnce(faults);
    std::string wrong = outcome.violation;
    const bool ended = outcome.status.ok() && wrong.empty();
    const bool stopped = ended && faults.stop_at_event != 0 && !series.Trained();
    if (stopped) world->coverage.Hit(Point::kStoppedOnRequest);
    const bool done = ended && !stopped;
    if (!done && run >= options.bad_runs) {
      return StrCat(wrong, "without faults: ", outcome.status.ToString(), "\n");
    }
    if (!done) series.Aftermath(faults, random);
    wrong += series.CheckCheckpoints();
    if (done) wrong += series.CheckEnd(outcome);
    if (!wrong.empty()) return wrong;
    if (!done) continue;
    if (options.mode != TrainMode::kSync || series.Digest() == digest) return {};
    return StrCat("the digest is ", series.Digest(), ", that of the undisturbed job ", digest,
                  "\n");
  }
}

}  // namespace

SimResult Simulate(const SimOptions& options) {
  SimWorld world(options.seed);
  SimResult result;
  result.options = options.ToString();
  RunSize size;
  std::string digest;
  const TimePoint began = world.now();
  result.violation = RunCalm(options, &world, &size, &digest);
  if (result.violation.empty()) {
    result.violation = RunWithFaults(options, &world, size, digest);
  }
  if (!result.violation.empty()) result.history = world.History();
  result.hash = world.hash();
  result.events = world.events();
  result.virtual_seconds = Seconds(world.now() - began);
  result.coverage = world.coverage;
  return result;
}

}  // namespace rookery::sim
