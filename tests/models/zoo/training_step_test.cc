// Whole training steps of DeepFM in fp32, as a worker makes them in two parts, against a reference
// in double: combine, forward, backward, row gradients, Adam on the dense, Adagrad on the rows.
#include <gtest/gtest.h>

#include <cmath>

#include "models/layers/embedding_combiner.h"
#include "models/model.h"
#include "tests/models/testing/deepfm_reference.h"
#include "tests/models/testing/gradient_check.h"
#include "tests/models/testing/occurrence_index.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

constexpr std::uint64_t kSeed = 77;
constexpr std::size_t kExamples = 12, kPart = 8, kRows = 9, kDim = 4, kNumeric = 2;
constexpr float kDenseRate = 0.01F, kRowRate = 0.1F;

ModelSpec Spec() {
  ModelSpec spec;
  spec.dim = kDim;
  spec.hidden = {7, 5};
  spec.features = {{"user", {}}, {"item", {}}, {"history", {}}};
  spec.numeric = kNumeric;
  spec.label_mean = 0.4F;
  return spec;
}

Doubles Wide(std::span<const float> values) {
  return {values.begin(), values.end()};
}

// The fp32 side: a model, its parameters and optimizer states.
struct Trainer {
  std::unique_ptr<Model> model = MakeModel(Spec()).value();
  std::unique_ptr<Model::Scratch> scratch = model->MakeScratch();
  Floats dense = InitialDense(model->dense_blocks(), kSeed);
  Floats rows, first, second, sums;
  std::vector<FeatureColumn> columns;
  std::vector<std::vector<std::uint32_t>> positions;
  Floats numeric, labels, weights;

  Trainer() : first(dense.size()), second(dense.size()) {
    Random random(kSeed, Purpose::kTest);
    rows = RandomFloats(random, kRows * (kDim + 1));
    sums.resize(rows.size());
    columns.resize(3);
    positions.resize(3);
    columns[2].offsets = {0};
    const auto row = [&] { return static_cast<std::uint32_t>(random.NextBelow(kRows)); };
    for (std::uint32_t e = 0; e < kExamples; ++e) {
      positions[0].push_back(row());
      positions[1].push_back(row());
      // Lists of 0 to 3 weighted keys.
      for (std::uint32_t i = 0; i < e % 4; ++i) {
        positions[2].push_back(row());
        columns[2].weights.push_back(0.5F + random.NextFloat());
      }
      columns[2].offsets.push_back(static_cast<std::uint32_t>(positions[2].size()));
    }
    numeric = RandomFloats(random, kExamples * kNumeric);
    labels = RandomFloats(random, kExamples, 0, 1);
    for (float& label : labels) label = std::round(label);
    weights = RandomFloats(random, kExamples, 0.5F, 2);
  }

  [[nodiscard]] std::vector<CombinedFeature> Features() const {
    return {{&columns[0], Combiner::kSum, positions[0]},
            {&columns[1], Combiner::kSum, positions[1]},
            {&columns[2], Combiner::kMean, positions[2]}};
  }

  double Step(int step) {
    const std::vector<CombinedFeature> features = Features();
    const std::size_t width = features.size() * (kDim + 1);
    Floats combined(kExamples * width), d_combined(combined.size()), d_rows(rows.size());
    Floats gradient(dense.size()), part_gradient(dense.size()), scores(kExamples);
    double loss = 0;
    for (std::size_t begin = 0; begin < kExamples; begin += kPart) {
      const std::size_t end = std::min(begin + kPart, kExamples);
      CombineForward(features, rows, kDim + 1, begin, end, combined.data() + begin * width);
      const ModelInput input{end - begin,
                             {combined.data() + begin * width},
                             numeric.data() + begin * kNumeric,
                             labels.data() + begin,
                             weights.data() + begin};
      ModelGradients out{{d_combined.data() + begin * width}, part_gradient.data()};
      loss += model->ForwardBackward(input, dense, {.seed = kSeed}, *scratch,
                                     std::span(scores).subspan(begin, end - begin), out);
      for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += part_gradient[i];
    }
    const OccurrenceIndex index = BuildOccurrenceIndex(features, kRows, kExamples);
    CombineBackward(index, d_combined.data(), kDim + 1, 0, kRows, d_rows.data());
    Adam(gradient, static_cast<float>(step));
    Adagrad(d_rows);
    return loss;
  }

