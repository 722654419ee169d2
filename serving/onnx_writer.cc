#include "serving/onnx_writer.h"

#include <onnx/checker.h>

#include <exception>
#include <map>
#include <optional>
#include <utility>

#include "common/check.h"
#include "serving/onnx_embeddings.h"
#include "serving/onnx_graph.h"
#include "serving/onnx_model_builder.h"
#include "serving/onnx_sequence.h"

namespace rookery {
namespace {

constexpr std::uint64_t kOnnxBytesMax = 1'900'000'000;  // protobuf stops at 2^31 - 1
// A key and its row number as protobuf's varints with their tags, at most.
constexpr std::uint64_t kLookUpBytesPerRow = 11 + 6;
constexpr std::uint64_t kGraphBytes = std::uint64_t{1} << 20U;

Status Check(const onnx::ModelProto& model) {
  try {
    onnx::checker::check_model(model);
  } catch (const std::exception& error) {
    return Corrupt("the ONNX model does not pass ONNX's own checker: ", error.what());
  }
  return OkStatus();
}

}  // namespace

bool FitsOnnx(const std::vector<ExportTable>& tables, std::uint64_t dense_floats) {
  std::uint64_t bytes = kGraphBytes + dense_floats * sizeof(float);
  for (const ExportTable& table : tables) {
    if (table.rows > kNativeRowsMax) return false;
    bytes += table.rows * (kLookUpBytesPerRow + table.dim * sizeof(float));
  }
  return bytes <= kOnnxBytesMax;
}

StatusOr<std::string> WriteOnnx(const ExportSchema& schema, const Model& model,
                                std::span<const float> dense, std::span<const NativeTable> tables) {
  ROOKERY_CHECK(tables.size() == (schema.self_contained ? model.tables().size() : 0));
  OnnxGraph graph;
  for (const OnnxInput& input : InputsOf(schema, model)) graph.AddInput(input);
  graph.AddOutput(kScoreOutput,
                  model.outputs() > 1 ? static_cast<std::int64_t>(model.outputs()) : 0);
  graph.AddMetadata("rookery.model", schema.model.name);
  graph.AddMetadata("rookery.loss", schema.model.loss);

  std::map<std::uint32_t, OnnxSequence> sequences;  // by feature
  std::vector<std::string> embeddings;
  std::vector<OnnxSequenceRows> rows;
  for (std::size_t t = 0; t < model.tables().size(); ++t) {
    const ModelTable& table = model.tables()[t];
    std::optional<OnnxTable> inside;
    if (schema.self_contained) inside.emplace(schema.layout, table, tables[t], &graph);
    embeddings.push_back(inside ? inside->Embeddings() : EmbeddingsInput(table));
    for (const std::uint32_t index : table.sequences) {
      const Feature& feature = schema.layout.features[index];
      const OnnxSequence& sequence =
          sequences.try_emplace(index, ListWeightsInput(feature), &graph).first->second;
      rows.push_back({inside ? inside->SequenceRows(feature, sequence)
                             : sequence.Packed(SequenceRowsInput(table, feature)),
                      table.dim, &sequence});
    }
  }
  OnnxModelBuilder builder(model, dense, std::move(embeddings), std::move(rows),
                           schema.model.numeric, &graph);
  model.Describe(builder);
  ROOKERY_CHECK(builder.has_output()) << "the model described no output";

  if (graph.model().ByteSizeLong() > kOnnxBytesMax) {
    return Status(Code::kExhausted,
                  StrCat("the ONNX model would have ", graph.model().ByteSizeLong(),
                         " bytes; protobuf takes 2 GB"));
  }
  ROOKERY_RETURN_IF_ERROR(Check(graph.model()));
  return graph.model().SerializeAsString();
}

}  // namespace rookery
