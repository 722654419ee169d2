#include "models/zoo/negatives_loss.h"

#include <algorithm>
#include <cmath>

#include "common/check.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

// An element's rows: its state and item, and its negatives, K from `negative` on.
struct Element {
  std::size_t at = 0;
  std::size_t negative = 0;
  std::size_t negatives = 0;  // K
};

class Elements {
 public:
  Elements(const HistoryStates& states, const ItemsAndNegatives& with, float* d_states)
      : states_(states), with_(with), d_states_(d_states), dim_(states.dim) {}

  // Of element j of the example, which has some.
  [[nodiscard]] Element Of(std::size_t example, std::size_t j) const {
    const std::uint32_t* offsets = with_.negatives.offsets;
    const std::size_t count = states_.End(example) - states_.Begin(example);
    const std::size_t negatives = offsets[example + 1] - offsets[example];
    ROOKERY_CHECK(with_.items.offsets[example + 1] - with_.items.offsets[example] == count);
    ROOKERY_CHECK(negatives > 0 && negatives % count == 0);
    const std::size_t each = negatives / count;
    return {states_.Begin(example) + j, offsets[example] - offsets[0] + j * each, each};
  }
  // Of the item, then of the negatives.
  void Score(const Element& of, std::vector<float>* scores) const {
    const float* query = states_.rows + of.at * dim_;
    scores->resize(of.negatives + 1);
    (*scores)[0] = Dot(query, with_.items.rows + of.at * dim_, dim_);
    for (std::size_t k = 0; k < of.negatives; ++k) {
      (*scores)[k + 1] = Dot(query, with_.negatives.rows + (of.negative + k) * dim_, dim_);
    }
  }
  // d_scores: times the weight, the gradients of what Score gave.
  void Learn(const Element& of, float weight, const std::vector<float>& d_scores) const {
    const float* state = states_.rows + of.at * dim_;
    float* d_state = d_states_ + of.at * dim_;
    const auto one = [&](const float* row, float d, float* d_row) {
      std::fill_n(d_row, dim_, 0.0F);
      AddScaled(weight * d, state, dim_, d_row);
      AddScaled(weight * d, row, dim_, d_state);
    };
    std::fill_n(d_state, dim_, 0.0F);
    one(with_.items.rows + of.at * dim_, d_scores[0], with_.d_items + of.at * dim_);
    for (std::size_t k = 0; k < of.negatives; ++k) {
      const std::size_t row = (of.negative + k) * dim_;
      one(with_.negatives.rows + row, d_scores[k + 1], with_.d_negatives + row);
    }
  }
  void Clear(const Element& of) const {
    std::fill_n(d_states_ + of.at * dim_, dim_, 0.0F);
    std::fill_n(with_.d_items + of.at * dim_, dim_, 0.0F);
    std::fill_n(with_.d_negatives + of.negative * dim_, of.negatives * dim_, 0.0F);
  }

 private:
  const HistoryStates& states_;
  const ItemsAndNegatives& with_;
  float* const d_states_;
  const std::size_t dim_;
};

}  // namespace

double NegativesLoss(ItemLoss loss, const HistoryStates& states, const ItemsAndNegatives& with,
                     std::span<float> scores, float* d_states, std::vector<float>* scratch) {
  const Elements elements(states, with, d_states);
  double total = 0;
  for (std::size_t b = 0; b < states.examples; ++b) {
    const float weight = states.Weight(b);
    const std::size_t count = states.End(b) - states.Begin(b);
    double sum = 0;
    std::size_t learned = 0;
    for (std::size_t j = 0; j < count; ++j) {
      const Element element = elements.Of(b, j);
      if (!states.Learned(element.at)) {
        elements.Clear(element);
        continue;
      }
      elements.Score(element, scratch);
      sum += ItemLossAndGradient(loss, element.negatives, scratch->data());
      elements.Learn(element, weight, *scratch);
      ++learned;
    }
    scores[b] =
        static_cast<float>(std::exp(-sum / static_cast<double>(std::max<std::size_t>(learned, 1))));
    total += weight * sum;
  }
  return total;
}

}  // namespace rookery
