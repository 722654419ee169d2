#include "data/sequence_reader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "common/hash.h"

namespace rookery {
namespace {

constexpr std::size_t kSpareBatchesMax = 4;
constexpr std::size_t kExamplesMax = std::numeric_limits<std::uint32_t>::max();

// What both have in common: lines are read, made into examples, and given back.
class SequenceReader : public InputReader {
 public:
  SequenceReader(std::unique_ptr<InputReader> lines, SequenceExamples examples)
      : lines_(std::move(lines)), features_(examples == SequenceExamples::kNextItem ? 4 : 3) {}

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
    batch.features.resize(features_);
    TruncateBatch(0, &batch);
    for (FeatureColumn& feature : batch.features) {
      feature.keys.clear();
      feature.offsets.clear();
      feature.weights.clear();
    }
    return batch;
  }

  const std::unique_ptr<InputReader> lines_;
  const std::size_t features_;
  std::vector<Batch> spare_;
};

void EndList(FeatureColumn* feature) {
  feature->offsets.push_back(static_cast<std::uint32_t>(feature->keys.size()));
}

class TrainingReader final : public SequenceReader {
 public:
  TrainingReader(std::unique_ptr<InputReader> lines, const Catalog* catalog,
                 const SequenceOptions& options, std::uint64_t seed)
      : SequenceReader(std::move(lines), options.examples),
        catalog_(*catalog),
        options_(options),
        seed_(seed) {}

 private:
  Status Make(const ChunkRun& run, const Batch& lines, Batch* examples) override {
    if (lines.features[1].keys.size() > kExamplesMax / std::max(options_.negatives, 1U)) {
      return InvalidInput(
          "more than 2^32 - 1 examples in one piece of the input; set a smaller "
          "data.chunk_examples or data.shuffle_window");
    }
    const std::array<std::uint64_t, 5> name = {HashText("negatives"), run.file, run.first,
                                               run.stride, run.count};
    Random random(seed_, Purpose::kShuffle, run.epoch, HashBytes(std::as_bytes(std::span(name))));
    const bool lists = options_.examples == SequenceExamples::kNextItem;
    for (std::size_t f = kItemFeature; lists && f < examples->features.size(); ++f) {
      EndList(&examples->features[f]);
    }
    for (std::size_t line = 0; line < lines.examples; ++line) {
      const Key user = lines.features[0].keys[line];
      const bool has_all = catalog_.TrainItems(user).size() >= catalog_.keys().size();
      if (has_all && options_.negatives > 0) continue;
      const FeatureColumn& column = lines.features[1];
      const auto [begin, end] =
          PartOfLine(options_.split, SequenceSet::kTrain, column.End(line) - column.Begin(line));
      const std::span<const Key> items(column.keys.data() + column.Begin(line) + begin,
                                       end - begin);
      lists ? AddList(user, items, random, examples) : AddPairs(user, items, random, examples);
    }
    examples->examples = examples->features[kUserFeature].keys.size();
    examples->labels.assign(examples->examples, 1.0F);
    return OkStatus();
  }
  void AddPairs(Key user, std::span<const Key> items, Random& random, Batch* examples) const {
    for (const Key item : items) {
      for (std::uint32_t n = 0; n < options_.negatives; ++n) {
        examples->features[kUserFeature].keys.push_back(user);
        examples->features[kItemFeature].keys.push_back(item);
        AddNegative(user, random, examples);
        if (options_.item_counts) examples->weights.push_back(CountOf(item));
      }
    }
  }
  [[nodiscard]] float CountOf(Key item) const {
    return static_cast<float>(catalog_.users_of()[*catalog_.Find(item)]);
  }
  void AddList(Key user, std::span<const Key> items, Random& random, Batch* examples) const {
    if (items.size() < 2) return;
    const auto [begin, end] = KeptOf(options_, items.size() - 1);
    for (std::size_t i = begin; i < end; ++i) {
      examples->features[kHistoryFeature].keys.push_back(items[i]);
      examples->features[kItemFeature].keys.push_back(items[i + 1]);
      for (std::uint32_t n = 0; n < options_.negatives; ++n) AddNegative(user, random, examples);
    }
    examples->features[kUserFeature].keys.push_back(user);
    for (const std::size_t f : {kItemFeature, kNegativeFeature, kHistoryFeature}) {
      EndList(&examples->features[f]);
    }
  }
  // REQUIRES: there is an item that the user does not have.
  void AddNegative(Key user, Random& random, Batch* examples) const {
    const auto drawn = DrawNegative(catalog_, options_.sampling, catalog_.TrainItems(user), random);
    examples->features[kNegativeFeature].keys.push_back(catalog_.keys()[*drawn]);
  }

