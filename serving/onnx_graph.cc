#include "serving/onnx_graph.h"

#include <charconv>

#include "common/check.h"
#include "common/error.h"
#include "common/hash.h"
#include "serving/hex.h"

namespace rookery {
namespace {

// The oldest that have every operation in the form used here; older runtimes read more.
constexpr std::int64_t kIrVersion = 7;
constexpr std::int64_t kOpsetVersion = 13;
constexpr std::int64_t kMlOpsetVersion = 2;
constexpr std::string_view kMlDomain = "ai.onnx.ml";

// The values themselves when they are few.
std::string NameOf(std::span<const std::int64_t> values) {
  if (values.size() > 8) return "integers_" + Hex64(HashBytes(std::as_bytes(values)));
  std::string name = "integers";
  for (const std::int64_t value : values) name += StrCat("_", value);
  return name;
}

onnx::AttributeProto* AddAttribute(onnx::NodeProto* node, std::string_view name,
                                   onnx::AttributeProto_AttributeType type) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(std::string(name));
  attribute->set_type(type);
  return attribute;
}

}  // namespace

OnnxGraph::OnnxGraph() : graph_(model_.mutable_graph()) {
  model_.set_ir_version(kIrVersion);
  model_.set_producer_name("rookery");
  onnx::OperatorSetIdProto* opset = model_.add_opset_import();
  opset->set_domain("");
  opset->set_version(kOpsetVersion);
  onnx::OperatorSetIdProto* ml = model_.add_opset_import();
  ml->set_domain(std::string(kMlDomain));
  ml->set_version(kMlOpsetVersion);
  graph_->set_name("rookery");
}

void OnnxGraph::AddInput(const OnnxInput& input) {
  onnx::ValueInfoProto* value = graph_->add_input();
  value->set_name(input.name);
  onnx::TypeProto_Tensor* tensor = value->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(input.is_key ? onnx::TensorProto_DataType_INT64
                                     : onnx::TensorProto_DataType_FLOAT);
  for (const std::string& length : input.shape) {
    onnx::TensorShapeProto_Dimension* dimension = tensor->mutable_shape()->add_dim();
    std::int64_t number = 0;
    const char* end = length.data() + length.size();
    const auto [stop, error] = std::from_chars(length.data(), end, number);
    if (error == std::errc() && stop == end) {
      dimension->set_dim_value(number);
    } else {
      dimension->set_dim_param(length);
    }
  }
}

void OnnxGraph::AddOutput(std::string_view name, std::int64_t width) {
  onnx::ValueInfoProto* value = graph_->add_output();
  value->set_name(std::string(name));
  onnx::TypeProto_Tensor* tensor = value->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(onnx::TensorProto_DataType_FLOAT);
  tensor->mutable_shape()->add_dim()->set_dim_param(std::string(kBatchLength));
  if (width > 0) tensor->mutable_shape()->add_dim()->set_dim_value(width);
}

void OnnxGraph::AddMetadata(std::string_view key, std::string_view value) {
  onnx::StringStringEntryProto* entry = model_.add_metadata_props();
  entry->set_key(std::string(key));
  entry->set_value(std::string(value));
}

onnx::NodeProto* OnnxGraph::AddNode(std::string_view operation, const Names& inputs) {
  onnx::NodeProto* node = graph_->add_node();
  node->set_op_type(std::string(operation));
  for (const std::string& input : inputs) node->add_input(input);
  node->set_name(StrCat(operation, ".", counter_++));
  return node;
}

std::string OnnxGraph::Node(std::string_view operation, const Names& inputs) {
  onnx::NodeProto* node = AddNode(operation, inputs);
  node->add_output(node->name());
  return node->name();
}

std::string OnnxGraph::NodeWithInt(std::string_view operation, const Names& inputs,
                                   std::string_view attribute, std::int64_t value) {
  return NodeWith(operation, inputs, {{attribute, value}});
}

std::string OnnxGraph::NodeWith(
    std::string_view operation, const Names& inputs,
    std::initializer_list<std::pair<std::string_view, std::int64_t>> attributes) {
  onnx::NodeProto* node = AddNode(operation, inputs);
  node->add_output(node->name());
  for (const auto& [name, value] : attributes) {
    AddAttribute(node, name, onnx::AttributeProto_AttributeType_INT)->set_i(value);
  }
  return node->name();
}

