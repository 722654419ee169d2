#include "models/gemm.h"

#include <algorithm>
#include <utility>

#include "common/check.h"

#ifdef ROOKERY_ONEDNN
#include <dnnl.h>
#include <omp.h>
#else
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>
#endif

namespace rookery {
namespace {

void ScaleRows(std::size_t m, std::size_t n, float beta, float* c, std::size_t ldc) {
  for (std::size_t row = 0; row < m; ++row) {
    float* out = c + row * ldc;
    if (beta == 0) {
      std::fill_n(out, n, 0.0F);
    } else {
      for (std::size_t i = 0; i < n; ++i) out[i] *= beta;
    }
  }
}

#ifdef ROOKERY_ONEDNN

// The OpenMP thread count is a setting of each thread; the first call of a thread makes it 1.
void UseOneOpenMpThread() {
  thread_local const bool done = [] {
    omp_set_num_threads(1);
    return true;
  }();
  (void)done;
}

void Multiply(bool transpose_a, bool transpose_b, std::size_t m, std::size_t n, std::size_t k,
              float alpha, const float* a, std::size_t lda, const float* b, std::size_t ldb,
              float beta, float* c, std::size_t ldc) {
  UseOneOpenMpThread();
  const auto size = [](std::size_t value) { return static_cast<dnnl_dim_t>(value); };
  const dnnl_status_t status =
      dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', size(m), size(n), size(k), alpha,
                 a, size(lda), b, size(ldb), beta, c, size(ldc));
  ROOKERY_CHECK(status == dnnl_success) << "dnnl_sgemm: status " << static_cast<int>(status);
}

#else

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<> >;
using MutableView = Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<> >;

void Multiply(bool transpose_a, bool transpose_b, std::size_t m, std::size_t n, std::size_t k,
              float alpha, const float* a, std::size_t lda, const float* b, std::size_t ldb,
              float beta, float* c, std::size_t ldc) {
  const auto view = [](const float* data, bool transposed, std::size_t rows, std::size_t columns,
                       std::size_t stride) {
    if (transposed) std::swap(rows, columns);
    return View(data, static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns),
                Eigen::OuterStride<>(static_cast<Eigen::Index>(stride)));
  };
  const View left = view(a, transpose_a, m, k, lda);
  const View right = view(b, transpose_b, k, n, ldb);
  MutableView out(c, static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(n),
                  Eigen::OuterStride<>(static_cast<Eigen::Index>(ldc)));
  if (beta != 1) ScaleRows(m, n, beta, c, ldc);
  if (transpose_a && transpose_b) {
    out.noalias() += alpha * left.transpose() * right.transpose();
  } else if (transpose_a) {
    out.noalias() += alpha * left.transpose() * right;
  } else if (transpose_b) {
    out.noalias() += alpha * left * right.transpose();
  } else {
    out.noalias() += alpha * left * right;
  }
}

#endif

}  // namespace

void Gemm(bool transpose_a, bool transpose_b, std::size_t m, std::size_t n, std::size_t k,
          float alpha, const float* a, std::size_t lda, const float* b, std::size_t ldb, float beta,
          float* c, std::size_t ldc) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    ScaleRows(m, n, beta, c, ldc);
    return;
  }
  Multiply(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

}  // namespace rookery
