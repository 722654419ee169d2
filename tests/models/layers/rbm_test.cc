// Restricted Boltzmann machines: gradients against differences of the free energy in float64, drawn
// states against their probabilities, and training against the exact likelihood.
#include "models/layers/rbm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

constexpr std::uint64_t kSeed = 41;

struct Sizes {
  std::size_t examples, row_units, numbers, hidden;
  Rbm::Numbers kind;
};

// A machine, its examples and gradients, all made up.
struct Machine {
  explicit Machine(const Sizes& sizes) {
    const auto& [count, units, numbers, hidden, kind] = sizes;
    rbm = {.hidden = hidden, .row_units = units, .numbers = numbers, .kind = kind};
    rows = RandomFloats(random, count * units * (hidden + 1), -1, 1);
    d_rows.resize(rows.size());
    v = RandomFloats(random, count * numbers, 0, 1);
    weights = RandomFloats(random, count, 0.5F, 2);
    weight = RandomFloats(random, numbers * hidden, -1, 1);
    d_weight.resize(weight.size());
    visible_bias = RandomFloats(random, numbers, -1, 1);
    d_visible_bias.resize(numbers);
    hidden_bias = RandomFloats(random, hidden, -1, 1);
    d_hidden_bias.resize(hidden);
    rbm.hidden_bias = hidden_bias.data();
    rbm.weight = weight.data();
    rbm.visible_bias = visible_bias.data();
    examples = {count, rows.data(), v.data(), weights.data()};
  }
  RbmGradients Gradients() {
    return {d_rows.data(), d_weight.data(), d_visible_bias.data(), d_hidden_bias.data()};
  }
  Floats Hidden(const RbmVisible& visible) const {
    Floats h(examples.count * rbm.hidden);
    RbmHidden(rbm, examples, visible, h.data());
    return h;
  }
  double Step(std::uint64_t step) {
    for (Floats* d : {&d_rows, &d_weight, &d_visible_bias, &d_hidden_bias}) {
      std::fill(d->begin(), d->end(), 0.0F);
    }
    return ContrastiveDivergence(rbm, examples, Hidden({}).data(), 1,
                                 Random(kSeed, Purpose::kTest, step), scratch, Gradients());
  }
  void ExpectGradients(const std::function<double()>& loss) {
    if (!rows.empty()) ExpectGradient("rows", rows, d_rows, loss);
    ExpectGradient("hidden bias", hidden_bias, d_hidden_bias, loss);
    if (v.empty()) return;
    ExpectGradient("weight", weight, d_weight, loss);
    ExpectGradient("visible bias", visible_bias, d_visible_bias, loss);
  }

  Random random{kSeed, Purpose::kTest};
  Rbm rbm;
  RbmExamples examples;
  Floats rows, v, weights, weight, visible_bias, hidden_bias;
  Floats d_rows, d_weight, d_visible_bias, d_hidden_bias;
  RbmScratch scratch;
};

// F of example b.
double FreeEnergy(const Machine& m, const RbmVisible& visible, std::size_t b) {
  const auto& [hidden, c, units, numbers, kind, weight, a] = m.rbm;
  std::vector<double> x(c, c + hidden);
  double energy = 0;
  for (std::size_t f = 0; f < units; ++f) {
    const std::size_t place = visible.places == nullptr ? b : visible.places[b * units + f];
    const float* row = m.rows.data() + (place * units + f) * (hidden + 1);
    for (std::size_t j = 0; j < hidden; ++j) x[j] += row[j];
    energy -= row[hidden];
  }
  const float* v = (visible.numbers == nullptr ? m.v.data() : visible.numbers) + b * numbers;
  for (std::size_t i = 0; i < numbers; ++i) {
    const double value = v[i], bias = a[i];
    for (std::size_t j = 0; j < hidden; ++j) x[j] += value * double{weight[i * hidden + j]};
    const bool gaussian = kind == Rbm::Numbers::kGaussian;
    energy += gaussian ? (value - bias) * (value - bias) / 2 : -bias * value;
  }
  for (const double xj : x) energy -= std::log1p(std::exp(xj));
  return energy;
}

double FreeEnergies(const Machine& m, const RbmVisible& visible) {
  double sum = 0;
  for (std::size_t b = 0; b < m.examples.count; ++b) {
    sum += double{m.weights[b]} * FreeEnergy(m, visible, b);
  }
  return sum;
}

const std::vector<Sizes>& AllSizes() {
  static const std::vector<Sizes> kAll = {{5, 3, 0, 4, Rbm::Numbers::kGaussian},
                                          {5, 0, 3, 4, Rbm::Numbers::kBernoulli},
                                          {5, 2, 3, 4, Rbm::Numbers::kGaussian}};
  return kAll;
}

TEST(Rbm, FreeEnergyGradientMatchesDifferences) {
  for (const Sizes& sizes : AllSizes()) {
    Machine m(sizes);
    AddFreeEnergyGradient(m.rbm, m.examples, {}, m.Hidden({}).data(), 2, m.scratch, m.Gradients());
    m.ExpectGradients([&] { return 2 * FreeEnergies(m, {}); });
  }
}

