#include "models/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <thread>
#include <vector>

#include "common/random.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

Floats Draw(Random& random, std::size_t count) {
  Floats values(count);
  for (float& v : values) v = random.NextFloat() - 0.5F;
  return values;
}

struct Shape {
  std::size_t m, n, k;
};

TEST(Gemm, AgreesWithAPlainLoop) {
  Random random(11, Purpose::kTest);
  for (const Shape s :
       {Shape{1, 1, 1}, {3, 2, 5}, {8, 9, 7}, {63, 64, 65}, {65, 1, 33}, {1, 40, 9}}) {
    for (int variant = 0; variant < 8; ++variant) {
      const bool ta = (variant & 1) != 0, tb = (variant & 2) != 0;
      const float beta = (variant & 4) != 0 ? 0.5F : 0.0F;
      // Rows are longer than needed, to catch a mixed up stride.
      const std::size_t lda = (ta ? s.m : s.k) + 3, ldb = (tb ? s.k : s.n) + 1, ldc = s.n + 2;
      const Floats a = Draw(random, (ta ? s.k : s.m) * lda);
      const Floats b = Draw(random, (tb ? s.n : s.k) * ldb);
      Floats c = Draw(random, s.m * ldc);
      const Floats before = c;
      // A NaN in C must not survive beta = 0.
      if (beta == 0) c[0] = NAN;
      Gemm(ta, tb, s.m, s.n, s.k, 2, a.data(), lda, b.data(), ldb, beta, c.data(), ldc);
      for (std::size_t i = 0; i < s.m; ++i) {
        for (std::size_t j = 0; j < ldc; ++j) {
          double want = before[i * ldc + j];
          if (j < s.n) {
            double sum = 0;
            for (std::size_t p = 0; p < s.k; ++p) {
              sum += static_cast<double>(a[ta ? p * lda + i : i * lda + p]) *
                     b[tb ? j * ldb + p : p * ldb + j];
            }
            want = 2 * sum + (beta == 0 ? 0 : beta * want);
          }
          ASSERT_NEAR(c[i * ldc + j], want, 1e-5) << s.m << "x" << s.n << "x" << s.k << " variant "
                                                  << variant << " at " << i << "," << j;
        }
      }
    }
  }
}

TEST(Gemm, EmptySums) {
  Floats c = {1, 2, 3, 4};
  Gemm(false, false, 2, 2, 0, 1, nullptr, 1, nullptr, 2, 0.5F, c.data(), 2);
  EXPECT_EQ(c, (Floats{0.5, 1, 1.5, 2}));
  Gemm(false, false, 2, 2, 0, 1, nullptr, 1, nullptr, 2, 0, c.data(), 2);
  EXPECT_EQ(c, (Floats{0, 0, 0, 0}));
  Gemm(false, false, 0, 2, 2, 1, nullptr, 1, nullptr, 2, 0, c.data(), 2);
}

// Threads at once, matrices at different alignments: the same bits.
TEST(Gemm, EveryThreadGetsTheSameBits) {
  for (const Shape s : {Shape{256, 400, 429}, {429, 400, 256}, {17, 13, 11}}) {
    Random random(12, Purpose::kTest);
    const Floats a = Draw(random, s.m * s.k);
    const Floats b = Draw(random, s.k * s.n);
    std::vector<Floats> results(4, Floats(s.m * s.n));
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < results.size(); ++t) {
      threads.emplace_back([&, t] {
        Floats own_a(a.size() + 16), own_b(b.size() + 16);
        std::copy(a.begin(), a.end(), own_a.begin() + static_cast<std::ptrdiff_t>(t * 3));
        std::copy(b.begin(), b.end(), own_b.begin() + static_cast<std::ptrdiff_t>(t * 5));
        for (int repeat = 0; repeat < 3; ++repeat) {
          Gemm(false, false, s.m, s.n, s.k, 1, own_a.data() + t * 3, s.k, own_b.data() + t * 5, s.n,
               0, results[t].data(), s.n);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t t = 1; t < results.size(); ++t) {
      EXPECT_EQ(std::memcmp(results[t].data(), results[0].data(), s.m * s.n * sizeof(float)), 0)
          << "thread " << t << ", m " << s.m;
    }
  }
}

}  // namespace
}  // namespace rookery
