#include "worker/dense_parameters.h"

#include <algorithm>

#include "common/check.h"

namespace rookery {

namespace {

// The sum is in the cache of whoever added it; pieces much smaller would cost more to hand out.
constexpr std::size_t kPieceFloats = std::size_t{64} << 10U;

}  // namespace

DenseParameters::DenseParameters(const DenseSpec& spec, std::vector<float> initial, bool on_server,
                                 ComputePool* pool)
    : on_server_(on_server), size_(spec.size()), pool_(*pool) {
  ROOKERY_CHECK(initial.size() == size_);
  if (on_server_) {
    copy_ = std::move(initial);
  } else {
    table_.emplace(spec, initial, 0, size_);
  }
}

std::span<const float> DenseParameters::values() const {
  return on_server_ ? std::span<const float>(copy_) : table_->weights();
}

std::span<float> DenseParameters::pull_target() {
  return on_server_ ? std::span<float>(copy_) : std::span<float>();
}

void DenseParameters::AddNoise(const GradientNoise& noise, Step step, std::span<float> sum) {
  if (!noise.on()) return;
  const std::size_t pieces = (size_ + kPieceFloats - 1) / kPieceFloats;
  pool_.Run(pieces, [&](std::size_t piece, std::size_t) {
    const std::size_t begin = piece * kPieceFloats;
    noise.AddToDense(step, begin, sum.subspan(begin, std::min(kPieceFloats, size_ - begin)));
  });
}

Status DenseParameters::Apply(std::span<float> sum, double examples) {
  ROOKERY_CHECK(!on_server_ && examples > 0);
  ++updates_;
  const auto scale = static_cast<float>(1.0 / examples);
  const std::size_t pieces = (size_ + kPieceFloats - 1) / kPieceFloats;
  const auto end_of = [this](std::size_t piece) {
    return std::min((piece + 1) * kPieceFloats, size_);
  };
  pool_.Run(pieces, [&](std::size_t piece, std::size_t) {
    for (std::size_t i = piece * kPieceFloats; i < end_of(piece); ++i) sum[i] *= scale;
  });
  ROOKERY_ASSIGN_OR_RETURN(const DenseTable::Step step, table_->Prepare(sum, updates_));
  pool_.Run(pieces, [&](std::size_t piece, std::size_t) {
    table_->ApplyRange(step, piece * kPieceFloats, end_of(piece));
  });
  return OkStatus();
}

DenseState DenseParameters::State() const {
  ROOKERY_CHECK(!on_server_);
  DenseState state;
  state.step = updates_;
  state.weights.assign(table_->weights().begin(), table_->weights().end());
  state.state.assign(table_->state().begin(), table_->state().end());
  return state;
}

Status DenseParameters::Restore(const DenseState& state) {
  if (state.weights.size() != size_) {
    return Corrupt("dense parameters: ", state.weights.size(), " floats, this model has ", size_);
  }
  if (on_server_) {
    copy_ = state.weights;
    return OkStatus();
  }
  ROOKERY_RETURN_IF_ERROR(table_->Restore(state.weights, state.state));
  updates_ = state.step;
  return OkStatus();
}

}  // namespace rookery
