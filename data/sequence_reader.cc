#include "data/sequence_reader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "common/hash.h"

namespace rookery {
namespace {

constexpr std::size_t kFeatures = 3;
constexpr std::size_t kSpareBatchesMax = 4;
constexpr std::size_t kExamplesMax = std::numeric_limits<std::uint32_t>::max();

// What both have in common: lines are read, made into examples, and given back.
class SequenceReader : public InputReader {
 public:
  explicit SequenceReader(std::unique_ptr<InputReader> lines) : lines_(std::move(lines)) {}

  StatusOr<RunResult> Read(const ChunkRun& run) final {
    ROOKERY_ASSIGN_OR_RETURN(RunResult result, lines_->Read(run));
    Batch lines = std::exchange(result.examples, TakeSpare());
    const Status made = Make(run, lines, &result.examples);
    lines_->Recycle(std::move(lines));
    if (!made.ok()) return made;
    return result;
  }
  void Recycle(Batch examples) final {
    if (spare_.size() < kSpareBatchesMax) spare_.push_back(std::move(examples));
  }

 protected:
  // `examples` is empty and has the features.
  virtual Status Make(const ChunkRun& run, const Batch& lines, Batch* examples) = 0;

 private:
  Batch TakeSpare() {
    Batch batch;
    if (!spare_.empty()) {
      batch = std::move(spare_.back());
      spare_.pop_back();
    }
    batch.features.resize(kFeatures);
    TruncateBatch(0, &batch);
    for (FeatureColumn& feature : batch.features) {
      feature.keys.clear();
      feature.offsets.clear();
      feature.weights.clear();
    }
    return batch;
  }

  const std::unique_ptr<InputReader> lines_;
  std::vector<Batch> spare_;
};

class PairReader final : public SequenceReader {
 public:
  PairReader(std::unique_ptr<InputReader> lines, const Catalog* catalog,
             const SequenceOptions& options, std::uint64_t seed)
      : SequenceReader(std::move(lines)), catalog_(*catalog), options_(options), seed_(seed) {}

 private:
  Status Make(const ChunkRun& run, const Batch& lines, Batch* examples) override {
    if (lines.features[1].keys.size() > kExamplesMax / options_.negatives) {
      return InvalidInput(
          "more than 2^32 - 1 examples in one piece of the input; set a smaller "
          "data.chunk_examples or data.shuffle_window");
    }
    const std::array<std::uint64_t, 5> name = {HashText("negatives"), run.file, run.first,
                                               run.stride, run.count};
    Random random(seed_, Purpose::kShuffle, run.epoch, HashBytes(std::as_bytes(std::span(name))));
    for (std::size_t line = 0; line < lines.examples; ++line)
      AddLine(lines, line, random, examples);
    examples->examples = examples->features[0].keys.size();
    examples->labels.assign(examples->examples, 1.0F);
    return OkStatus();
  }
  void AddLine(const Batch& lines, std::size_t line, Random& random, Batch* examples) const {
    const Key user = lines.features[0].keys[line];
    const FeatureColumn& items = lines.features[1];
    const std::span<const Catalog::Item> own = catalog_.TrainItems(user);
    const auto [begin, end] =
        PartOfLine(options_.split, SequenceSet::kTrain, items.End(line) - items.Begin(line));
    for (std::size_t i = items.Begin(line) + begin; i < items.Begin(line) + end; ++i) {
      for (std::uint32_t n = 0; n < options_.negatives; ++n) {
        const auto negative = DrawNegative(catalog_, options_.sampling, own, random);
        if (!negative) return;
        examples->features[kUserFeature].keys.push_back(user);
        examples->features[kItemFeature].keys.push_back(items.keys[i]);
        examples->features[kNegativeFeature].keys.push_back(catalog_.keys()[*negative]);
      }
    }
  }

  const Catalog& catalog_;
  const SequenceOptions options_;
  const std::uint64_t seed_;
};

class RankingReader final : public SequenceReader {
 public:
  RankingReader(std::unique_ptr<InputReader> lines, SequenceSplit split, SequenceSet set)
      : SequenceReader(std::move(lines)), split_(split), set_(set) {}

 private:
  Status Make(const ChunkRun& /*run*/, const Batch& lines, Batch* examples) override {
    FeatureColumn& wanted = examples->features[kItemFeature];
    wanted.offsets.push_back(0);
    const FeatureColumn& items = lines.features[1];
    for (std::size_t line = 0; line < lines.examples; ++line) {
      const auto [begin, end] = PartOfLine(split_, set_, items.End(line) - items.Begin(line));
      if (begin == end) continue;
      const Key* first = items.keys.data() + items.Begin(line);
      wanted.keys.insert(wanted.keys.end(), first + begin, first + end);
      wanted.offsets.push_back(static_cast<std::uint32_t>(wanted.keys.size()));
      examples->features[kUserFeature].keys.push_back(lines.features[0].keys[line]);
    }
    examples->examples = examples->features[kUserFeature].keys.size();
    examples->labels.assign(examples->examples, 1.0F);
    examples->features[kNegativeFeature].offsets.assign(examples->examples + 1, 0);
    return OkStatus();
  }

  const SequenceSplit split_;
  const SequenceSet set_;
};

}  // namespace

std::optional<Catalog::Item> DrawNegative(const Catalog& catalog, NegativeSampling sampling,
                                          std::span<const Catalog::Item> own, Random& random) {
  constexpr int kTries = 64;
  const std::size_t items = catalog.keys().size();
  if (own.size() >= items) return std::nullopt;
  const std::span<const Catalog::Item> popular = catalog.interactions();
  Catalog::Item drawn = 0;
  for (int i = 0; i < kTries; ++i) {
    drawn = sampling == NegativeSampling::kUniform
                ? static_cast<Catalog::Item>(random.NextBelow(items))
                : popular[random.NextBelow(popular.size())];
    if (!std::ranges::binary_search(own, drawn)) return drawn;
  }
  while (std::ranges::binary_search(own, drawn)) {
    drawn = static_cast<Catalog::Item>((drawn + 1) % items);
  }
  return drawn;
}

std::unique_ptr<InputReader> MakePairReader(std::unique_ptr<InputReader> lines,
                                            const Catalog* catalog, const SequenceOptions& options,
                                            std::uint64_t seed) {
  return std::make_unique<PairReader>(std::move(lines), catalog, options, seed);
}

std::unique_ptr<InputReader> MakeRankingReader(std::unique_ptr<InputReader> lines,
                                               SequenceSplit split, SequenceSet set) {
  return std::make_unique<RankingReader>(std::move(lines), split, set);
}

}  // namespace rookery
