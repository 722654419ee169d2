// What the deep belief network trains in which step.
#include <gtest/gtest.h>

#include <set>

#include "tests/models/testing/model_cases.h"
#include "tests/models/testing/model_fixture.h"

namespace rookery {
namespace {

constexpr std::uint64_t kSeed = 13;
constexpr std::uint32_t kSteps = 10;

ModelSpec Pretrained() {
  ModelSpec spec = SmallSpec("dbn");
  spec.hidden = {4, 3};
  spec.pretrain_steps = kSteps;
  spec.pretrain_percent = 100;
  return spec;
}

struct Dbn : ModelFixture {
  explicit Dbn(const ModelSpec& spec, std::size_t count = 20) : ModelFixture(spec, count, kSeed) {
    // Three keys a feature.
    const std::size_t width = model->tables()[0].dim * 3;
    for (std::size_t b = 3; b < count; ++b) {
      std::copy_n(embeddings[0].begin() + static_cast<std::ptrdiff_t>(b % 3 * width), width,
                  embeddings[0].begin() + static_cast<std::ptrdiff_t>(b * width));
    }
  }
  double Step(std::uint64_t step, std::uint32_t part = 0) {
    for (float& g : embedding_gradients[0]) g = NAN;
    for (float& g : dense_gradient) g = NAN;
    ModelGradients gradients{{embedding_gradients[0].data()}, dense_gradient.data()};
    const DropoutStream stream{.seed = 1, .step = rookery::Step{step}, .part = part};
    return model->ForwardBackward(Input(), dense, stream, *scratch, scores, gradients);
  }

  // Of the dense blocks and "rows".
  [[nodiscard]] std::set<std::string> Moved() const {
    std::set<std::string> moved;
    const auto look = [&](const std::string& name, std::span<const float> gradient) {
      for (const float g : gradient) {
        EXPECT_FALSE(std::isnan(g)) << name;
        if (g != 0) moved.insert(name);
      }
    };
    look("rows", embedding_gradients[0]);
    for (const DenseBlockSpec& block : model->dense_blocks()) {
      look(block.name, std::span(dense_gradient).subspan(block.offset, block.size()));
    }
    return moved;
  }
};

TEST(DeepBeliefNet, TrainsOneMachineAfterTheOtherThenAllButVisibleBiases) {
  Dbn net(Pretrained());
  using Names = std::set<std::string>;
  for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{kSteps - 1}}) {
    (void)net.Step(step);
    EXPECT_EQ(net.Moved(), (Names{"rows", "hidden.0.bias", "hidden.0.weight", "hidden.0.visible"}));
    EXPECT_EQ(net.scores, net.Predict());
  }
  for (const std::uint64_t step : {kSteps, 2 * kSteps - 1}) {
    (void)net.Step(step);
    EXPECT_EQ(net.Moved(), (Names{"hidden.1.bias", "hidden.1.weight", "hidden.1.visible"}));
    EXPECT_EQ(net.scores, net.Predict());
  }
  (void)net.Step(std::uint64_t{2} * kSteps);
  EXPECT_EQ(net.Moved(), (Names{"rows", "hidden.0.bias", "hidden.0.weight", "hidden.1.bias",
                                "hidden.1.weight", "output.weight", "bias"}));
}

// The block of a model that has it, empty otherwise.
std::vector<float> BlockOf(const Dbn& net, const std::vector<float>& dense,
                           const std::string& name) {
  for (const DenseBlockSpec& block : net.model->dense_blocks()) {
    if (block.name != name) continue;
    const auto begin = dense.begin() + static_cast<std::ptrdiff_t>(block.offset);
    return {begin, begin + static_cast<std::ptrdiff_t>(block.size())};
  }
  return {};
}

