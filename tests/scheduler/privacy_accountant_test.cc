// Against numbers of others: mpmath, and Google's dp-accounting 0.6.0 from PyPI.
#include "scheduler/privacy_accountant.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rookery {
namespace {

struct Renyi {
  double q, s, order, value;
};

// mpmath 1.3, mp.dps = 40:
//   f = lambda z: (1-q+q*exp((2*z-1)/(2*s*s)))**a * exp(-z*z/(2*s*s)) / (s*sqrt(2*pi))
//   log(quad(f, linspace(-15*s, a+15*s, 81))) / (a-1)
TEST(PrivacyAccountant, TheRenyiDivergenceIsThatOfTheIntegral) {
  for (const Renyi& of :
       {Renyi{0.01, 1.1, 1.5, 9.554528571874832e-5}, Renyi{0.01, 1.1, 7.3, 0.0005231749305823041},
        Renyi{0.01, 1.1, 32, 8.469416433675928}, Renyi{0.3, 0.7, 1.1, 0.1506662775104908},
        Renyi{0.05, 5, 20.5, 0.001085588293522004}, Renyi{0.5, 0.3, 3.7, 19.60568719701057},
        Renyi{0.001, 2, 256, 25.0651554846297}}) {
    EXPECT_NEAR(RenyiOfStep(of.q, of.s, of.order) / of.value, 1, 1e-8)
        << of.q << " " << of.s << " " << of.order;
  }
  EXPECT_EQ(RenyiOfStep(1, 2, 3), 3.0 / 8) << "without sampling: order / (2 s^2)";
}

TEST(PrivacyAccountant, TheSumAndTheIntegralMeet) {
  for (const double s : {0.3, 1.0, 6.0}) {
    for (const double order : {2.0, 3.0, 10.0}) {
      const double beside = RenyiOfStep(0.1, s, order + 1e-9);
      EXPECT_NEAR(RenyiOfStep(0.1, s, order) / beside, 1, 1e-6) << s << " " << order;
    }
  }
}

struct Case {
  PrivacySpending spent;
  double epsilon;
  double tolerance;
};

// from dp_accounting import *
// orders = [1 + x / 10 for x in range(1, 100)] + list(range(11, 64)) + [128, 256, 512, 1024]
// a = rdp.RdpAccountant(orders)
// a.compose(PoissonSampledDpEvent(q, GaussianDpEvent(s)), steps); a.get_epsilon(delta)
// Where the best order is a fraction, its series is cut off early: ours is a little smaller.
TEST(PrivacyAccountant, AgreesWithDpAccounting) {
  constexpr double kExact = 1e-9;
  for (const Case& of : {Case{{1, 1, 1e-5, 1}, 4.728507067217623, kExact},
                         Case{{1, 4, 1e-6, 50}, 10.089443168745937, kExact},
                         Case{{1e-4, 0.8, 1e-7, 100'000}, 1.2997511498394678, kExact},
                         Case{{0.02, 3, 1e-5, 500}, 0.6155342352888358, kExact},
                         Case{{1e-6, 1, 1e-9, 1'000'000}, 0.6325791305583988, kExact},
                         Case{{0.03, 20, 1e-5, 100}, 0.04887242199433057, kExact},
                         Case{{0.01, 1.1, 1e-5, 10'000}, 5.632010670081592, 2e-5},
                         Case{{0.001, 0.5, 1e-5, 3000}, 5.070225036671139, 2e-4},
                         Case{{0.125, 2, 1e-5, 240}, 5.19928918987252, 5e-4},
                         Case{{0.0042, 0.6, 1e-6, 16'000}, 14.058353426783988, 4e-2},
                         Case{{0.25, 0.4, 1e-5, 10}, 35.511149615787815, 2e-2}}) {
    const double epsilon = EpsilonOf(of.spent);
    EXPECT_LT(epsilon, of.epsilon + kExact) << of.spent.sampling_rate;
    EXPECT_GT(epsilon, of.epsilon - of.tolerance) << of.spent.sampling_rate;
  }
}

// The same with mpmath's integral for the orders below 12.
TEST(PrivacyAccountant, TheBestFractionIsExact) {
  EXPECT_NEAR(EpsilonOf({0.01, 1.1, 1e-5, 10'000}), 5.6319923686818, 1e-9);
  EXPECT_NEAR(EpsilonOf({0.125, 2, 1e-5, 240}), 5.1988510985049, 1e-9);
  EXPECT_NEAR(EpsilonOf({0.0042, 0.6, 1e-6, 16'000}), 14.021116508828, 1e-9);
}

// pld.PLDAccountant of dp-accounting, which knows the whole distribution: no bound is below it.
TEST(PrivacyAccountant, NeverStatesLessThanWhatIsSpent) {
  EXPECT_GT(EpsilonOf({0.01, 1.1, 1e-5, 10'000}), 5.192620123878041);
  EXPECT_GT(EpsilonOf({1, 4, 1e-6, 50}), 9.482191575548587);
  EXPECT_GT(EpsilonOf({0.02, 3, 1e-5, 500}), 0.558209481775404);
  EXPECT_GT(EpsilonOf({0.5, 10, 1e-5, 100}), 2.0152671504955064);
  EXPECT_GT(EpsilonOf({0.25, 0.4, 1e-5, 10}), 31.501352247600135);
}

TEST(PrivacyAccountant, Ends) {
  EXPECT_EQ(EpsilonOf({0.01, 1, 1e-5, 0}), 0);
  EXPECT_EQ(EpsilonOf({0, 1, 1e-5, 10}), 0);
  EXPECT_TRUE(std::isinf(EpsilonOf({0.01, 0, 1e-5, 1})));
  EXPECT_GT(EpsilonOf({0.01, 0.01, 1e-5, 1}), 100);
  EXPECT_TRUE(std::isfinite(EpsilonOf({0.01, 0.01, 1e-5, 1})));
}

TEST(PrivacyAccountant, MoreOfEverythingCostsMore) {
  const double base = EpsilonOf({0.01, 1, 1e-5, 1000});
  EXPECT_GT(EpsilonOf({0.011, 1, 1e-5, 1000}), base);
  EXPECT_GT(EpsilonOf({0.01, 0.9, 1e-5, 1000}), base);
  EXPECT_GT(EpsilonOf({0.01, 1, 1e-6, 1000}), base);
  EXPECT_GT(EpsilonOf({0.01, 1, 1e-5, 1001}), base);
}

}  // namespace
}  // namespace rookery
