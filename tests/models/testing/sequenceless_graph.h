// SequencelessGraph: a GraphBuilder for models that read no sequences.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "models/graph.h"

namespace rookery {

class SequencelessGraph : public GraphBuilder {
 public:
  // What is described of sequences is for ONNX Runtime to check (tests/serving).
  Value Sequence(std::uint32_t) override { return NoSequences(); }
  Value RepeatForElements(Value, Value) override { return NoSequences(); }
  Value SumOfElements(Value) override { return NoSequences(); }
  Value LastElement(Value) override { return NoSequences(); }
  Value Gru(Value, const std::string&, const std::string&) override { return NoSequences(); }
  Value Lstm(Value, const std::string&, const std::string&) override { return NoSequences(); }
  Value Positions(Value, const std::string&) override { return NoSequences(); }
  Value Window(Value, std::uint32_t) override { return NoSequences(); }
  Value Reversed(Value) override { return NoSequences(); }
  Value SelfAttention(Value, Value, Value, std::uint32_t, float, bool) override {
    return NoSequences();
  }
  void Query(Value) override { (void)NoSequences(); }

 private:
  static Value NoSequences() {
    ADD_FAILURE() << "a sequence";
    return {};
  }
};

}  // namespace rookery
