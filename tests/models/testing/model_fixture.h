// ModelFixture: a model with made up inputs and room for its gradients, for tests of all models.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/random.h"
#include "models/losses/loss.h"
#include "models/model.h"
#include "tests/models/testing/gradient_check.h"

namespace rookery {

// A model, an input of `examples` and room for its gradients.
struct ModelFixture {
  ModelFixture(const ModelSpec& spec, std::size_t example_count, std::uint64_t seed)
      : random(seed, Purpose::kTest),
        examples(example_count),
        next_item(LearnsNextItem(spec.name)) {
    StatusOr<std::unique_ptr<Model>> made = MakeModel(spec);
    if (!made.ok()) {
      ADD_FAILURE() << made.status().ToString();
      return;
    }
    model = std::move(made).value();
    scratch = model->MakeScratch();
    dense = InitialDense(model->dense_blocks(), seed);
    // Off the start values, where constants would hide mistakes; variances stay positive.
    for (float& value : dense) value += 0.4F * random.NextFloat() - 0.1F;
    for (const ModelTable& table : model->tables()) {
      const std::size_t size = examples * table.features.size() * table.dim;
      embeddings.push_back(RandomFloats(random, size, -1, 1));
      embedding_gradients.emplace_back(size, NAN);
      for (const std::uint32_t sequence : table.sequences) AddSequence(sequence, table.dim);
      if (table.told_from_catalog) AddCatalog(table.dim);
    }
    numeric = RandomFloats(random, examples * spec.numeric, -1, 1);
    const std::size_t outputs = examples * model->outputs();
    labels = next_item ? std::vector<float>(examples, 1) : RandomFloats(random, outputs, 0, 1);
    if (IsBinaryLoss(spec.loss)) {
      for (float& label : labels) label = std::round(label);
    }
    if (outputs > examples && outputs > 3) labels[3] = NAN;  // one example has one label
    weights = RandomFloats(random, examples, 0.5F, 2);
    scores.resize(outputs);
    dense_gradient.assign(dense.size(), NAN);
  }

  // Of 0 to 3 elements an example; of next items twice as many negatives.
  void AddSequence(std::uint32_t feature, std::size_t dim) {
    std::vector<std::uint32_t> ends = {17};  // any start
    for (std::size_t b = 0; b < examples; ++b) {
      const auto length = static_cast<std::uint32_t>(2 * b + (next_item ? b / 2 : feature)) % 4;
      ends.push_back(ends.back() + length * (next_item && feature == 2 ? 2 : 1));
    }
    const std::size_t size = (ends.back() - ends.front()) * dim;
    offsets.push_back(std::move(ends));
    sequences.push_back(RandomFloats(random, size, -1, 1));
    sequence_gradients.emplace_back(size, NAN);
  }

  // Some elements share an item. Of a model of next items all sequences but one are as long.
  void AddCatalog(std::size_t dim) {
    catalog = RandomFloats(random, kCatalogItems * dim, -1, 1);
    for (std::uint32_t s = 0; offsets[0].front() + s < offsets[0].back(); ++s) {
      places.push_back(s * s % kCatalogItems);
    }
  }

  [[nodiscard]] ModelInput Input() const {
    ModelInput input{examples, {}, numeric.data(), labels.data(), weights.data()};
    for (const auto& block : embeddings) input.embeddings.push_back(block.data());
    for (std::size_t s = 0; s < sequences.size(); ++s) {
      input.sequences.push_back({sequences[s].data(), offsets[s].data()});
    }
    if (!catalog.empty()) input.catalog = {catalog.data(), kCatalogItems, places.data()};
    return input;
  }
  // The example b alone.
  [[nodiscard]] ModelInput InputOf(std::size_t b) const {
    const ModelInput all = Input();
    ModelInput one{.examples = 1, .embeddings = {}, .numeric = all.numeric};
    one.labels = all.labels + b * model->outputs();
    one.weights = all.weights + b;
    one.catalog = all.catalog;
    for (std::size_t t = 0; t < embeddings.size(); ++t) {
      const ModelTable& table = model->tables()[t];
      one.embeddings.push_back(all.embeddings[t] + b * table.features.size() * table.dim);
    }
    std::size_t s = 0;
    for (const ModelTable& table : model->tables()) {
      for (std::size_t i = 0; i < table.sequences.size(); ++i, ++s) {
        const std::size_t before = offsets[s][b] - offsets[s][0];
        one.sequences.push_back({sequences[s].data() + before * table.dim, &offsets[s][b]});
      }
    }
    if (!places.empty()) one.catalog.places += offsets[0][b] - offsets[0][0];
    if (!numeric.empty()) one.numeric += b * (numeric.size() / examples);
    return one;
  }
  double ForwardBackward() {
    ModelGradients gradients{{}, dense_gradient.data()};
    for (auto& block : embedding_gradients) gradients.embeddings.push_back(block.data());
    for (auto& block : sequence_gradients) gradients.sequences.push_back(block.data());
    catalog_gradient.assign(catalog.size(), 0);
    gradients.catalog = catalog_gradient.data();
    return model->ForwardBackward(Input(), dense, {.seed = 1}, *scratch, scores, gradients);
  }
  std::vector<float> Predict() {
    std::vector<float> predicted(scores.size());
    ModelInput input = Input();
    input.labels = nullptr;
    input.weights = nullptr;
    model->Predict(input, dense, *scratch, predicted);
    return predicted;
  }

  static constexpr std::uint32_t kCatalogItems = 5;
  Random random;
  std::size_t examples;
  bool next_item;
  std::unique_ptr<Model> model;
  std::unique_ptr<Model::Scratch> scratch;
  std::vector<float> dense, dense_gradient, numeric, labels, weights, scores;
  std::vector<std::vector<float>> embeddings, embedding_gradients;
  std::vector<std::vector<float>> sequences, sequence_gradients;
  std::vector<std::vector<std::uint32_t>> offsets;
  std::vector<float> catalog, catalog_gradient;  // of a model that tells items from all
  std::vector<std::uint32_t> places;
};

}  // namespace rookery