  void Adam(const Floats& gradient, float step) {
    for (std::size_t i = 0; i < dense.size(); ++i) {
      const float g = gradient[i] / kExamples;
      first[i] = 0.9F * first[i] + 0.1F * g;
      second[i] = 0.999F * second[i] + 0.001F * g * g;
      const float mean = first[i] / (1 - std::pow(0.9F, step));
      const float square = second[i] / (1 - std::pow(0.999F, step));
      dense[i] -= kDenseRate * mean / (std::sqrt(square) + 1e-8F);
    }
  }

  void Adagrad(const Floats& gradient) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const float g = gradient[i] / kExamples;
      sums[i] += g * g;
      if (g != 0) rows[i] -= kRowRate * g / (std::sqrt(sums[i]) + 1e-8F);
    }
  }
};

DeepFmReference ReferenceOf(const Trainer& trainer) {
  DeepFmReference reference{kDim, {}, {}, {}, ReferenceBlock({}), {}, {}};
  for (const DenseBlockSpec& block : trainer.model->dense_blocks()) {
    ReferenceBlock values(Wide(std::span(trainer.dense).subspan(block.offset, block.size())));
    if (block.name == "bias") {
      reference.bias = values;
    } else {
      (block.name.ends_with(".bias") ? reference.biases : reference.weights).push_back(values);
    }
  }
  for (std::size_t u = 0; u < kRows; ++u) {
    reference.rows.push_back(Wide(std::span(trainer.rows).subspan(u * (kDim + 1), kDim + 1)));
  }
  reference.row_gradients.assign(kRows, Doubles(kDim + 1));
  reference.sums = reference.row_gradients;
  return reference;
}

std::vector<ReferenceExample> ExamplesOf(const Trainer& trainer) {
  std::vector<ReferenceExample> examples(kExamples);
  for (std::size_t e = 0; e < kExamples; ++e) {
    examples[e].features = {{{trainer.positions[0][e], 1}}, {{trainer.positions[1][e], 1}}, {}};
    double norm = 0;
    const FeatureColumn& list = trainer.columns[2];
    for (std::size_t i = list.Begin(e); i < list.End(e); ++i) norm += list.weights[i];
    for (std::size_t i = list.Begin(e); i < list.End(e); ++i) {
      examples[e].features[2].emplace_back(trainer.positions[2][i], list.weights[i] / norm);
    }
    examples[e].numeric = Wide(std::span(trainer.numeric).subspan(e * kNumeric, kNumeric));
    examples[e].label = trainer.labels[e];
    examples[e].weight = trainer.weights[e];
  }
  return examples;
}

TEST(TrainingStep, DeepFmFollowsTheReferenceInDouble) {
  Trainer trainer;
  DeepFmReference reference = ReferenceOf(trainer);
  ASSERT_EQ(reference.weights.size(), 3U);
  ASSERT_EQ(reference.biases.size(), 2U);
  const std::vector<ReferenceExample> examples = ExamplesOf(trainer);
  double first_loss = 0, loss = 0;
  for (int step = 1; step <= 5; ++step) {
    double expected_loss = 0;
    for (const ReferenceExample& example : examples) {
      expected_loss += reference.Learn(example, kExamples);
    }
    reference.Update(kDenseRate, kRowRate, step);
    loss = trainer.Step(step);
    if (step == 1) first_loss = loss;
    ASSERT_NEAR(loss, expected_loss, 1e-4) << "step " << step << ", seed " << kSeed;
    std::size_t weight = 0, bias = 0;
    for (const DenseBlockSpec& block : trainer.model->dense_blocks()) {
      const Doubles& expected = block.name == "bias"            ? reference.bias.value
                                : block.name.ends_with(".bias") ? reference.biases[bias++].value
                                                                : reference.weights[weight++].value;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(trainer.dense[block.offset + i], expected[i], 1e-4)
            << block.name << "[" << i << "], step " << step;
      }
    }
    for (std::size_t u = 0; u < kRows; ++u) {
      for (std::size_t d = 0; d <= kDim; ++d) {
        ASSERT_NEAR(trainer.rows[u * (kDim + 1) + d], reference.rows[u][d], 1e-4)
            << "row " << u << ", column " << d << ", step " << step;
      }
    }
  }
  EXPECT_LT(loss, first_loss);
}

}  // namespace
}  // namespace rookery
