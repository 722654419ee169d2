#include "worker/example_clipper.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "common/check.h"
#include "common/sum_squares.h"

namespace rookery {

ExampleClipper::ExampleClipper(const Model* model, double clip_norm, std::size_t threads)
    : model_(*model), clip_norm_(clip_norm), tables_(model->tables().size()), threads_(threads) {
  std::size_t floats = 0;
  for (const DenseBlockSpec& block : model->dense_blocks()) floats += block.size();
  std::size_t dim = 0;
  for (const ModelTable& table : model->tables()) dim = std::max<std::size_t>(dim, table.dim);
  for (Thread& thread : threads_) {
    thread.dense.resize(floats);
    thread.row.resize(dim);
  }
}

void ExampleClipper::Begin(const PreparedSlice& slice) {
  batch_ = &slice.batch;
  for (std::size_t t = 0; t < tables_.size(); ++t) List(slice, t);
}

// A stable sort of the rows' occurrences by example, so an example's rows ascend.
void ExampleClipper::List(const PreparedSlice& slice, std::size_t t) {
  const OccurrenceIndex& index = slice.plan.occurrences[t];
  ByExample& to = tables_[t];
  to.offsets.assign(slice.batch.examples + 1, 0);
  to.occurrences.resize(index.entries.size());
  owners_.resize(index.entries.size());
  for (std::size_t i = 0; i < owners_.size(); ++i) {
    const std::optional<StepPlanner::Owner> owner =
        StepPlanner::OwnerOf(model_.tables()[t], slice.batch, index.entries[i].vector);
    ROOKERY_CHECK(owner.has_value()) << "no catalog with clip_norm: launch/job_privacy.cc";
    owners_[i] = owner->example;
    ++to.offsets[owners_[i]];
  }
  std::exclusive_scan(to.offsets.begin(), to.offsets.end(), to.offsets.begin(), 0U);
  for (std::uint32_t row = 0; row + 1 < index.offsets.size(); ++row) {
    for (std::uint32_t i = index.offsets[row]; i < index.offsets[row + 1]; ++i) {
      const OccurrenceIndex::Entry& entry = index.entries[i];
      to.occurrences[to.offsets[owners_[i]]++] = {row, entry.vector, entry.weight};
    }
  }
  // Now offsets[b] is where example b + 1 begins.
  std::copy_backward(to.offsets.begin(), to.offsets.end() - 1, to.offsets.end());
  to.offsets[0] = 0;
}

double ExampleClipper::SquaredNormOfRows(std::size_t t, std::size_t example,
                                         std::span<const float> vectors, Thread* thread) const {
  const std::size_t dim = model_.tables()[t].dim;
  const ByExample& from = tables_[t];
  const std::uint32_t end = from.offsets[example + 1];
  double sum = 0;
  for (std::uint32_t i = from.offsets[example]; i < end;) {
    const std::uint32_t row = from.occurrences[i].row;
    std::fill_n(thread->row.begin(), dim, 0.0);
    for (; i < end && from.occurrences[i].row == row; ++i) {
      const float* gradient = vectors.data() + from.occurrences[i].vector * dim;
      const double weight = from.occurrences[i].weight;
      for (std::size_t d = 0; d < dim; ++d) thread->row[d] += weight * gradient[d];
    }
    sum += SumSquares(dim, [&](std::size_t d) { return thread->row[d]; });
  }
  return sum;
}

void ExampleClipper::Scale(std::size_t example, float scale,
                           const ModelGradients& gradients) const {
  const auto multiply = [scale](float* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) values[i] = scale == 0 ? 0.0F : values[i] * scale;
  };
  std::size_t s = 0;
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    const ModelTable& table = model_.tables()[t];
    multiply(gradients.embeddings[t], table.features.size() * table.dim);
    for (const std::uint32_t sequence : table.sequences) {
      const FeatureColumn& column = batch_->features[sequence];
      multiply(gradients.sequences[s++], (column.End(example) - column.Begin(example)) * table.dim);
    }
  }
}

bool ExampleClipper::Clip(std::size_t example, std::size_t thread,
                          std::span<const std::vector<float>> vectors,
                          const ModelGradients& gradients, std::span<float> dense_sum) {
  const float* dense = gradients.dense;
  double squares =
      SumSquares(dense_sum.size(), [dense](std::size_t i) { return double{dense[i]}; });
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    squares += SquaredNormOfRows(t, example, vectors[t], &threads_[thread]);
  }
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm)) {
    Scale(example, 0, gradients);
    return false;
  }
  const auto scale = norm > clip_norm_ ? static_cast<float>(clip_norm_ / norm) : 1.0F;
  if (scale != 1) Scale(example, scale, gradients);
  for (std::size_t i = 0; i < dense_sum.size(); ++i) dense_sum[i] += scale * dense[i];
  return true;
}

}  // namespace rookery
