// What is inside the ONNX file; that it computes the right scores is onnx_runtime_test's business.
#include "serving/onnx_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#define ONNX_ML 1
#endif
#include <onnx/onnx_pb.h>

#include "io/memory_file_system.h"
#include "serving/exporter.h"
#include "tests/serving/testing/small_checkpoint.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;

onnx::ModelProto ExportedModel(const Schema& schema, const std::string& text,
                               const std::string& model, std::uint64_t rows_max = 1000) {
  MemoryFileSystem files;
  SmallCheckpoint checkpoint(&files, "run", schema, text, SmallModel(model));
  ExportOptions options;
  options.directory = "export";
  options.model = checkpoint.model_spec;
  options.onnx_rows_max = rows_max;
  const auto summary = ExportModel(files, *checkpoint.reader, options);
  EXPECT_TRUE(summary.ok()) << summary.status().ToString();
  const std::string name = summary->self_contained ? "export/model.onnx" : "export/dense.onnx";
  onnx::ModelProto proto;
  EXPECT_TRUE(proto.ParseFromString(ReadWholeFile(files, name, 1U << 30U).value()));
  return proto;
}

// "keys int64 batch 4"
std::vector<std::string> InputsOf(const onnx::ModelProto& model) {
  std::vector<std::string> inputs;
  for (const onnx::ValueInfoProto& input : model.graph().input()) {
    const onnx::TypeProto_Tensor& tensor = input.type().tensor_type();
    std::string text = input.name();
    text += tensor.elem_type() == onnx::TensorProto_DataType_INT64 ? " int64" : " float";
    for (const auto& length : tensor.shape().dim()) {
      text +=
          " " + (length.has_dim_param() ? length.dim_param() : std::to_string(length.dim_value()));
    }
    inputs.push_back(text);
  }
  return inputs;
}

const onnx::TensorProto* FindTensor(const onnx::ModelProto& model, const std::string& name) {
  for (const onnx::TensorProto& tensor : model.graph().initializer()) {
    if (tensor.name() == name) return &tensor;
  }
  return nullptr;
}

TEST(OnnxWriter, InputsOfEveryKind) {
  const auto csv = ExportedModel(SmallCsvSchema(), SmallCsvText(), "deepfm");
  EXPECT_THAT(InputsOf(csv),
              ElementsAre("keys int64 batch 4", "tags.keys int64 batch tags.length",
                          "tags.weights float batch tags.length", "numeric float batch 2"));
  const auto pairs = ExportedModel(SmallPairsSchema(), SmallPairsText(), "fm");
  EXPECT_THAT(InputsOf(pairs), ElementsAre("keys int64 batch 2", "key_weights float batch 2"));
  const auto dense = ExportedModel(SmallCsvSchema(), SmallCsvText(), "wide_deep", 5);
  EXPECT_THAT(InputsOf(dense),
              ElementsAre("default.embeddings float batch 20", "wide.embeddings float batch 5",
                          "numeric float batch 2"));
  EXPECT_EQ(csv.graph().output_size(), 1);
  EXPECT_EQ(csv.graph().output(0).name(), "score");
}

TEST(OnnxWriter, UnseenKeysReadTheRowOfZerosAtTheEnd) {
  const auto model = ExportedModel(SmallPairsSchema(), SmallPairsText(), "fm");
  const onnx::TensorProto* rows = FindTensor(model, "table.default");
  ASSERT_NE(rows, nullptr);
  ASSERT_EQ(rows->dims_size(), 2);
  EXPECT_EQ(rows->dims(0), 9 + 13 + 1);
  EXPECT_EQ(rows->dims(1), 5);
  const std::string& bytes = rows->raw_data();
  ASSERT_EQ(bytes.size(), 23U * 5 * 4);
  EXPECT_EQ(bytes.substr(bytes.size() - 20), std::string(20, '\0'));
  EXPECT_NE(bytes.substr(bytes.size() - 40, 20), std::string(20, '\0'));
  int encoders = 0;
  for (const onnx::NodeProto& node : model.graph().node()) {
    if (node.op_type() != "LabelEncoder") continue;
    ++encoders;
    ASSERT_EQ(node.attribute_size(), 3);
    EXPECT_EQ(node.attribute(0).ints_size(), 22);
    EXPECT_EQ(node.attribute(1).ints(21), 21);
    EXPECT_EQ(node.attribute(2).name(), "default_int64");
    EXPECT_EQ(node.attribute(2).i(), 22);
  }
  EXPECT_EQ(encoders, 1) << "one look-up for all single-valued features of a table";
}

TEST(OnnxWriter, KnowsWhatFits) {
  EXPECT_TRUE(FitsOnnx({{"t", 17, 2'000'000}}, 1'000'000));
  EXPECT_FALSE(FitsOnnx({{"t", 17, 30'000'000}}, 0));
  EXPECT_FALSE(FitsOnnx({{"t", 1, 1}}, 500'000'000));
  EXPECT_FALSE(FitsOnnx({{"t", 1, UINT64_MAX / 2}}, 0)) << "sizes do not overflow";
}

}  // namespace
}  // namespace rookery
