// Deliberate faults, one at a time: each must be noticed by some seed of a small batch. This
// program alone compiles the files of the roles that have hooks with -DROOKERY_FAULT_HOOKS.
#include <gtest/gtest.h>

#include "common/fault_hooks.h"
#include "common/log.h"
#include "tests/sim/sim_job.h"

namespace rookery::sim {
namespace {

constexpr std::uint64_t kSeeds = 150;

// The first seed that breaks a rule, in words; empty when none does.
std::string Caught(Mutation mutation) {
  FLAGS_minloglevel = google::GLOG_FATAL;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SimOptions options = OptionsOf(seed);
    options.mutation = mutation;
    const SimResult result = Simulate(options);
    if (!result.violation.empty()) return StrCat("seed ", seed, ": ", result.violation);
  }
  return {};
}

class InsideTheRoles : public ::testing::TestWithParam<const char*> {
 protected:
  InsideTheRoles() { fault_in_force = GetParam(); }
  ~InsideTheRoles() override { fault_in_force = {}; }
};

TEST_P(InsideTheRoles, IsCaught) {
  const std::string caught = Caught(Mutation::kNone);
  EXPECT_NE(caught, "");
  std::cout << caught << "\n";
}

INSTANTIATE_TEST_SUITE_P(Mutants, InsideTheRoles,
                         ::testing::Values("take_twins", "apply_repeated_push", "apply_twice",
                                           "lose_update", "forget_bucket", "drop_row_state",
                                           "forget_lease", "forget_to_keep", "forget_change"),
                         [](const auto& info) { return std::string(info.param); });

class AroundTheRoles : public ::testing::TestWithParam<Mutation> {};

TEST_P(AroundTheRoles, IsCaught) {
  const std::string caught = Caught(GetParam());
  EXPECT_NE(caught, "");
  std::cout << caught << "\n";
}

INSTANTIATE_TEST_SUITE_P(Mutants, AroundTheRoles,
                         ::testing::Values(Mutation::kReuseSequence, Mutation::kNoFileSync,
                                           Mutation::kLooseStaleness),
                         [](const auto& info) {
                           return StrCat("mutation_", static_cast<int>(info.param));
                         });

TEST(Mutants, WithoutAFaultNothingIsCaught) {
  EXPECT_EQ(Caught(Mutation::kNone), "");
}

}  // namespace
}  // namespace rookery::sim
