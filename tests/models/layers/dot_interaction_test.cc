#include "models/layers/dot_interaction.h"

#include <cmath>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

TEST(DotInteraction, ByHand) {
  const DotShape shape{3, 2};
  const Floats vectors = {1, 2, 3, 4, 5, 6};
  Floats work(DotWorkFloats(shape)), products(3), gradient(6, 7);
  DotForward(shape, vectors.data(), work.data(), products.data());
  EXPECT_EQ(products, (Floats{11, 17, 39}));  // (1,0), (2,0), (2,1)
  const Floats d_products = {1, 10, 100};
  DotBackward(shape, vectors.data(), d_products.data(), work.data(), gradient.data());
  EXPECT_EQ(gradient, (Floats{53, 64, 501, 602, 310, 420}));
}

TEST(DotInteraction, OneVectorHasNoPairs) {
  const DotShape shape{1, 8};
  const Floats vectors(8, 2);
  Floats work(DotWorkFloats(shape)), gradient(8, 7);
  DotForward(shape, vectors.data(), work.data(), nullptr);
  DotBackward(shape, vectors.data(), nullptr, work.data(), gradient.data());
  EXPECT_EQ(gradient, Floats(8, 0));
}

class DotInteractionShape : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(DotInteractionShape, FollowsTheFormulaInDouble) {
  const DotShape shape{GetParam().first, GetParam().second};
  const std::size_t dim = shape.dim;
  Random random(8, Purpose::kTest, shape.vectors * 100 + dim);
  const Floats vectors = RandomFloats(random, shape.vectors * dim);
  const Floats d_products = RandomFloats(random, shape.products());
  // Exactly as much room as the contract says, between guards.
  Floats work(DotWorkFloats(shape) + 1, 3), products(shape.products() + 1, 3);
  Floats gradient(vectors.size() + 1, 3);
  DotForward(shape, vectors.data(), work.data(), products.data());
  DotBackward(shape, vectors.data(), d_products.data(), work.data(), gradient.data());
  EXPECT_EQ(work.back(), 3);
  EXPECT_EQ(products.back(), 3);
  EXPECT_EQ(gradient.back(), 3);
  std::vector<double> expected(vectors.size());
  std::size_t pair = 0;
  for (std::size_t i = 0; i < shape.vectors; ++i) {
    for (std::size_t j = 0; j < i; ++j, ++pair) {
      double dot = 0;
      for (std::size_t d = 0; d < dim; ++d) {
        const double a = vectors[i * dim + d], b = vectors[j * dim + d];
        dot += a * b;
        expected[i * dim + d] += d_products[pair] * b;
        expected[j * dim + d] += d_products[pair] * a;
      }
      EXPECT_NEAR(products[pair], dot, 1e-5) << i << ", " << j;
    }
  }
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(gradient[i], expected[i], 1e-5);
}
INSTANTIATE_TEST_SUITE_P(All, DotInteractionShape,
                         testing::Values(std::pair{2, 1}, std::pair{3, 3}, std::pair{8, 8},
                                         std::pair{9, 16}, std::pair{27, 16}, std::pair{40, 10},
                                         std::pair{18, 37}, std::pair{33, 64}));

}  // namespace
}  // namespace rookery
