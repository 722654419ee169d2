#include "serving/onnx_embeddings.h"

#include <vector>

#include "common/error.h"

namespace rookery {
OnnxTable::OnnxTable(const FeatureLayout& layout, const ModelTable& table, const NativeTable& rows,
                     OnnxGraph* graph)
    : layout_(layout),
      inputs_(layout),
      table_(table),
      rows_(rows),
      graph_(*graph),
      constant_("table." + table.name) {
  const auto count = static_cast<std::int64_t>(rows_.size());
  graph_.FloatsAndZeros(constant_, {count + 1, table_.dim}, rows_.rows(), table_.dim);
}

std::string OnnxTable::Embeddings() {
  if (table_.features.empty()) return "";
  OnnxGraph::Names parts;
  std::vector<std::int64_t> columns;  // of "keys", of the run of single-valued features
  for (const std::uint32_t index : table_.features) {
    const Feature& feature = layout_.features[index];
    if (!feature.list) {
      columns.push_back(inputs_.columns[index]);
      continue;
    }
    if (!columns.empty()) parts.push_back(SingleValued(columns));
    columns.clear();
    parts.push_back(List(feature));
  }
  if (!columns.empty()) parts.push_back(SingleValued(columns));
  return parts.size() == 1 ? parts[0] : graph_.NodeWithInt("Concat", parts, "axis", 1);
}

// [B, n] keys -> [B, n, D] rows.
std::string OnnxTable::Rows(const std::string& keys) {
  const auto missing = static_cast<std::int64_t>(rows_.size());
  const std::string positions = graph_.LookUp(keys, rows_.keys(), missing);
  return graph_.NodeWithInt("Gather", {constant_, positions}, "axis", 0);
}

std::string OnnxTable::Columns(std::string_view input, const std::vector<std::int64_t>& columns) {
  if (columns.size() == inputs_.width) return std::string(input);  // all, so in order
  return graph_.NodeWithInt("Gather", {std::string(input), graph_.Integers(columns)}, "axis", 1);
}

std::string OnnxTable::Weighted(const std::string& rows, const std::string& weights) {
  const std::string column = graph_.Node("Unsqueeze", {weights, graph_.Integers({2})});
  return graph_.Node("Mul", {rows, column});
}

std::string OnnxTable::SingleValued(const std::vector<std::int64_t>& columns) {
  std::string rows = Rows(Columns(kKeysInput, columns));
  if (inputs_.weighted) rows = Weighted(rows, Columns(kKeyWeightsInput, columns));
  return graph_.Reshape(rows, {static_cast<std::int64_t>(columns.size()) * table_.dim});
}

std::string OnnxTable::List(const Feature& feature) {
  const std::string weights = ListWeightsInput(feature);
  const std::string rows = Weighted(Rows(ListKeysInput(feature)), weights);
  const std::string sum = graph_.ReduceSum(rows, 1, false);
  if (feature.combiner == Combiner::kSum) return sum;
  std::string norm;
  if (feature.combiner == Combiner::kMean) {
    norm = graph_.ReduceSum(weights, 1, true);
  } else {
    const std::string squares = graph_.Node("Mul", {weights, weights});
    norm = graph_.Node("Sqrt", {graph_.ReduceSum(squares, 1, true)});
  }
  const std::string zero = graph_.Scalar(0);
  const std::string is_zero = graph_.Node("Equal", {norm, zero});
  const std::string scale =
      graph_.Node("Where", {is_zero, zero, graph_.Node("Reciprocal", {norm})});
  return graph_.Node("Mul", {sum, scale});
}

std::string OnnxTable::SequenceRows(const Feature& feature, const OnnxSequence& sequence) {
  return Rows(sequence.Packed(ListKeysInput(feature)));
}

}  // namespace rookery
