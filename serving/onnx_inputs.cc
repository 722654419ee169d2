#include "serving/onnx_inputs.h"

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

OnnxInputs::OnnxInputs(const FeatureLayout& layout) {
  for (const Feature& feature : layout.features) {
    columns.push_back(width);
    if (feature.list) continue;
    ++width;
    weighted = weighted || feature.weighted;
  }
}

std::vector<OnnxInput> InputsOf(const ExportSchema& schema, const Model& model) {
  const std::string batch(kBatchLength);
  std::vector<OnnxInput> inputs;
  const auto add = [&](std::string_view name, bool is_key, std::string length) {
    inputs.push_back({std::string(name), is_key, {batch, std::move(length)}});
  };
  if (schema.self_contained) {
    const OnnxInputs keys(schema.layout);
    if (keys.width > 0) add(kKeysInput, true, std::to_string(keys.width));
    if (keys.weighted) add(kKeyWeightsInput, false, std::to_string(keys.width));
    for (const Feature& feature : schema.layout.features) {
      if (!feature.list) continue;
      add(ListKeysInput(feature), true, feature.name + ".length");
      add(ListWeightsInput(feature), false, feature.name + ".length");
    }
  } else {
    for (const ModelTable& table : model.tables()) {
      add(EmbeddingsInput(table), false, std::to_string(table.features.size() * table.dim));
    }
  }
  if (!schema.layout.numeric.empty()) {
    add(kNumericInput, false, std::to_string(schema.layout.numeric.size()));
  }
  return inputs;
}

}  // namespace rookery
