// Every update rule over random schedules of touches against the float64 reference: rows that are
// touched often, seldom, once and never, in batches as they come. With catch_up the reference is
// dense: every row moves in every step, by its L2 when it has no gradient.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "common/random.h"
#include "ps/updater.h"
#include "tests/ps/testing/updater_reference.h"
#include "tests/ps/testing/updater_rows.h"

namespace rookery {
namespace {

constexpr std::size_t kRows = 8;
constexpr std::uint64_t kSteps = 400;

std::vector<UpdaterSpec> ScheduledSpecs() {
  std::vector<UpdaterSpec> specs = AllSpecs();
  for (UpdaterSpec spec : AllSpecs()) {
    if (spec.kind != UpdaterKind::kAdam && spec.kind != UpdaterKind::kAdamW) continue;
    spec.catch_up = true;
    specs.push_back(spec);
  }
  return specs;
}

// Row 0 is touched in half of all steps, the next ones less and less, the last but one in step 5
// only, the last never.
bool IsTouched(std::size_t row, std::uint64_t t, Random* random) {
  const bool drawn = random->NextBelow(std::uint64_t{2} << row) == 0;
  if (row == kRows - 2) return t == 5;
  return row != kRows - 1 && drawn;
}

class UpdaterSchedule : public testing::TestWithParam<UpdaterSpec> {
 protected:
  void Run(std::size_t dim, std::uint64_t seed);
};

void UpdaterSchedule::Run(std::size_t dim, std::uint64_t seed) {
  const UpdaterSpec& spec = GetParam();
  const auto updater = MakeUpdater(spec);
  Random random(seed, Purpose::kTest, dim);
  std::vector<std::vector<float>> rows;
  std::vector<ReferenceRow> references;
  for (std::size_t r = 0; r < kRows; ++r) {
    std::vector<float> start(dim);
    for (float& x : start) x = static_cast<float>(random.NextNormal());
    references.emplace_back(spec, start);
    rows.push_back(NewRow(*updater, start));
  }
  for (std::uint64_t t = 1; t <= kSteps; ++t) {
    std::vector<float*> touched;
    std::vector<float> gradients;
    for (std::size_t r = 0; r < kRows; ++r) {
      const bool touch = IsTouched(r, t, &random);
      std::vector<double> g(dim, 0.0);
      if (touch) {
        touched.push_back(rows[r].data());
        for (double& x : g) {
          gradients.push_back(static_cast<float>(random.NextNormal()));
          x = gradients.back();
        }
      }
      if (touch || spec.catch_up) ReferenceStep(spec, &references[r], g, t);
    }
    updater->Apply(touched, gradients, dim, t);
    if (t % 97 != 0) continue;
    std::vector<float*> pulled;  // as evaluation does between steps
    for (auto& row : rows) pulled.push_back(row.data());
    updater->CatchUp(pulled, dim, t);
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    float* const row[] = {rows[r].data()};
    updater->CatchUp(row, dim, kSteps);
    for (std::size_t i = 0; i < dim; ++i) {
      const double expected = references[r].w[i];
      EXPECT_NEAR(rows[r][i], expected, 2e-5 * std::max(1.0, std::fabs(expected)))
          << UpdaterName(spec.kind) << " dim " << dim << " row " << r << " element " << i;
    }
  }
}

TEST_P(UpdaterSchedule, FollowsTheFloat64Reference) {
  for (const std::size_t dim : {1, 8, 17}) {
    for (const std::uint64_t seed : {1, 2}) Run(dim, seed);
  }
}

INSTANTIATE_TEST_SUITE_P(All, UpdaterSchedule, testing::ValuesIn(ScheduledSpecs()),
                         [](const auto& info) {
                           return std::string(UpdaterName(info.param.kind)) +
                                  (info.param.clip_norm > 0 ? "_full" : "_plain") +
                                  (info.param.catch_up ? "_catch_up" : "");
                         });

}  // namespace
}  // namespace rookery