TEST(DeepBeliefNet, FineTunesAsTheModelWithoutPretraining) {
  ModelSpec spec = Pretrained();
  spec.dropout = 0.25F;
  Dbn net(spec);
  spec.pretrain_steps = 0;
  Dbn plain(spec);
  plain.embeddings = net.embeddings;
  plain.numeric = net.numeric;
  plain.labels = net.labels;
  plain.weights = net.weights;
  for (const DenseBlockSpec& block : plain.model->dense_blocks()) {
    std::ranges::copy(BlockOf(net, net.dense, block.name),
                      plain.dense.begin() + static_cast<std::ptrdiff_t>(block.offset));
  }
  EXPECT_EQ(net.Step(2 * kSteps), plain.Step(2 * kSteps));
  EXPECT_EQ(net.scores, plain.scores);
  EXPECT_EQ(net.embedding_gradients, plain.embedding_gradients);
  for (const DenseBlockSpec& block : plain.model->dense_blocks()) {
    EXPECT_EQ(BlockOf(net, net.dense_gradient, block.name),
              BlockOf(plain, plain.dense_gradient, block.name))
        << block.name;
  }
}

TEST(DeepBeliefNet, DrawsByTheNameOfThePart) {
  for (const std::uint64_t step : {1U, kSteps + 1}) {
    Dbn net(Pretrained());
    const double loss = net.Step(step);
    const std::vector<float> dense = net.dense_gradient, rows = net.embedding_gradients[0];
    EXPECT_NE(net.Step(step, 1), loss);
    EXPECT_NE(net.dense_gradient, dense);
    EXPECT_NE(net.Step(step + 1), loss);
    EXPECT_EQ(net.Step(step), loss);
    EXPECT_EQ(net.dense_gradient, dense);
    EXPECT_EQ(net.embedding_gradients[0], rows);
  }
}

TEST(DeepBeliefNet, GivesTheShareOfPretrainingsGradientsThatItShould) {
  ModelSpec spec = Pretrained();
  Dbn all(spec);
  spec.pretrain_percent = 25;
  Dbn share(spec);
  for (const std::uint64_t step : {0U, kSteps}) {
    EXPECT_EQ(share.Step(step), all.Step(step));
    for (float& g : all.dense_gradient) g /= 4;
    for (float& g : all.embedding_gradients[0]) g /= 4;
    EXPECT_EQ(share.dense_gradient, all.dense_gradient);
    EXPECT_EQ(share.embedding_gradients, all.embedding_gradients);
  }
  EXPECT_EQ(share.Step(2 * kSteps), all.Step(2 * kSteps));
  EXPECT_EQ(share.dense_gradient, all.dense_gradient);
}

// An example's weight is how often it counts.
TEST(DeepBeliefNet, NoWeightNoGradient) {
  Dbn net(Pretrained());
  std::ranges::fill(net.weights, 0.0F);
  EXPECT_EQ(net.Step(0), 0);
  EXPECT_TRUE(net.Moved().empty());
}

// Descent on the gradients of the first machine: what is redrawn is more and more what was there.
TEST(DeepBeliefNet, ReconstructsWhatItLearns) {
  ModelSpec spec = Pretrained();
  spec.numeric = 0;
  spec.pretrain_steps = 1000;
  Dbn net(spec, 60);
  std::ranges::fill(net.weights, 1.0F);
  const std::size_t width = net.model->tables()[0].dim * 3, keys = 3;
  for (std::size_t i = 0; i < keys * width; ++i) net.embeddings[0][i] *= 0.1F;
  const auto repeat = [&] {
    for (std::size_t i = keys * width; i < net.embeddings[0].size(); ++i) {
      net.embeddings[0][i] = net.embeddings[0][i % (keys * width)];
    }
  };
  repeat();
  const double before = net.Step(0);
  for (std::uint64_t step = 0; step < 1000; ++step) {
    (void)net.Step(step);
    for (std::size_t i = 0; i < net.embeddings[0].size(); ++i) {
      net.embeddings[0][i % (keys * width)] -= 0.3F / 60 * net.embedding_gradients[0][i];
    }
    for (const DenseBlockSpec& block : net.model->dense_blocks()) {
      for (std::size_t i = block.offset; i < block.offset + block.size(); ++i) {
        net.dense[i] -= 0.3F / 60 * net.dense_gradient[i];
      }
    }
    repeat();
  }
  // Of three states of each unit, without knowing anything and with.
  EXPECT_NEAR(before / 60, std::log(3), 0.1);
  EXPECT_LT(net.Step(999) / 60, 0.2) << "seed " << kSeed;
}

}  // namespace
}  // namespace rookery