// Of F(v) - F(v') with v' held, also at the rows that other examples lent.
TEST(Rbm, StepIsTheGradientOfWhatWasShownAndWhatWasRedrawn) {
  for (const Sizes& sizes : AllSizes()) {
    Machine m(sizes);
    const double error = m.Step(3);
    const Floats h = m.Hidden({});
    Random random(kSeed, Purpose::kTest, 3);
    Floats sampled(h.size()), numbers(m.v.size());
    for (std::size_t i = 0; i < h.size(); ++i) sampled[i] = random.NextFloat() < h[i] ? 1 : 0;
    std::vector<std::uint32_t> places(sizes.examples * sizes.row_units);
    EXPECT_EQ(RbmRedraw(m.rbm, m.examples, sampled.data(), random, places.data(), numbers.data(),
                        m.scratch),
              error);
    const RbmVisible redrawn{places.data(), numbers.data()};
    m.ExpectGradients([&] { return FreeEnergies(m, {}) - FreeEnergies(m, redrawn); });
  }
}

// Four states in 8,000 examples, as often as their probabilities say and not as they occur.
TEST(Rbm, RowsAreDrawnBySoftmaxOverDifferentStates) {
  constexpr std::size_t kExamples = 8000, kStates = 4;
  Machine m({kExamples, 1, 0, 2, Rbm::Numbers::kGaussian});
  const auto state_of = [](std::size_t b) { return b % 7 < 4 ? 0 : b % 7 - 3; };
  const float rows[kStates][3] = {{0.5F, -1, 0.2F}, {-0.3F, 2, 0}, {1, 1, -1}, {0, 0, 0}};
  for (std::size_t b = 0; b < kExamples; ++b) {
    std::copy_n(rows[state_of(b)], 3, m.rows.begin() + static_cast<std::ptrdiff_t>(3 * b));
  }
  m.weights.assign(kExamples, 1);
  Floats h;
  for (std::size_t b = 0; b < kExamples; ++b) h.insert(h.end(), {1, 0});
  double sum = 0;
  std::vector<double> p;
  for (const auto& row : rows) sum += p.emplace_back(std::exp(double{row[0]} + double{row[2]}));
  std::vector<std::uint32_t> places(kExamples);
  const double error =
      RbmRedraw(m.rbm, m.examples, h.data(), m.random, places.data(), nullptr, m.scratch);
  std::vector<double> drawn(kStates);
  double expected_error = 0;
  for (std::size_t b = 0; b < kExamples; ++b) {
    ++drawn[state_of(places[b])];
    expected_error -= std::log(p[state_of(b)] / sum);
  }
  EXPECT_NEAR(error, expected_error, 1e-4 * expected_error);
  for (std::size_t s = 0; s < kStates; ++s) {
    const double share = p[s] / sum;
    const double deviation = std::sqrt(share * (1 - share) / kExamples);
    EXPECT_NEAR(drawn[s] / kExamples, share, 4 * deviation) << s << ", seed " << kSeed;
  }
}

TEST(Rbm, NumbersAreRedrawnAroundTheirMeans) {
  constexpr std::size_t kExamples = 4000;
  Machine bernoulli({kExamples, 0, 1, 2, Rbm::Numbers::kBernoulli});
  Machine gaussian({kExamples, 0, 1, 2, Rbm::Numbers::kGaussian});
  const Floats h(2 * kExamples, 1);
  Floats drawn(kExamples);
  double error = 0, squares = 0, sum = 0;
  (void)RbmRedraw(bernoulli.rbm, bernoulli.examples, h.data(), bernoulli.random, nullptr,
                  drawn.data(), bernoulli.scratch);
  const double y =
      double{bernoulli.visible_bias[0]} + double{bernoulli.weight[0]} + double{bernoulli.weight[1]};
  for (const float v : drawn) ASSERT_NEAR(v, 1 / (1 + std::exp(-y)), 1e-6);
  const double given = RbmRedraw(gaussian.rbm, gaussian.examples, h.data(), gaussian.random,
                                 nullptr, drawn.data(), gaussian.scratch);
  for (std::size_t b = 0; b < kExamples; ++b) {
    error += double{gaussian.weights[b]} * std::pow(double{gaussian.v[b]} - y, 2) / 2;
    sum += double{drawn[b]} - y;
    squares += std::pow(double{drawn[b]} - y, 2);
  }
  EXPECT_NEAR(given, error, 1e-4 * error);
  EXPECT_NEAR(sum / kExamples, 0, 4 / std::sqrt(kExamples)) << "seed " << kSeed;
  EXPECT_NEAR(squares / kExamples, 1, 4 * std::sqrt(2.0 / kExamples)) << "seed " << kSeed;
}

