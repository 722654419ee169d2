// OnnxSequence: a sequence of the graph, whose values are kept as models have them: [S, width], the
// elements of one example after the other's. Operations between elements of an example work on
// [B, L, width], padded with zeros behind; this goes from one form to the other and back.
// Private to serving/onnx_writer. Threads: one.
#pragma once

#include <cstdint>
#include <string>

#include "serving/onnx_graph.h"

namespace rookery {

class OnnxSequence {
 public:
  // `weights`: the value [B, L] that is 0 where there is no element.
  OnnxSequence(std::string weights, OnnxGraph* graph);

  // [S, width] -> [B, L, width].
  [[nodiscard]] std::string Padded(const std::string& x, std::int64_t width) const;
  // [B, L, ...] -> [S, ...].
  [[nodiscard]] std::string Packed(const std::string& x) const;
  // [B, ...] -> [S, ...]: to each element its example's.
  [[nodiscard]] std::string Repeated(const std::string& x) const;
  // [B]: how many elements.
  [[nodiscard]] std::string Counts() const;
  // [S]: how many elements of its example come behind.
  [[nodiscard]] std::string FromEnd() const;
  // [B, L]: 1 for the last element of each example, else 0.
  [[nodiscard]] std::string IsLast() const;
  // [B, 1, 1, L], or with `causal` [B, 1, L, L]: 0 where the last place may be looked at from the
  // one before, else so little that softmax makes nothing of it.
  [[nodiscard]] std::string MayAttend(bool causal) const;

 private:
  [[nodiscard]] std::string Places() const;  // [L]: 0, 1, ...

  OnnxGraph* graph_;
  std::string weights_;
  std::string mask_;     // [B, L]: 1 or 0
  std::string indices_;  // [S, 2]: example, place
};

}  // namespace rookery