std::string OnnxGraph::NodeWithInts(std::string_view operation, const Names& inputs,
                                    std::string_view attribute,
                                    const std::vector<std::int64_t>& values) {
  onnx::NodeProto* node = AddNode(operation, inputs);
  node->add_output(node->name());
  onnx::AttributeProto* list =
      AddAttribute(node, attribute, onnx::AttributeProto_AttributeType_INTS);
  for (const std::int64_t value : values) list->add_ints(value);
  return node->name();
}

void OnnxGraph::NodeInto(std::string_view operation, const Names& inputs,
                         const std::string& output) {
  AddNode(operation, inputs)->add_output(output);
}

std::string OnnxGraph::LookUp(const std::string& input, std::span<const Key> keys,
                              std::int64_t missing) {
  onnx::NodeProto* node = AddNode("LabelEncoder", {input});
  node->set_domain(std::string(kMlDomain));
  node->add_output(node->name());
  using Type = onnx::AttributeProto_AttributeType;
  onnx::AttributeProto* from =
      AddAttribute(node, "keys_int64s", Type::AttributeProto_AttributeType_INTS);
  onnx::AttributeProto* to =
      AddAttribute(node, "values_int64s", Type::AttributeProto_AttributeType_INTS);
  AddAttribute(node, "default_int64", Type::AttributeProto_AttributeType_INT)->set_i(missing);
  from->mutable_ints()->Reserve(static_cast<int>(keys.size()));
  to->mutable_ints()->Reserve(static_cast<int>(keys.size()));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    from->add_ints(static_cast<std::int64_t>(keys[i]));
    to->add_ints(static_cast<std::int64_t>(i));
  }
  if (keys.empty()) {  // the operation wants at least one
    from->add_ints(0);
    to->add_ints(missing);
  }
  return node->name();
}

void OnnxGraph::Floats(const std::string& name, const std::vector<std::int64_t>& shape,
                       std::span<const float> values) {
  FloatsAndZeros(name, shape, values, 0);
}

void OnnxGraph::FloatsAndZeros(const std::string& name, const std::vector<std::int64_t>& shape,
                               std::span<const float> values, std::size_t zeros) {
  std::int64_t count = 1;
  for (const std::int64_t length : shape) count *= length;
  ROOKERY_CHECK(static_cast<std::size_t>(count) == values.size() + zeros);
  onnx::TensorProto* tensor = graph_->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto_DataType_FLOAT);
  for (const std::int64_t length : shape) tensor->add_dims(length);
  std::string* bytes = tensor->mutable_raw_data();
  bytes->reserve((values.size() + zeros) * sizeof(float));
  bytes->assign(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  bytes->append(zeros * sizeof(float), '\0');
}

std::string OnnxGraph::IntegersNamed(std::string name, const std::vector<std::int64_t>& shape,
                                     std::span<const std::int64_t> values) {
  for (const onnx::TensorProto& tensor : graph_->initializer()) {
    if (tensor.name() == name) return name;
  }
  onnx::TensorProto* tensor = graph_->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto_DataType_INT64);
  for (const std::int64_t length : shape) tensor->add_dims(length);
  tensor->set_raw_data(values.data(), values.size_bytes());
  return name;
}

std::string OnnxGraph::Integers(const std::vector<std::int64_t>& values) {
  return IntegersNamed(NameOf(values), {static_cast<std::int64_t>(values.size())}, values);
}

std::string OnnxGraph::Integer(std::int64_t value) {
  return IntegersNamed(StrCat("integer_", value), {}, {&value, 1});
}

std::string OnnxGraph::Scalar(float value) {
  const std::string name = StrCat("scalar.", counter_++);
  Floats(name, {}, std::span(&value, 1));
  return name;
}

std::string OnnxGraph::Reshape(const std::string& x, const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> whole = {0};  // 0: as it is
  whole.insert(whole.end(), shape.begin(), shape.end());
  return Node("Reshape", {x, Integers(whole)});
}

std::string OnnxGraph::ReduceSum(const std::string& x, std::int64_t axis, bool keep_dimension) {
  return NodeWithInt("ReduceSum", {x, Integers({axis})}, "keepdims", keep_dimension ? 1 : 0);
}

}  // namespace rookery
