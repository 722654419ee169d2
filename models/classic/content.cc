#include "models/classic/content.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rookery {
namespace {

// TF-IDF of the attributes, of length 1 for each item that has any of a weight.
SparseRows Weighed(SparseRows items) {
  std::vector<double> items_of(items.columns);
  double with_any = 0;
  for (const std::uint32_t attribute : items.indices) ++items_of[attribute];
  for (std::size_t i = 0; i < items.rows(); ++i) with_any += items.Length(i) > 0 ? 1 : 0;
  items.values.resize(items.indices.size());
  for (std::size_t i = 0; i < items.rows(); ++i) {
    double squares = 0;
    for (std::uint64_t at = items.offsets[i]; at < items.offsets[i + 1]; ++at) {
      const double weight = std::log(with_any / items_of[items.indices[at]]);
      items.values[at] = static_cast<float>(weight);
      squares += weight * weight;
    }
    for (std::uint64_t at = items.offsets[i]; at < items.offsets[i + 1] && squares > 0; ++at) {
      items.values[at] = static_cast<float>(items.values[at] / std::sqrt(squares));
    }
  }
  return items;
}

class Content final : public ItemScorer {
 public:
  explicit Content(const SparseRows& attributes)
      : items_(Weighed(attributes)), attributes_(Transposed(items_)) {}

  void Score(const Profile& profile, std::span<float> scores) const override {
    std::vector<float> taste(attributes_.rows());
    for (const std::uint32_t item : profile.items) {
      for (std::uint64_t at = items_.offsets[item]; at < items_.offsets[item + 1]; ++at) {
        taste[items_.indices[at]] += items_.values[at];
      }
    }
    std::ranges::fill(scores, 0.0F);
    for (std::size_t a = 0; a < taste.size(); ++a) {
      if (taste[a] == 0) continue;
      for (std::uint64_t at = attributes_.offsets[a]; at < attributes_.offsets[a + 1]; ++at) {
        scores[attributes_.indices[at]] += taste[a] * attributes_.values[at];
      }
    }
  }

 private:
  const SparseRows items_, attributes_;
};

void Standardise(std::span<float> scores) {
  double sum = 0, squares = 0;
  for (const float score : scores) sum += score;
  const double mean = sum / static_cast<double>(scores.size());
  for (const float score : scores) squares += (score - mean) * (score - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(scores.size()));
  const double factor = deviation > 0 ? 1 / deviation : 0;
  for (float& score : scores) score = static_cast<float>((score - mean) * factor);
}

class Blend final : public ItemScorer {
 public:
  Blend(const ItemScorer* a, const ItemScorer* b, double weight)
      : a_(*a), b_(*b), weight_(static_cast<float>(weight)) {}

  void Score(const Profile& profile, std::span<float> scores) const override {
    std::vector<float> second(scores.size());
    a_.Score(profile, scores);
    b_.Score(profile, second);
    Standardise(scores);
    Standardise(second);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = weight_ * scores[i] + (1 - weight_) * second[i];
    }
  }

 private:
  const ItemScorer& a_;
  const ItemScorer& b_;
  const float weight_;
};

}  // namespace

std::unique_ptr<ItemScorer> MakeContentScorer(const SparseRows& attributes) {
  return std::make_unique<Content>(attributes);
}

std::unique_ptr<ItemScorer> MakeBlend(const ItemScorer* a, const ItemScorer* b, double weight) {
  return std::make_unique<Blend>(a, b, weight);
}

}  // namespace rookery
