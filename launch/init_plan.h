// InitPlan: what a new run takes of an earlier checkpoint (`rookery train --init-from`). Decided
// here once, before anything is read or written.
//
// Everything that would be lost needs a policy (launch/init_policy.h); what is new does not. Rows
// are taken table by table, by name. Of a dense weight whose rows belong to inputs (the first layer
// of a tower) the rows of inputs that both models have are taken, wherever they now stand.
//
// Plain data and pure functions. Any thread.
// Errors   kInvalidInput lists all that would be lost, each with the policy that allows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "data/transform.h"
#include "launch/init_policy.h"
#include "launch/job_plan.h"
#include "protocol/checkpoint_manifest.h"

namespace rookery {

struct TableInit {
  std::string name;
  std::optional<TableSpec> from;
  std::optional<TableSpec> to;
  bool rows = false;   // taken
  bool state = false;  // taken with the rows
};

struct DenseBlockInit {
  std::string name;
  std::optional<DenseBlockSpec> from;
  std::optional<DenseBlockSpec> to;
  // For each row of `to` the row of `from` it is taken from, or kFreshRow.
  std::vector<std::uint32_t> rows;
  [[nodiscard]] std::uint32_t taken() const;
};
inline constexpr std::uint32_t kFreshRow = 0xffffffffU;

struct FeatureInit {
  enum class Change : std::uint8_t { kNew, kDropped, kChanged };
  std::string name;
  Change change = Change::kNew;
  std::string why;  // of kChanged
};

struct InitPlan {
  std::vector<FeatureInit> features;  // those that are not as they were
  std::vector<TableInit> tables;      // the job's, then those that are dropped
  std::vector<DenseBlockInit> blocks;
  bool dense_state = false;
};

// Where rows and weights come from.
struct InitSource {
  std::string path;
  CheckpointManifest manifest;
  FittedSchema fitted;
};

// `fresh` as fitted to the new data, with the statistics and quantiles of `old` for the columns and
// buckets that both have: the weights were trained on numbers scaled so.
[[nodiscard]] FittedSchema KeepStatistics(const FittedSchema& old, FittedSchema fresh);

// `fitted`: that of the new run. `dense`: that of its model.
[[nodiscard]] StatusOr<InitPlan> MakeInitPlan(const InitSource& source, const JobPlan& plan,
                                              const FittedSchema& fitted, const DenseSpec& dense,
                                              const InitPolicies& policies);

}  // namespace rookery