  const Catalog& catalog_;
  const SequenceOptions options_;
  const std::uint64_t seed_;
};

class RankingReader final : public SequenceReader {
 public:
  RankingReader(std::unique_ptr<InputReader> lines, const Catalog* catalog,
                const SequenceOptions& options, SequenceSet set)
      : SequenceReader(std::move(lines), options.examples),
        catalog_(*catalog),
        options_(options),
        set_(set) {}

 private:
  Status Make(const ChunkRun& /*run*/, const Batch& lines, Batch* examples) override {
    const bool histories = options_.examples == SequenceExamples::kNextItem;
    FeatureColumn& wanted = examples->features[kItemFeature];
    EndList(&wanted);
    if (histories) EndList(&examples->features[kHistoryFeature]);
    const FeatureColumn& items = lines.features[1];
    for (std::size_t line = 0; line < lines.examples; ++line) {
      const auto [begin, end] =
          PartOfLine(options_.split, set_, items.End(line) - items.Begin(line));
      if (begin == end) continue;
      const Key* first = items.keys.data() + items.Begin(line);
      const Key user = lines.features[0].keys[line];
      wanted.keys.insert(wanted.keys.end(), first + begin, first + end);
      EndList(&wanted);
      examples->features[kUserFeature].keys.push_back(user);
      if (histories) AddHistory(user, {first, begin}, &examples->features[kHistoryFeature]);
    }
    examples->examples = examples->features[kUserFeature].keys.size();
    examples->labels.assign(examples->examples, 1.0F);
    examples->features[kNegativeFeature].offsets.assign(examples->examples + 1, 0);
    return OkStatus();
  }
  // `before`: the items of the line before those of the set.
  void AddHistory(Key user, std::span<const Key> before, FeatureColumn* history) {
    known_.assign(before.begin(), before.end());
    if (options_.split == SequenceSplit::kNone) {
      for (const Catalog::Item item : catalog_.TrainOrder(user)) {
        known_.push_back(catalog_.keys()[item]);
      }
    }
    if (options_.split == SequenceSplit::kNone && set_ == SequenceSet::kTest) {
      for (const Catalog::Item item : catalog_.ValidOrder(user)) {
        known_.push_back(catalog_.keys()[item]);
      }
    }
    const auto [begin, end] = KeptOf(options_, known_.size());
    history->keys.insert(history->keys.end(), known_.data() + begin, known_.data() + end);
    EndList(history);
  }

  const Catalog& catalog_;
  const SequenceOptions options_;
  const SequenceSet set_;
  std::vector<Key> known_;
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

std::unique_ptr<InputReader> MakeTrainingReader(std::unique_ptr<InputReader> lines,
                                                const Catalog* catalog,
                                                const SequenceOptions& options,
                                                std::uint64_t seed) {
  return std::make_unique<TrainingReader>(std::move(lines), catalog, options, seed);
}

std::unique_ptr<InputReader> MakeRankingReader(std::unique_ptr<InputReader> lines,
                                               const Catalog* catalog,
                                               const SequenceOptions& options, SequenceSet set) {
  return std::make_unique<RankingReader>(std::move(lines), catalog, options, set);
}

std::unique_ptr<InputReader> MakeSetReader(std::unique_ptr<InputReader> lines,
                                           const Catalog* catalog, const SequenceOptions& options,
                                           std::uint64_t seed, SequenceSet set) {
  if (set != SequenceSet::kTrain) return MakeRankingReader(std::move(lines), catalog, options, set);
  return MakeTrainingReader(std::move(lines), catalog, options, seed);
}

}  // namespace rookery
