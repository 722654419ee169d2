#include "serving/onnx_sequence.h"

#include <utility>

namespace rookery {
namespace {

constexpr std::int64_t kOnnxFloat = 1, kOnnxInt64 = 7;  // TensorProto.DataType
constexpr float kNever = -1e9F;                         // exp() of this is 0 beside any score

std::string Cast(const std::string& x, std::int64_t type, OnnxGraph* graph) {
  return graph->NodeWithInt("Cast", {x}, "to", type);
}

}  // namespace

OnnxSequence::OnnxSequence(std::string weights, OnnxGraph* graph)
    : graph_(graph), weights_(std::move(weights)) {
  const std::string nothing = graph_->Node("Equal", {weights_, graph_->Scalar(0)});
  mask_ = Cast(graph_->Node("Not", {nothing}), kOnnxFloat, graph_);
  indices_ =
      graph_->NodeWithInts("Transpose", {graph_->Node("NonZero", {weights_})}, "perm", {1, 0});
}

std::string OnnxSequence::Padded(const std::string& x, std::int64_t width) const {
  const std::string shape = graph_->NodeWithInt(
      "Concat", {graph_->Node("Shape", {weights_}), graph_->Integers({width})}, "axis", 0);
  return graph_->Node("ScatterND", {graph_->Node("ConstantOfShape", {shape}), indices_, x});
}

std::string OnnxSequence::Packed(const std::string& x) const {
  return graph_->Node("GatherND", {x, indices_});
}

std::string OnnxSequence::Repeated(const std::string& x) const {
  const std::string example =
      graph_->NodeWithInt("Gather", {indices_, graph_->Integers({0})}, "axis", 1);
  return graph_->Node("GatherND", {x, example});
}

std::string OnnxSequence::Places() const {
  const std::string length = graph_->NodeWithInt(
      "Gather", {graph_->Node("Shape", {weights_}), graph_->Integer(1)}, "axis", 0);
  return graph_->Node("Range", {graph_->Integer(0), length, graph_->Integer(1)});
}

std::string OnnxSequence::Counts() const {
  return Cast(graph_->ReduceSum(mask_, 1, false), kOnnxInt64, graph_);
}

std::string OnnxSequence::FromEnd() const {
  const std::string place =
      graph_->NodeWithInt("Gather", {indices_, graph_->Integer(1)}, "axis", 1);
  const std::string behind = graph_->Node("Sub", {Repeated(Counts()), place});
  return graph_->Node("Sub", {behind, graph_->Integer(1)});
}

std::string OnnxSequence::IsLast() const {
  const std::string count = graph_->Node("Unsqueeze", {Counts(), graph_->Integers({1})});
  const std::string last = graph_->Node("Sub", {count, graph_->Integer(1)});
  return Cast(graph_->Node("Equal", {Places(), last}), kOnnxFloat, graph_);
}

std::string OnnxSequence::MayAttend(bool causal) const {
  std::string may = graph_->Node("Unsqueeze", {mask_, graph_->Integers({1, 2})});
  if (causal) {
    const std::string places = Places();
    const std::string from = graph_->Node("Unsqueeze", {places, graph_->Integers({1})});
    const std::string before = graph_->Node("Not", {graph_->Node("Less", {from, places})});
    may = graph_->Node("Mul", {may, Cast(before, kOnnxFloat, graph_)});
  }
  const std::string not_at_all = graph_->Node("Sub", {graph_->Scalar(1), may});
  return graph_->Node("Mul", {not_at_all, graph_->Scalar(kNever)});
}

}  // namespace rookery
