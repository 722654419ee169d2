#include "serving/readme_text.h"

#include "common/error.h"
#include "models/losses/loss.h"
#include "serving/export_manifest.h"
#include "serving/onnx_inputs.h"

namespace rookery {
namespace {

std::string InputLines(const ExportSchema& schema, const Model& model) {
  std::string text;
  for (const OnnxInput& input : InputsOf(schema, model)) {
    text += StrCat("  ", input.name, ": ", input.is_key ? "int64 [" : "float [", input.shape[0],
                   ", ", input.shape[1], "]\n");
  }
  return text;
}

constexpr std::string_view kKeysText =
    "A key is the XXH3-64 of the cell's bytes with the feature's \"space_seed\" of schema.json as\n"
    "seed (Python: xxhash.xxh3_64_intdigest(bytes, seed)). A column with key = \"identity\" takes "
    "its\n"
    "integer as it is. Keys that were never trained read a row of zeros.\n";
constexpr std::string_view kWithTablesText =
    "Keys are passed as signed integers of the same bits. Column i of \"keys\" is the feature "
    "with\n"
    "onnx_column i. A list has its keys in NAME.keys, padded with any value, and in NAME.weights "
    "1\n"
    "for a key (or its weight) and 0 for padding.\n";
constexpr std::string_view kDenseOnlyText =
    "The tables are too large to lie inside the ONNX file, so it starts from the combined "
    "vectors:\n"
    "look up each key in table-NAME.keys (ascending by MixKey), take its row of table-NAME.rows "
    "or\n"
    "zeros, and combine a feature's rows as its combiner says. schema.json lists the features of\n"
    "each table in the order in which their vectors follow each other; the rows of a sequence are\n"
    "inputs of their own.\n";

std::string ScoresLine(const ExportSchema& schema, const Model& model) {
  const std::string what =
      IsBinaryLoss(schema.model.loss) ? "a probability" : "the predicted value";
  if (model.outputs() == 1) return ": float [batch], " + what;
  std::string names;
  for (const LabelShape& label : schema.model.labels) {
    names += (names.empty() ? "" : ", ") + label.name;
  }
  return StrCat(": float [batch, ", model.outputs(), "], ", what, " of each of ", names);
}

}  // namespace

std::string ReadmeText(const ExportSchema& schema, const Model& model) {
  const std::string_view onnx = schema.self_contained ? kOnnxModelName : kOnnxDenseName;
  return StrCat(
      "A model exported by Rookery: ", schema.model.name, ", loss ", schema.model.loss, ".\n\n",
      "Score a data file in the format of the training data:\n",
      "  rookery predict THIS_DIRECTORY DATA --out scores.tsv\n",
      "Is it complete, and does it score here as it did where it was made?\n",
      "  rookery verify-export THIS_DIRECTORY\n\n", "With ONNX Runtime, ", onnx, ":\n",
      InputLines(schema, model), "gives\n  ", kScoreOutput, ScoresLine(schema, model), "\n\n",
      kKeysText, schema.self_contained ? kWithTablesText : kDenseOnlyText, "\n",
      "schema.json holds columns, transforms and key spaces; golden.json what the lines of\n"
      "golden.data must give. model.safetensors has all parameters by name. MANIFEST.json has the\n"
      "size and XXH3-64 of every file. docs/export_format.md of Rookery describes all of it.\n");
}

}  // namespace rookery
