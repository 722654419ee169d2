#include "data/thinned_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/hash.h"
#include "common/random.h"

namespace rookery {
namespace {

class ThinnedReader final : public InputReader {
 public:
  ThinnedReader(std::unique_ptr<InputReader> source, Thinning thinning, std::uint64_t seed)
      : source_(std::move(source)), thinning_(std::move(thinning)), seed_(seed) {}

  StatusOr<RunResult> Read(const ChunkRun& run) override {
    ROOKERY_ASSIGN_OR_RETURN(RunResult result, source_->Read(run));
    const std::array<std::uint64_t, 5> name = {HashText("thinning"), run.file, run.first,
                                               run.stride, run.count};
    Random random(seed_, Purpose::kShuffle, run.epoch, HashBytes(std::as_bytes(std::span(name))));
    if (thinning_.negative_keep < 1) DropNegatives(random, &result.examples);
    for (std::size_t f = 0; f < thinning_.dropout.size(); ++f) {
      if (thinning_.dropout[f] > 0) DropKeys(thinning_.dropout[f], f, random, &result.examples);
    }
    return result;
  }
  void Recycle(Batch examples) override { source_->Recycle(std::move(examples)); }

 private:
  void DropNegatives(Random& random, Batch* batch) {
    kept_.clear();
    if (batch->weights.empty()) batch->weights.assign(batch->examples, 1.0F);
    for (std::uint32_t i = 0; i < batch->examples; ++i) {
      const bool negative = batch->labels[i * batch->label_width] == 0;
      const bool keep = random.NextFloat() < thinning_.negative_keep;
      if (negative && !keep) continue;
      if (negative) batch->weights[i] /= thinning_.negative_keep;
      kept_.push_back(i);
    }
    ReorderRows(kept_.data(), kept_.size(), batch, &scratch_);
  }
  static void DropKeys(float probability, std::size_t index, Random& random, Batch* batch) {
    FeatureColumn& feature = batch->features[index];
    if (feature.weights.empty()) feature.weights.assign(feature.keys.size(), 1.0F);
    for (std::size_t i = 0; i < batch->examples; ++i) {
      if (random.NextFloat() >= probability) continue;
      std::fill(feature.weights.begin() + static_cast<std::ptrdiff_t>(feature.Begin(i)),
                feature.weights.begin() + static_cast<std::ptrdiff_t>(feature.End(i)), 0.0F);
    }
  }

  const std::unique_ptr<InputReader> source_;
  const Thinning thinning_;
  const std::uint64_t seed_;
  std::vector<std::uint32_t> kept_;
  Batch scratch_;
};

}  // namespace

bool Thinning::any() const {
  return negative_keep < 1 || std::ranges::any_of(dropout, [](float p) { return p > 0; });
}

Thinning ThinningOf(const Schema& schema, float negative_keep) {
  Thinning thinning;
  thinning.negative_keep = negative_keep;
  for (const Feature& feature : LayoutOf(schema).features) {
    thinning.dropout.push_back(feature.dropout);
  }
  return thinning;
}

std::unique_ptr<InputReader> MakeThinnedReader(std::unique_ptr<InputReader> source,
                                               Thinning thinning, std::uint64_t seed) {
  if (!thinning.any()) return source;
  return std::make_unique<ThinnedReader>(std::move(source), std::move(thinning), seed);
}

}  // namespace rookery
