#include "models/gemm_bf16.h"

#include <algorithm>
#include <vector>

#include "common/check.h"
#include "models/gemm.h"

#ifdef ROOKERY_ONEDNN
#include <omp.h>

#include <dnnl.hpp>
#endif

namespace rookery {
namespace {

// What C is and what is done to the sums before they are written.
enum class Output { kFloat, kBf16, kBf16BiasRelu };

void MultiplyInFloat(const GemmShape& shape, const Bf16* a, const Bf16* b, const float* bias,
                     Output output, void* c) {
  std::vector<float> left(shape.m * shape.k);
  std::vector<float> right(shape.k * shape.n);
  std::vector<float> product(output == Output::kFloat ? 0 : shape.m * shape.n);
  FromBf16(a, left.size(), left.data());
  FromBf16(b, right.size(), right.data());
  float* out = output == Output::kFloat ? static_cast<float*>(c) : product.data();
  Gemm(shape.transpose_a, shape.transpose_b, shape.m, shape.n, shape.k, 1, left.data(),
       shape.transpose_a ? shape.m : shape.k, right.data(), shape.transpose_b ? shape.k : shape.n,
       0, out, shape.n);
  if (output == Output::kFloat) return;
  if (output == Output::kBf16BiasRelu) {
    for (std::size_t i = 0; i < product.size(); ++i) {
      const float sum = product[i] + bias[i % shape.n];
      product[i] = sum < 0 ? 0 : sum;
    }
  }
  ToBf16(product.data(), product.size(), static_cast<Bf16*>(c));
}

#ifdef ROOKERY_ONEDNN

using dnnl::memory;

memory::desc Matrix(std::size_t rows, std::size_t columns, memory::data_type type,
                    bool transposed) {
  return {{static_cast<memory::dim>(rows), static_cast<memory::dim>(columns)},
          type,
          transposed ? memory::format_tag::ba : memory::format_tag::ab};
}

// One product, compiled for its shape.
class Product {
 public:
  Product(const dnnl::engine& engine, const GemmShape& shape, Output output)
      : shape_(shape), output_(output) {
    const auto bf16 = memory::data_type::bf16;
    const memory::desc a = Matrix(shape.m, shape.k, bf16, shape.transpose_a);
    const memory::desc b = Matrix(shape.k, shape.n, bf16, shape.transpose_b);
    const memory::desc c =
        Matrix(shape.m, shape.n, output == Output::kFloat ? memory::data_type::f32 : bf16, false);
    const memory::desc bias = Matrix(1, shape.n, memory::data_type::f32, false);
    dnnl::primitive_attr attributes;
    const bool biased = output == Output::kBf16BiasRelu;
    if (biased) {
      dnnl::post_ops relu;
      relu.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
      attributes.set_post_ops(relu);
    }
    const dnnl::matmul::desc what =
        biased ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
    primitive_ = dnnl::matmul(dnnl::matmul::primitive_desc(what, attributes, engine));
    a_ = memory(a, engine, nullptr);
    b_ = memory(b, engine, nullptr);
    c_ = memory(c, engine, nullptr);
    arguments_ = {{DNNL_ARG_SRC, a_}, {DNNL_ARG_WEIGHTS, b_}, {DNNL_ARG_DST, c_}};
    if (!biased) return;
    bias_ = memory(bias, engine, nullptr);
    arguments_.emplace(DNNL_ARG_BIAS, bias_);
  }

  [[nodiscard]] bool Is(const GemmShape& shape, Output output) const {
    return shape_ == shape && output_ == output;
  }

  void Run(dnnl::stream& stream, const Bf16* a, const Bf16* b, const float* bias, void* c) {
    a_.set_data_handle(const_cast<Bf16*>(a));
    b_.set_data_handle(const_cast<Bf16*>(b));
    if (output_ == Output::kBf16BiasRelu) bias_.set_data_handle(const_cast<float*>(bias));
    c_.set_data_handle(c);
    primitive_.execute(stream, arguments_);
  }

 private:
  GemmShape shape_;
  Output output_;
  dnnl::matmul primitive_;
  memory a_, b_, bias_, c_;
  std::unordered_map<int, memory> arguments_;  // handles of the same memories
};

// The products of one thread. A job has few shapes: those of its layers for a whole part and for
// the last part of an epoch.
class Products {
 public:
  Products() : engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) { omp_set_num_threads(1); }

  void Run(const GemmShape& shape, const Bf16* a, const Bf16* b, const float* bias, Output output,
           void* c) {
    const auto known = std::find_if(products_.begin(), products_.end(),
                                    [&](const Product& one) { return one.Is(shape, output); });
    if (known != products_.end()) return known->Run(stream_, a, b, bias, c);
    if (products_.size() == kProductsMax) products_.clear();
    products_.emplace_back(engine_, shape, output).Run(stream_, a, b, bias, c);
  }

 private:
  static constexpr std::size_t kProductsMax = 256;

  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Product> products_;
};

bool CpuMultipliesBf16() {
  static const bool fast = [] {
    // Each bit is a set of instructions; later CPUs have more bits.
    const auto has = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
    const auto wanted = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
    return (has & wanted) == wanted;
  }();
  return fast;
}

void Multiply(const GemmShape& shape, const Bf16* a, const Bf16* b, const float* bias,
              Output output, void* c) {
  if (!CpuMultipliesBf16()) return MultiplyInFloat(shape, a, b, bias, output, c);
  thread_local Products products;
  try {
    products.Run(shape, a, b, bias, output, c);
  } catch (const dnnl::error& error) {
    ROOKERY_CHECK(false) << "oneDNN, " << shape.m << " x " << shape.n << " x " << shape.k << ": "
                         << error.what();
  }
}

#else

void Multiply(const GemmShape& shape, const Bf16* a, const Bf16* b, const float* bias,
              Output output, void* c) {
  MultiplyInFloat(shape, a, b, bias, output, c);
}

#endif

}  // namespace

void GemmBf16(const GemmShape& shape, const Bf16* a, const Bf16* b, float* c) {
  if (shape.m == 0 || shape.n == 0) return;
  if (shape.k == 0) {
    std::fill_n(c, shape.m * shape.n, 0.0F);
    return;
  }
  Multiply(shape, a, b, nullptr, Output::kFloat, c);
}

void GemmBf16(const GemmShape& shape, const Bf16* a, const Bf16* b, Bf16* c) {
  ROOKERY_CHECK(shape.k > 0);
  if (shape.m == 0 || shape.n == 0) return;
  Multiply(shape, a, b, nullptr, Output::kBf16, c);
}

void GemmBf16BiasRelu(const GemmShape& shape, const Bf16* a, const Bf16* b, const float* bias,
                      Bf16* c) {
  ROOKERY_CHECK(shape.k > 0);
  if (shape.m == 0 || shape.n == 0) return;
  Multiply(shape, a, b, bias, Output::kBf16BiasRelu, c);
}

}  // namespace rookery
