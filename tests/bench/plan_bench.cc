// The step plan of 4096 examples with 26 ids each (Zipf 1.1 over a million ids a field, one table)
// beside a radix sort of the same 106,496 keys; and the gather and scatter between rows and
// examples that the plan directs, each beside a copy of the same bytes.
#include <benchmark/benchmark.h>

#include <boost/sort/spreadsort/integer_sort.hpp>
#include <cstring>
#include <vector>

#include "common/hash.h"
#include "common/random.h"
#include "data/zipf.h"
#include "worker/step_plan.h"

namespace rookery {
namespace {

constexpr std::size_t kExamples = 4096, kFeatures = 26, kBatches = 4;
constexpr std::uint32_t kServers = 2;
constexpr std::size_t kDim = 16;

// Several, so that no branch is learnt by heart.
std::vector<Batch> MakeBatches() {
  Random random(1, Purpose::kTest);
  const ZipfSampler ids(1'000'000, 1.1);
  std::vector<Batch> batches(kBatches);
  for (Batch& batch : batches) {
    batch.examples = kExamples;
    batch.features.resize(kFeatures);
    for (std::size_t f = 0; f < kFeatures; ++f) {
      for (std::size_t e = 0; e < kExamples; ++e) {
        batch.features[f].keys.push_back(HashText(std::to_string(ids.Sample(random)), f));
      }
    }
  }
  return batches;
}

const std::vector<Batch>& Batches() {
  static const std::vector<Batch> batches = MakeBatches();
  return batches;
}

const std::vector<ModelTable>& Tables() {
  static const std::vector<ModelTable> tables = [] {
    ModelTable table{.name = "default", .dim = kDim, .features = {}};
    for (std::uint32_t f = 0; f < kFeatures; ++f) table.features.push_back(f);
    return std::vector<ModelTable>{table};
  }();
  return tables;
}

StepPlanner MakePlanner() {
  return {&Tables(), std::vector<Combiner>(kFeatures, Combiner::kSum), kServers, kBucketsDefault};
}

void PlanOurs(benchmark::State& state) {
  StepPlanner planner = MakePlanner();
  StepPlan plan;
  std::size_t next = 0, unique = 0;
  for (auto _ : state) {
    planner.Plan(Batches()[next++ % kBatches], true, &plan);
    unique = plan.tables[0].keys.size();
  }
  state.counters["unique"] = static_cast<double>(unique);
}
BENCHMARK(PlanOurs)->Name("plan/ours")->Unit(benchmark::kMicrosecond);

void PlanLimit(benchmark::State& state) {
  std::vector<Key> keys(kExamples * kFeatures);
  std::size_t next = 0;
  for (auto _ : state) {
    Key* out = keys.data();
    for (const FeatureColumn& column : Batches()[next++ % kBatches].features) {
      out = std::copy(column.keys.begin(), column.keys.end(), out);
    }
    boost::sort::spreadsort::integer_sort(keys.begin(), keys.end());
    benchmark::DoNotOptimize(keys.data());
  }
}
BENCHMARK(PlanLimit)->Name("plan/limit")->Unit(benchmark::kMicrosecond);

// The rows of a step and the vectors of its examples.
struct Gathered {
  StepPlan plan;
  PooledVector<CombinedFeature> features;
  std::vector<float> rows, combined;

  Gathered() {
    MakePlanner().Plan(Batches()[0], true, &plan);
    features = StepPlanner::Combined(Tables()[0], std::vector<Combiner>(kFeatures, Combiner::kSum),
                                     Batches()[0], plan, 0);
    rows.assign(plan.tables[0].keys.size() * kDim, 0.5F);
    combined.assign(kExamples * kFeatures * kDim, 0.25F);
  }
};

void GatherOurs(benchmark::State& state) {
  Gathered step;
  for (auto _ : state) {
    CombineForward(step.features, step.rows, kDim, 0, kExamples, step.combined.data());
    benchmark::DoNotOptimize(step.combined.data());
  }
}
BENCHMARK(GatherOurs)->Name("gather/ours")->Unit(benchmark::kMicrosecond);

void CopyVectors(benchmark::State& state) {
  Gathered step;
  std::vector<float> copy(step.combined.size());
  for (auto _ : state) {
    std::memcpy(copy.data(), step.combined.data(), copy.size() * sizeof(float));
    benchmark::DoNotOptimize(copy.data());
  }
}
BENCHMARK(CopyVectors)->Name("gather/limit")->Unit(benchmark::kMicrosecond);

void ScatterOurs(benchmark::State& state) {
  Gathered step;
  const std::size_t unique = step.plan.tables[0].keys.size();
  for (auto _ : state) {
    CombineBackward(step.plan.occurrences[0], step.combined.data(), kDim, 0, unique,
                    step.rows.data());
    benchmark::DoNotOptimize(step.rows.data());
  }
}
BENCHMARK(ScatterOurs)->Name("scatter/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(CopyVectors)->Name("scatter/limit")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace rookery
