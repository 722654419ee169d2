#include "serving/onnx_inputs.h"

#include <set>
#include <utility>

namespace rookery {

std::string ListKeysInput(const Feature& feature) {
  return feature.name + ".keys";
}
std::string ListWeightsInput(const Feature& feature) {
  return feature.name + ".weights";
}
std::string EmbeddingsInput(const ModelTable& table) {
  return table.name + ".embeddings";
}
std::string SequenceRowsInput(const ModelTable& table, const Feature& feature) {
  return table.name + "." + feature.name + ".rows";
}

OnnxInputs::OnnxInputs(const FeatureLayout& layout) {
  for (const Feature& feature : layout.features) {
    columns.push_back(width);
    if (feature.list) continue;
    ++width;
    weighted = weighted || feature.weighted;
  }
}

namespace {

std::string LengthOf(const Feature& feature) {
  return feature.name + ".length";
}

class InputList {
 public:
  InputList(const ExportSchema& schema, const Model& model) : schema_(schema), model_(model) {}

  std::vector<OnnxInput> Make() {
    if (schema_.self_contained) {
      AddKeys();
    } else {
      AddVectors();
    }
    const std::size_t numbers = schema_.layout.numeric.size();
    if (numbers > 0) Add(kNumericInput, false, {std::to_string(numbers)});
    return std::move(inputs_);
  }

 private:
  void Add(std::string_view name, bool is_key, std::vector<std::string> shape) {
    shape.insert(shape.begin(), std::string(kBatchLength));
    inputs_.push_back({std::string(name), is_key, std::move(shape)});
  }
  void AddKeys() {
    const OnnxInputs keys(schema_.layout);
    if (keys.width > 0) Add(kKeysInput, true, {std::to_string(keys.width)});
    if (keys.weighted) Add(kKeyWeightsInput, false, {std::to_string(keys.width)});
    for (const Feature& feature : schema_.layout.features) {
      if (!feature.list) continue;
      Add(ListKeysInput(feature), true, {LengthOf(feature)});
      Add(ListWeightsInput(feature), false, {LengthOf(feature)});
    }
  }
  void AddVectors() {
    std::set<std::uint32_t> sequences;
    for (const ModelTable& table : model_.tables()) {
      if (!table.features.empty()) {
        Add(EmbeddingsInput(table), false, {std::to_string(table.features.size() * table.dim)});
      }
      for (const std::uint32_t sequence : table.sequences) {
        const Feature& feature = schema_.layout.features[sequence];
        Add(SequenceRowsInput(table, feature), false,
            {LengthOf(feature), std::to_string(table.dim)});
        sequences.insert(sequence);
      }
    }
    for (const std::uint32_t sequence : sequences) {
      const Feature& feature = schema_.layout.features[sequence];
      Add(ListWeightsInput(feature), false, {LengthOf(feature)});
    }
  }

  const ExportSchema& schema_;
  const Model& model_;
  std::vector<OnnxInput> inputs_;
};

}  // namespace

std::vector<OnnxInput> InputsOf(const ExportSchema& schema, const Model& model) {
  return InputList(schema, model).Make();
}

}  // namespace rookery