// log Z by summing over all hidden states; `states` [F]: the rows that each unit can have.
double LogPartition(const Machine& m, const std::vector<std::vector<Floats>>& states) {
  const auto& [hidden, c, units, numbers, kind, weight, a] = m.rbm;
  double sum = 0;
  for (std::size_t h = 0; h < std::size_t{1} << hidden; ++h) {
    const auto dot = [&](const float* x) {
      double product = 0;
      for (std::size_t j = 0; j < hidden; ++j) product += (h >> j & 1U) != 0 ? double{x[j]} : 0;
      return product;
    };
    double log_p = dot(c);
    for (const auto& rows : states) {
      double of_unit = 0;
      for (const Floats& row : rows) of_unit += std::exp(dot(row.data()) + double{row[hidden]});
      log_p += std::log(of_unit);
    }
    for (std::size_t i = 0; i < numbers; ++i) {
      const double x = dot(weight + i * hidden), bias = a[i];
      log_p += kind == Rbm::Numbers::kGaussian
                   ? bias * x + x * x / 2 + std::log(2 * std::numbers::pi) / 2
                   : std::log1p(std::exp(bias + x));
    }
    sum += std::exp(log_p);
  }
  return std::log(sum);
}

void Descend(float rate, const Floats& gradient, Floats* values) {
  for (std::size_t i = 0; i < values->size(); ++i) (*values)[i] -= rate * gradient[i];
}

// Trains on what is in `m`; shown[b][f] is the state of unit f in example b. Returns the mean log
// likelihood before and after.
std::pair<double, double> Train(Machine& m, const std::vector<std::vector<std::size_t>>& shown,
                                std::vector<std::vector<Floats>> states, std::uint64_t steps) {
  const std::size_t count = m.examples.count, width = m.rbm.row_width();
  const float rate = 0.3F / static_cast<float>(count);
  const auto each = [&](const auto& apply) {
    for (std::size_t b = 0; b < count * m.rbm.row_units; ++b) {
      const std::size_t example = b / m.rbm.row_units, f = b % m.rbm.row_units;
      for (std::size_t d = 0; d < width; ++d) apply(states[f][shown[example][f]][d], b * width + d);
    }
  };
  const auto gather = [&] { each([&](float& value, std::size_t at) { m.rows[at] = value; }); };
  const auto likelihood = [&] {
    double sum = 0;
    for (std::size_t b = 0; b < count; ++b) sum -= FreeEnergy(m, {}, b);
    return sum / static_cast<double>(count) - LogPartition(m, states);
  };
  m.weights.assign(count, 1);
  for (Floats* values : {&m.weight, &m.visible_bias, &m.hidden_bias}) {
    for (float& value : *values) value *= 0.1F;
  }
  gather();
  const double before = likelihood();
  for (std::uint64_t step = 0; step < steps; ++step) {
    (void)m.Step(step);
    each([&](float& value, std::size_t at) { value -= rate * m.d_rows[at]; });
    gather();
    Descend(rate, m.d_weight, &m.weight);
    Descend(rate, m.d_visible_bias, &m.visible_bias);
    Descend(rate, m.d_hidden_bias, &m.hidden_bias);
  }
  return {before, likelihood()};
}

// Two units of three states that always agree: at best log(1 / 3).
TEST(Rbm, LearnsWhichStatesGoTogether) {
  Machine m({90, 2, 0, 3, Rbm::Numbers::kGaussian});
  std::vector<std::vector<std::size_t>> shown;
  for (std::size_t b = 0; b < 90; ++b) shown.push_back({b % 3, b % 3});
  std::vector<std::vector<Floats>> states(2, std::vector<Floats>(3));
  for (auto& unit : states) {
    for (Floats& row : unit) row = RandomFloats(m.random, 4, -0.1F, 0.1F);
  }
  const auto [before, after] = Train(m, shown, states, 1500);
  EXPECT_NEAR(before, -std::log(9), 0.05);
  EXPECT_GT(after, -1.25) << "seed " << kSeed;
  EXPECT_LT(after, -std::log(3));
}

// 1100 and 0011: at best log(1 / 2).
TEST(Rbm, LearnsWhichUnitsAreOnTogether) {
  Machine m({40, 0, 4, 2, Rbm::Numbers::kBernoulli});
  for (std::size_t i = 0; i < m.v.size(); ++i) m.v[i] = (i / 4 % 2 == 0) == (i % 4 < 2) ? 1 : 0;
  const auto [before, after] = Train(m, {}, {}, 1500);
  EXPECT_NEAR(before, -4 * std::log(2), 0.2);
  EXPECT_GT(after, -0.85) << "seed " << kSeed;
  EXPECT_LT(after, -std::log(2));
}

// Two clouds, at (2, 2) and at (-2, -2), which one normal distribution around a mean is not.
TEST(Rbm, LearnsWhereNumbersAre) {
  Machine m({200, 0, 2, 2, Rbm::Numbers::kGaussian});
  for (std::size_t i = 0; i < m.v.size(); ++i) {
    m.v[i] = static_cast<float>((i / 2 % 2 == 0 ? 2 : -2) + m.random.NextNormal());
  }
  const auto [before, after] = Train(m, {}, {}, 1500);
  const double best = -std::log(2) - std::log(2 * std::numbers::pi) - 1;
  EXPECT_LT(before, best - 2);
  EXPECT_NEAR(after, best, 0.15) << "seed " << kSeed;
}

}  // namespace
}  // namespace rookery
