// State layout: state_[k * size + i] is the k-th state of weight i, size = end - begin.
#include "ps/dense_table.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "common/check.h"
#include "ps/gradient_adjust.h"
#include "ps/updaters/gradient_front.h"

namespace rookery {
namespace {

constexpr std::size_t kChunkFloats = 1024;
constexpr std::size_t kStatesMax = 2;

// Dense parameters move in every step, so there is nothing to catch up.
UpdaterSpec WithoutCatchUp(UpdaterSpec spec) {
  spec.catch_up = false;
  return spec;
}

bool IsBias(const DenseBlockSpec& block) {
  return std::string_view(block.name).ends_with(".bias");
}

// The part of `block` that lies in [begin, end), counted from `begin`.
struct Part {
  std::size_t first;
  std::size_t size;
};
Part PartOf(const DenseBlockSpec& block, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t from = std::clamp(block.offset, begin, end);
  const std::uint64_t to = std::clamp(block.offset + block.size(), begin, end);
  return {from - begin, to - from};
}

}  // namespace

DenseTable::DenseTable(const DenseSpec& spec, std::span<const float> initial, std::uint64_t begin,
                       std::uint64_t end)
    : spec_(spec), begin_(begin), end_(end), updater_(MakeUpdater(WithoutCatchUp(spec.updater))) {
  ROOKERY_CHECK(begin <= end && end <= spec.size() && initial.size() == spec.size());
  ROOKERY_CHECK(!updater_->trusts_blocks() || end - begin == spec.size())
      << UpdaterName(spec.updater.kind) << " needs whole blocks";
  const auto own = initial.subspan(begin, end - begin);
  weights_.assign(own.begin(), own.end());
  const std::size_t states = updater_->StateFloats(1);
  ROOKERY_CHECK(states <= kStatesMax);
  std::array<float, kStatesMax> first{};
  if (states > 0) updater_->InitState(std::span(first).first(states));
  for (std::size_t k = 0; k < states; ++k) state_.insert(state_.end(), weights_.size(), first[k]);
}

DenseTable::~DenseTable() = default;

void DenseTable::SetStart(std::span<const float> initial) {
  ROOKERY_CHECK(initial.size() == spec_.size());
  const auto own = initial.subspan(begin_, end_ - begin_);
  weights_.assign(own.begin(), own.end());
}

Status DenseTable::CheckGradients(std::span<const float> gradients) const {
  if (Acceptable(gradients)) return OkStatus();
  const std::size_t bad = FirstUnacceptable(gradients);
  for (const DenseBlockSpec& block : spec_.blocks) {
    const Part part = PartOf(block, begin_, end_);
    if (bad < part.first || bad >= part.first + part.size) continue;
    return Corrupt("dense block '", block.name, "': gradient element ", begin_ + bad - block.offset,
                   " is ", gradients[bad]);
  }
  return Corrupt("dense gradient element ", begin_ + bad, " is ", gradients[bad]);
}

// Over the parameters of this segment; statistics are not clipped.
float DenseTable::ClipScale(std::span<const float> gradients) const {
  const GradientFront front(spec_.updater, false);
  if (!front.needs_norm()) return 1.0F;
  double sum = 0;
  for (const DenseBlockSpec& block : spec_.blocks) {
    if (block.statistic_rate > 0) continue;
    const Part part = PartOf(block, begin_, end_);
    sum += front.SquaredNormOf(gradients.data() + part.first, part.size);
  }
  return front.ScaleFor(sum);
}

template <class Use>
void DenseTable::ForRuns(const Step& step, std::size_t first, std::size_t size, bool regularize,
                         const Use& use) {
  const GradientFront front(spec_.updater, spec_.updater.kind != UpdaterKind::kFtrl);
  const float l2 = regularize ? front.l2() : 0;
  const bool direct = !front.clips() && l2 == 0;
  const std::size_t at_once = direct ? size : kChunkFloats;
  std::array<float, kChunkFloats> scratch;
  for (std::size_t done = 0; done < size; done += at_once) {
    const std::size_t at = first + done;
    const std::size_t count = std::min(at_once, size - done);
    const float* g = step.gradients.data() + at;
    if (!direct) {
      front.Write(weights_.data() + at, g, count, step.scale, l2, scratch.data());
      g = scratch.data();
    }
    std::array<float*, kStatesMax> state{};
    for (std::size_t k = 0; k < updater_->StateFloats(1); ++k) {
      state[k] = state_.data() + k * weights_.size() + at;
    }
    use(Updater::DenseRun{weights_.data() + at, state.data(), g, count, regularize});
  }
}

Status DenseTable::Apply(std::span<const float> gradients, UpdateStep at) {
  ROOKERY_ASSIGN_OR_RETURN(const Step step, Prepare(gradients, at));
  ApplyRange(step, 0, weights_.size());
  return OkStatus();
}

StatusOr<DenseTable::Step> DenseTable::Prepare(std::span<const float> gradients, UpdateStep at) {
  ROOKERY_CHECK(gradients.size() == weights_.size());
  ROOKERY_RETURN_IF_ERROR(CheckGradients(gradients));
  Step step{gradients, at, ClipScale(gradients), {}};
  if (updater_->trusts_blocks()) step.trust = TrustOfBlocks(step);
  return step;
}

std::vector<float> DenseTable::TrustOfBlocks(const Step& step) {
  std::vector<float> trust;
  for (const DenseBlockSpec& block : spec_.blocks) {
    trust.push_back(1);
    if (block.statistic_rate > 0 || IsBias(block)) continue;
    Updater::BlockNorms norms;
    ForRuns(step, block.offset, block.size(), true, [&](const Updater::DenseRun& run) {
      const Updater::BlockNorms more = updater_->NormsOf(run, step.at);
      norms.weights += more.weights;
      norms.update += more.update;
    });
    trust.back() = updater_->TrustOf(norms);
  }
  return trust;
}

void DenseTable::ApplyRange(const Step& step, std::uint64_t first, std::uint64_t last) {
  ROOKERY_CHECK(first <= last && last <= weights_.size());
  for (std::size_t b = 0; b < spec_.blocks.size(); ++b) {
    const DenseBlockSpec& block = spec_.blocks[b];
    const Part part = PartOf(block, begin_ + first, begin_ + last);
    if (part.size == 0) continue;
    const std::size_t at = first + part.first;
    if (block.statistic_rate > 0) {
      for (std::size_t i = at; i < at + part.size; ++i) {
        weights_[i] -= block.statistic_rate * step.gradients[i];
      }
    } else {
      ForRuns(step, at, part.size, !IsBias(block), [&](Updater::DenseRun run) {
        if (!step.trust.empty()) run.trust = step.trust[b];
        updater_->ApplyDense(run, step.at);
      });
    }
  }
}

void DenseTable::Compensate(float lambda, std::span<const float> pulled,
                            std::span<float> gradients) const {
  ROOKERY_CHECK(pulled.size() == weights_.size() && gradients.size() == weights_.size());
  for (const DenseBlockSpec& block : spec_.blocks) {
    if (block.statistic_rate > 0) continue;
    const Part part = PartOf(block, begin_, end_);
    CompensateDelay(lambda, weights_.data() + part.first, pulled.data() + part.first,
                    gradients.subspan(part.first, part.size));
  }
}

Status DenseTable::Restore(std::span<const float> weights, std::span<const float> state) {
  if (weights.size() != weights_.size() || state.size() != state_.size()) {
    return Corrupt("dense parameters: ", weights.size(), " weights and ", state.size(),
                   " floats of state, this job has ", weights_.size(), " and ", state_.size());
  }
  std::copy(weights.begin(), weights.end(), weights_.begin());
  std::copy(state.begin(), state.end(), state_.begin());
  return OkStatus();
}

}  // namespace rookery
