// n += mean(g^2) over the row; w -= lr g / (sqrt(n) + epsilon); one n a row. On dense parameters
// every element is a row of its own, which is adagrad.
#include <array>
#include <cmath>

#include "ps/updaters/rules.h"

namespace rookery {
namespace {

class RowwiseAdagrad final : public Updater {
 public:
  explicit RowwiseAdagrad(const UpdaterSpec& spec)
      : spec_(spec), front_(spec, true), dense_(MakeAdagrad(spec)) {}

  [[nodiscard]] std::size_t StateFloats(std::size_t /*dim*/) const override { return 1; }
  void InitState(std::span<float> state) const override { state[0] = spec_.initial_accumulator; }
  void Apply(std::span<float* const> rows, std::span<const float> gradients, std::size_t dim,
             UpdateStep step) const override {
    const float rate = RateAt(spec_.learning_rate, step);
    std::array<float, kDimMax> scratch;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      float* const row = rows[i];
      UpdateRow(row, front_.Prepare(row, gradients.data() + i * dim, dim, scratch.data()), dim,
                rate);
    }
  }
  void CatchUp(std::span<float* const> /*rows*/, std::size_t /*dim*/,
               std::uint64_t /*t*/) const override {}
  [[nodiscard]] bool catches_up() const override { return false; }
  void ApplyDense(const DenseRun& run, UpdateStep step) const override {
    dense_->ApplyDense(run, step);
  }

 private:
  void UpdateRow(float* __restrict row, const float* __restrict g, std::size_t dim,
                 float rate) const {
    float& sum = row[dim];
    sum += static_cast<float>(SquaredNorm(g, dim) / static_cast<double>(dim));
    const float divisor = std::sqrt(sum) + spec_.epsilon;
    for (std::size_t i = 0; i < dim; ++i) row[i] -= rate * g[i] / divisor;
  }

  const UpdaterSpec spec_;
  const GradientFront front_;
  const std::unique_ptr<Updater> dense_;
};

}  // namespace

std::unique_ptr<Updater> MakeRowwiseAdagrad(const UpdaterSpec& spec) {
  return std::make_unique<RowwiseAdagrad>(spec);
}

}  // namespace rookery
