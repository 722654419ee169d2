#include "serving/onnx_model_builder.h"

#include <utility>

#include "common/check.h"

namespace rookery {

OnnxModelBuilder::OnnxModelBuilder(const Model& model, std::span<const float> dense,
                                   std::vector<std::string> embeddings,
                                   std::vector<OnnxSequenceRows> sequences, std::uint32_t numeric,
                                   OnnxGraph* graph)
    : model_(model),
      dense_(dense),
      embeddings_(std::move(embeddings)),
      sequences_(std::move(sequences)),
      numeric_(numeric),
      graph_(*graph) {
  ROOKERY_CHECK(embeddings_.size() == model.tables().size());
}

GraphBuilder::Value OnnxModelBuilder::Keep(Tensor tensor) {
  tensors_.push_back(std::move(tensor));
  return Value{static_cast<std::uint32_t>(tensors_.size() - 1)};
}

GraphBuilder::Value OnnxModelBuilder::Made(std::string name, std::int64_t width, Value like) {
  return Keep({std::move(name), width, Of(like).sequence});
}

const OnnxModelBuilder::Tensor& OnnxModelBuilder::Of(Value value) const {
  const auto index = static_cast<std::size_t>(value);
  ROOKERY_CHECK(index < tensors_.size());
  return tensors_[index];
}

const DenseBlockSpec& OnnxModelBuilder::Block(const std::string& name) const {
  for (const DenseBlockSpec& block : model_.dense_blocks()) {
    if (block.name == name) return block;
  }
  ROOKERY_CHECK(false) << "the model describes a parameter it does not have: " << name;
  return model_.dense_blocks().front();
}

std::string OnnxModelBuilder::Parameter(const DenseBlockSpec& block,
                                        const std::vector<std::int64_t>& shape) {
  const auto [place, inserted] = parameters_.emplace(block.name, shape);
  ROOKERY_CHECK(place->second == shape) << block.name << " is used in two shapes";
  if (inserted) graph_.Floats(block.name, shape, dense_.subspan(block.offset, block.size()));
  return block.name;
}

std::string OnnxModelBuilder::Weight(const std::string& name) {
  const DenseBlockSpec& block = Block(name);
  return Parameter(block, {block.rows, block.columns});
}

std::string OnnxModelBuilder::Vector(const std::string& name, std::int64_t width) {
  const DenseBlockSpec& block = Block(name);
  const auto size = static_cast<std::int64_t>(block.size());
  ROOKERY_CHECK(size == width || size == 1) << name << " has " << size << " floats, not " << width;
  return Parameter(block, {size});
}

GraphBuilder::Value OnnxModelBuilder::Embeddings(std::uint32_t table) {
  ROOKERY_CHECK(table < embeddings_.size());
  const ModelTable& spec = model_.tables()[table];
  return Keep({embeddings_[table], static_cast<std::int64_t>(spec.features.size()) * spec.dim});
}

GraphBuilder::Value OnnxModelBuilder::Numeric() {
  return Keep({std::string(kNumericInput), numeric_});
}

GraphBuilder::Value OnnxModelBuilder::Linear(Value x, const std::string& weight,
                                             const std::string& bias) {
  const DenseBlockSpec& block = Block(weight);
  ROOKERY_CHECK(Of(x).width == block.rows) << weight;
  OnnxGraph::Names inputs = {Of(x).name, Weight(weight)};
  if (bias.empty()) return Made(graph_.Node("MatMul", inputs), block.columns, x);
  inputs.push_back(Vector(bias, block.columns));
  return Made(graph_.Node("Gemm", inputs), block.columns, x);
}

GraphBuilder::Value OnnxModelBuilder::GroupLinear(Value x, std::uint32_t groups,
                                                  const std::string& weight,
                                                  const std::string& bias) {
  if (groups == 1) return Linear(x, weight, bias);
  const DenseBlockSpec& block = Block(weight);
  ROOKERY_CHECK(Of(x).width == std::int64_t{groups} * block.rows) << weight;
  const std::string vectors = graph_.Reshape(Of(x).name, {groups, block.rows});
  std::string product = graph_.Node("MatMul", {vectors, Weight(weight)});
  if (!bias.empty()) product = graph_.Node("Add", {product, Vector(bias, block.columns)});
  const std::int64_t width = std::int64_t{groups} * block.columns;
  return Made(graph_.Reshape(product, {width}), width, x);
}

GraphBuilder::Value OnnxModelBuilder::AddParameter(Value x, const std::string& parameter) {
  const std::int64_t width = Of(x).width;
  return Made(graph_.Node("Add", {Of(x).name, Vector(parameter, width)}), width, x);
}

GraphBuilder::Value OnnxModelBuilder::MultiplyParameter(Value x, const std::string& parameter) {
  const std::int64_t width = Of(x).width;
  return Made(graph_.Node("Mul", {Of(x).name, Vector(parameter, width)}), width, x);
}

GraphBuilder::Value OnnxModelBuilder::Relu(Value x) {
  return Made(graph_.Node("Relu", {Of(x).name}), Of(x).width, x);
}
GraphBuilder::Value OnnxModelBuilder::Sigmoid(Value x) {
  return Made(graph_.Node("Sigmoid", {Of(x).name}), Of(x).width, x);
}
GraphBuilder::Value OnnxModelBuilder::Tanh(Value x) {
  return Made(graph_.Node("Tanh", {Of(x).name}), Of(x).width, x);
}
GraphBuilder::Value OnnxModelBuilder::Erf(Value x) {
  return Made(graph_.Node("Erf", {Of(x).name}), Of(x).width, x);
}

GraphBuilder::Value OnnxModelBuilder::Elementwise(std::string_view operation, Value a, Value b) {
  ROOKERY_CHECK(Of(a).width == Of(b).width || Of(b).width == 1) << operation;
  return Made(graph_.Node(operation, {Of(a).name, Of(b).name}), Of(a).width, a);
}
GraphBuilder::Value OnnxModelBuilder::Add(Value a, Value b) {
  return Elementwise("Add", a, b);
}
GraphBuilder::Value OnnxModelBuilder::Multiply(Value a, Value b) {
  return Elementwise("Mul", a, b);
}
GraphBuilder::Value OnnxModelBuilder::Scale(Value x, float factor) {
  return Made(graph_.Node("Mul", {Of(x).name, graph_.Scalar(factor)}), Of(x).width, x);
}

GraphBuilder::Value OnnxModelBuilder::Concat(const std::vector<Value>& values) {
  OnnxGraph::Names inputs;
  std::int64_t width = 0;
  for (const Value value : values) {
    inputs.push_back(Of(value).name);
    width += Of(value).width;
  }
  return Made(graph_.NodeWithInt("Concat", inputs, "axis", 1), width, values.front());
}

GraphBuilder::Value OnnxModelBuilder::GroupColumns(Value x, std::uint32_t groups,
                                                   std::uint32_t begin, std::uint32_t end) {
  ROOKERY_CHECK(groups > 0 && Of(x).width % groups == 0);
  const std::int64_t width = Of(x).width / groups;
  ROOKERY_CHECK(begin < end && end <= width);
  const std::string grouped = graph_.Reshape(Of(x).name, {groups, width});
  const std::string sliced = graph_.Node(
      "Slice", {grouped, graph_.Integers({begin}), graph_.Integers({end}), graph_.Integers({2})});
  const std::int64_t kept = std::int64_t{groups} * (end - begin);
  return Made(graph_.Reshape(sliced, {kept}), kept, x);
}

GraphBuilder::Value OnnxModelBuilder::SelectGroups(Value x, std::uint32_t groups,
                                                   const std::vector<std::uint32_t>& indices) {
  ROOKERY_CHECK(groups > 0 && Of(x).width % groups == 0);
  const std::int64_t width = Of(x).width / groups;
  const std::string taken = graph_.Integers({indices.begin(), indices.end()});
  const std::string vectors = graph_.Reshape(Of(x).name, {groups, width});
  const std::int64_t all = width * static_cast<std::int64_t>(indices.size());
  return Made(graph_.Reshape(graph_.NodeWithInt("Gather", {vectors, taken}, "axis", 1), {all}), all,
              x);
}

GraphBuilder::Value OnnxModelBuilder::TransposeGroups(Value x, std::uint32_t groups) {
  ROOKERY_CHECK(groups > 0 && Of(x).width % groups == 0);
  const std::string vectors = graph_.Reshape(Of(x).name, {groups, Of(x).width / groups});
  const std::string columns = graph_.NodeWithInts("Transpose", {vectors}, "perm", {0, 2, 1});
  return Made(graph_.Reshape(columns, {Of(x).width}), Of(x).width, x);
}

GraphBuilder::Value OnnxModelBuilder::GroupOuter(Value a, Value c, std::uint32_t groups) {
  ROOKERY_CHECK(groups > 0 && Of(a).width % groups == 0 && Of(c).width % groups == 0);
  const std::string column = graph_.Reshape(Of(a).name, {groups, Of(a).width / groups, 1});
  const std::string row = graph_.Reshape(Of(c).name, {groups, 1, Of(c).width / groups});
  const std::int64_t width = Of(a).width * (Of(c).width / groups);
  return Made(graph_.Reshape(graph_.Node("Mul", {column, row}), {width}), width, a);
}

GraphBuilder::Value OnnxModelBuilder::GroupAttention(Value q, Value k, Value v,
                                                     std::uint32_t groups, std::uint32_t heads,
                                                     float scale) {
  const std::int64_t width = Of(q).width / groups;
  ROOKERY_CHECK(width * groups == Of(q).width && width % heads == 0);
  const auto by_head = [&](Value x, const std::vector<std::int64_t>& order) {
    const std::string parts = graph_.Reshape(Of(x).name, {groups, heads, width / heads});
    return graph_.NodeWithInts("Transpose", {parts}, "perm", order);
  };
  const std::string products =
      graph_.Node("MatMul", {by_head(q, {0, 2, 1, 3}), by_head(k, {0, 2, 3, 1})});
  const std::string shares = graph_.NodeWithInt(
      "Softmax", {graph_.Node("Mul", {products, graph_.Scalar(scale)})}, "axis", 3);
  const std::string sums = graph_.Node("MatMul", {shares, by_head(v, {0, 2, 1, 3})});
  const std::string back = graph_.NodeWithInts("Transpose", {sums}, "perm", {0, 2, 1, 3});
  return Made(graph_.Reshape(back, {Of(q).width}), Of(q).width, q);
}

GraphBuilder::Value OnnxModelBuilder::SumGroups(Value x, std::uint32_t groups) {
  ROOKERY_CHECK(groups > 0 && Of(x).width % groups == 0);
  const std::int64_t width = Of(x).width / groups;
  return Made(graph_.ReduceSum(graph_.Reshape(Of(x).name, {groups, width}), 1, false), width, x);
}

GraphBuilder::Value OnnxModelBuilder::Softmax(Value x) {
  return Made(graph_.NodeWithInt("Softmax", {Of(x).name}, "axis", 1), Of(x).width, x);
}

GraphBuilder::Value OnnxModelBuilder::LogSumExp(Value x) {
  return Made(graph_.NodeWithInts("ReduceLogSumExp", {Of(x).name}, "axes", {1}), 1, x);
}

GraphBuilder::Value OnnxModelBuilder::MaxGroups(Value x, std::uint32_t groups) {
  ROOKERY_CHECK(groups > 0 && Of(x).width % groups == 0);
  const std::int64_t width = Of(x).width / groups;
  const std::string most =
      graph_.NodeWithInts("ReduceMax", {graph_.Reshape(Of(x).name, {groups, width})}, "axes", {1});
  return Made(graph_.Reshape(most, {width}), width, x);
}

GraphBuilder::Value OnnxModelBuilder::SumColumns(Value x) {
  return Made(graph_.ReduceSum(Of(x).name, 1, true), 1, x);
}

// All products of the groups with each other, of which the lower triangle is taken.
GraphBuilder::Value OnnxModelBuilder::PairProducts(Value x, std::uint32_t groups) {
  ROOKERY_CHECK(groups > 1 && Of(x).width % groups == 0);
  const std::int64_t count = groups;
  const std::string vectors = graph_.Reshape(Of(x).name, {count, Of(x).width / count});
  const std::string columns = graph_.NodeWithInts("Transpose", {vectors}, "perm", {0, 2, 1});
  const std::string all =
      graph_.Reshape(graph_.Node("MatMul", {vectors, columns}), {count * count});
  std::vector<std::int64_t> lower;
  for (std::int64_t i = 1; i < count; ++i) {
    for (std::int64_t j = 0; j < i; ++j) lower.push_back(i * count + j);
  }
  const auto pairs = static_cast<std::int64_t>(lower.size());
  const std::string taken = graph_.Integers(lower);
  return Made(graph_.NodeWithInt("Gather", {all, taken}, "axis", 1), pairs, x);
}

GraphBuilder::Value OnnxModelBuilder::BatchNorm(Value x, const std::string& mean,
                                                const std::string& variance,
                                                const std::string& gain, const std::string& shift,
                                                float epsilon) {
  const std::int64_t width = Of(x).width;
  const std::string centred = graph_.Node("Sub", {Of(x).name, Vector(mean, width)});
  const std::string spread =
      graph_.Node("Sqrt", {graph_.Node("Add", {Vector(variance, width), graph_.Scalar(epsilon)})});
  const std::string scaled =
      graph_.Node("Mul", {graph_.Node("Div", {centred, spread}), Vector(gain, width)});
  return Made(graph_.Node("Add", {scaled, Vector(shift, width)}), width, x);
}

// Written out: the operation LayerNormalization is younger than the opset.
GraphBuilder::Value OnnxModelBuilder::LayerNorm(Value x, const std::string& gain,
                                                const std::string& shift, float epsilon) {
  const std::int64_t width = Of(x).width;
  const std::string count = graph_.Scalar(static_cast<float>(width));
  const auto mean_of = [&](const std::string& values) {
    return graph_.Node("Div", {graph_.ReduceSum(values, 1, true), count});
  };
  const std::string centred = graph_.Node("Sub", {Of(x).name, mean_of(Of(x).name)});
  const std::string variance = mean_of(graph_.Node("Mul", {centred, centred}));
  const std::string spread =
      graph_.Node("Sqrt", {graph_.Node("Add", {variance, graph_.Scalar(epsilon)})});
  const std::string scaled =
      graph_.Node("Mul", {graph_.Node("Div", {centred, spread}), Vector(gain, width)});
  return Made(graph_.Node("Add", {scaled, Vector(shift, width)}), width, x);
}

void OnnxModelBuilder::Query(Value query) {
  ROOKERY_CHECK(Of(query).sequence == nullptr);
  graph_.AddOutput(kQueryOutput, Of(query).width);
  graph_.NodeInto("Identity", {Of(query).name}, std::string(kQueryOutput));
}

void OnnxModelBuilder::Output(Value scores) {
  ROOKERY_CHECK(!has_output_ && Of(scores).width == static_cast<std::int64_t>(model_.outputs()));
  has_output_ = true;
  const std::string to(kScoreOutput);
  if (Of(scores).width > 1) return graph_.NodeInto("Identity", {Of(scores).name}, to);
  graph_.NodeInto("Reshape", {Of(scores).name, graph_.Integers({-1})}, to);
}

}  // namespace rookery
