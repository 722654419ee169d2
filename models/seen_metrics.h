// SeenMetrics: the metrics of an evaluation over the examples whose key of a feature has a row, and
// over those whose key has none. Of several features, each on its own. They merge exactly, as
// LabelMetrics do.
//
// Plain data; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "models/label_metrics.h"

namespace rookery {

class SeenMetrics {
 public:
  // REQUIRES: labels > 0.
  SeenMetrics(TaskKind task, std::size_t labels, std::size_t features);

  // seen is [B], of that feature: 1 where the example has a key with a row, else 0. The others as
  // in LabelMetrics::Add.
  void Add(std::size_t feature, std::span<const std::uint8_t> seen, std::span<const float> scores,
           std::span<const float> labels, std::span<const float> weights);
  // REQUIRES: the same task, labels and features.
  void Merge(const SeenMetrics& other);

  [[nodiscard]] std::size_t features() const { return groups_.size() / 2; }
  [[nodiscard]] const LabelMetrics& of(std::size_t feature, bool seen) const {
    return groups_[2 * feature + (seen ? 1 : 0)];
  }

  // With the encoded metrics over all examples, of whatever kind. Without features they alone.
  [[nodiscard]] std::string Encode(std::string all) const;
  // Whether Encode made these bytes, of one feature or more.
  [[nodiscard]] static bool Is(std::string_view bytes);
  struct Decoded;
  // Refuses what is not of this task and so many labels and features. REQUIRES: Is(bytes).
  [[nodiscard]] static StatusOr<Decoded> Decode(std::string_view bytes, TaskKind task,
                                                std::size_t labels, std::size_t features);

 private:
  std::vector<LabelMetrics> groups_;  // unseen and seen of the first feature, of the next, ...
  struct Chosen {                     // Add's, of one group
    std::vector<float> scores, labels, weights;
  };
  Chosen chosen_;
};

struct SeenMetrics::Decoded {
  std::string all;
  SeenMetrics seen;
};

}  // namespace rookery
