#include "serving/schema_file.h"

#include <algorithm>
#include <utility>

#include "common/json.h"
#include "common/limits.h"
#include "data/sequence.h"
#include "models/losses/loss.h"
#include "models/model_options.h"
#include "serving/export_manifest.h"
#include "serving/onnx_inputs.h"

namespace rookery {
namespace {

constexpr std::string_view kFormatName = "rookery export schema";

JsonArray NumbersToJson(const std::vector<std::uint32_t>& numbers) {
  JsonArray array;
  for (const std::uint32_t number : numbers) array.emplace_back(number);
  return array;
}

Json OptionToJson(const ModelOption& option) {
  if (auto* const* text = std::get_if<std::string*>(&option.field)) return Json(**text);
  if (auto* const* whole = std::get_if<std::uint32_t*>(&option.field)) return Json(**whole);
  return NumbersToJson(*std::get<std::vector<std::uint32_t>*>(option.field));
}

Json ModelToJson(const ModelSpec& model) {
  JsonObject dims;
  for (const auto& [table, dim] : model.table_dims) dims[table] = dim;
  JsonObject object;
  object["name"] = model.name;
  object["dim"] = model.dim;
  object["table_dims"] = std::move(dims);
  object["hidden"] = NumbersToJson(model.hidden);
  object["activation"] = model.activation;
  object["dropout"] = static_cast<double>(model.dropout);
  object["norm"] = model.norm;
  object["loss"] = model.loss;
  object["numeric"] = model.numeric;
  object["label_mean"] = static_cast<double>(model.label_mean);
  ModelSpec own = model;  // the table of options has places to write to
  for (const ModelOption& option : ModelOptionsOf(&own)) {
    if (UsesOption(model.name, option)) object[option.name] = OptionToJson(option);
  }
  return object;
}

std::vector<std::uint32_t> WidthsFromJson(const std::string& name, JsonFields* fields) {
  std::vector<std::uint32_t> widths;
  for (const Json& width : fields->Array(name)) {
    if (!width.is_int64() && !width.is_uint64()) {
      fields->Fail(name, "must hold whole numbers");
      break;
    }
    const auto number = width.to_number<std::int64_t>();
    if (number < 1 || static_cast<std::uint64_t>(number) > kDenseFloatsMax) {
      fields->Fail(name, "holds a width that is out of range");
    }
    widths.push_back(static_cast<std::uint32_t>(number));
  }
  return widths;
}

void OptionFromJson(const ModelOption& option, JsonFields* fields) {
  if (auto* const* text = std::get_if<std::string*>(&option.field)) {
    **text = fields->Text(option.name);
    if (!option.choices.empty() &&
        std::ranges::find(option.choices, **text) == option.choices.end()) {
      fields->Fail(option.name, "is none that is known");
    }
  } else if (auto* const* whole = std::get_if<std::uint32_t*>(&option.field)) {
    **whole = static_cast<std::uint32_t>(fields->Unsigned(option.name, option.high));
    if (**whole < option.low) fields->Fail(option.name, "is too small");
  } else {
    *std::get<std::vector<std::uint32_t>*>(option.field) = WidthsFromJson(option.name, fields);
  }
}

StatusOr<ModelSpec> ModelFromJson(const Json& value, std::string_view path) {
  JsonFields fields(value, StrCat(path, ": model"));
  ModelSpec model;
  model.name = fields.Text("name");
  model.dim = static_cast<std::uint32_t>(fields.Unsigned("dim", kDimMax));
  if (const JsonObject* dims = fields.Value("table_dims").if_object()) {
    JsonFields sizes(fields.Value("table_dims"), StrCat(path, ": table_dims"));
    for (const auto& [table, unused] : *dims) {
      model.table_dims[std::string(table)] =
          static_cast<std::uint32_t>(sizes.Unsigned(table, kDimMax));
    }
    fields.Add(sizes.Finish());
  }
  model.hidden = WidthsFromJson("hidden", &fields);
  model.activation = fields.Text("activation");
  model.dropout = static_cast<float>(fields.Number("dropout"));
  model.norm = fields.Text("norm");
  model.loss = fields.Text("loss");
  for (const ModelOption& option : ModelOptionsOf(&model)) {
    if (UsesOption(model.name, option)) OptionFromJson(option, &fields);
  }
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return model;
}

Json FeaturesToJson(const ExportSchema& schema, const OnnxInputs& inputs) {
  JsonArray features;
  for (std::size_t i = 0; i < schema.layout.features.size(); ++i) {
    const Feature& feature = schema.layout.features[i];
    JsonObject item;
    item["name"] = feature.name;
    item["list"] = feature.list;
    item["sequence"] = feature.combiner == Combiner::kNone;
    item["space_seed"] = feature.space_seed;
    item["onnx_input"] = feature.list ? ListKeysInput(feature) : std::string(kKeysInput);
    item["onnx_column"] = feature.list ? Json(nullptr) : Json(inputs.columns[i]);
    features.push_back(std::move(item));
  }
  return features;
}

Json TablesToJson(const ExportSchema& schema, const Model& model) {
  JsonArray tables;
  for (std::size_t t = 0; t < schema.tables.size(); ++t) {
    const ExportTable& table = schema.tables[t];
    JsonArray features;
    for (std::size_t i = 0; i < model.tables()[t].inputs(); ++i) {
      features.emplace_back(schema.layout.features[model.tables()[t].input(i)].name);
    }
    JsonObject item;
    item["name"] = table.name;
    item["dim"] = table.dim;
    item["rows"] = table.rows;
    item["features"] = std::move(features);
    item["default_row"] = "zeros";
    item["keys_file"] = TableKeysName(table.name);
    item["rows_file"] = TableRowsName(table.name);
    tables.push_back(std::move(item));
  }
  return tables;
}

Json DenseToJson(const Model& model) {
  JsonArray blocks;
  for (const DenseBlockSpec& block : model.dense_blocks()) {
    JsonObject item;
    item["name"] = block.name;
    item["shape"] = JsonArray{block.rows, block.columns};
    blocks.push_back(std::move(item));
  }
  return blocks;
}

Json OnnxToJson(const ExportSchema& schema, const Model& model) {
  JsonArray inputs;
  for (const OnnxInput& input : InputsOf(schema, model)) {
    JsonArray shape;
    for (const std::string& length : input.shape) shape.emplace_back(length);
    JsonObject item;
    item["name"] = input.name;
    item["type"] = input.is_key ? "int64" : "float";
    item["shape"] = std::move(shape);
    inputs.push_back(std::move(item));
  }
  JsonObject object;
  object["file"] = schema.self_contained ? kOnnxModelName : kOnnxDenseName;
  object["self_contained"] = schema.self_contained;
  object["inputs"] = std::move(inputs);
  object["output"] = kScoreOutput;
  object["query"] = LearnsNextItem(schema.model.name) ? Json(kQueryOutput) : Json(nullptr);
  JsonArray labels;
  for (const Column& label : LabelsOf(schema.fitted.schema)) labels.emplace_back(label.name);
  object["labels"] = std::move(labels);
  object["score"] = IsBinaryLoss(schema.model.loss) ? "probability" : "value";
  return object;
}

StatusOr<ExportTable> TableFromJson(const Json& value, std::string_view path) {
  JsonFields fields(value, StrCat(path, ": tables"));
  ExportTable table;
  table.name = fields.Text("name");
  table.dim = static_cast<std::uint32_t>(fields.Unsigned("dim", kDimMax));
  table.rows = fields.Unsigned("rows");
  if (table.dim == 0) fields.Fail("dim", "is 0");
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return table;
}

void FillLabels(const FittedSchema& fitted, ModelSpec* model) {
  const std::vector<Column> labels = LabelsOf(fitted.schema);
  const auto mean = [&fitted](std::size_t k) {
    return k < fitted.label_means.size() ? static_cast<float>(fitted.label_means[k]) : 0.0F;
  };
  model->label_mean = mean(0);
  model->labels.clear();
  for (std::size_t k = 0; labels.size() > 1 && k < labels.size(); ++k) {
    model->labels.push_back({labels[k].name, mean(k), labels[k].loss_weight});
  }
}

}  // namespace

void FillModelSpec(const FittedSchema& fitted, ModelSpec* model) {
  const FeatureLayout layout = LayoutOf(fitted.schema);
  model->features.clear();
  for (const Feature& feature : layout.features) {
    model->features.push_back({feature.name, feature.tables, feature.combiner == Combiner::kNone});
  }
  model->numeric = static_cast<std::uint32_t>(layout.numeric.size());
  FillLabels(fitted, model);
  if (!LearnsNextItem(model->name)) return;
  for (const Column& column : fitted.schema.columns) {
    if (column.name == kHistoryColumn) model->max_length = column.length_max;
  }
}

std::string ExportSchemaToJson(const ExportSchema& schema, const Model& model) {
  // FittedSchemaToJson wrote it a line before, so it parses.
  StatusOr<Json> data = ParseJson(FittedSchemaToJson(schema.fitted), kExportSchemaName);
  JsonObject object;
  object["format"] = kFormatName;
  object["format_version"] = kExportFormatVersion;
  object["model"] = ModelToJson(schema.model);
  object["onnx"] = OnnxToJson(schema, model);
  object["features"] = FeaturesToJson(schema, OnnxInputs(schema.layout));
  object["tables"] = TablesToJson(schema, model);
  object["dense"] = DenseToJson(model);
  object["data"] = *std::move(data);
  return WriteJsonPretty(Json(std::move(object)));
}

StatusOr<ExportSchema> ExportSchemaFromJson(std::string_view json, std::string_view path) {
  ROOKERY_ASSIGN_OR_RETURN(const Json value, ParseJson(json, path));
  JsonFields fields(value, path);
  if (fields.Text("format") != kFormatName) fields.Fail("format", "is not an export's schema");
  const std::uint64_t version = fields.Unsigned("format_version");
  if (fields.Finish().ok() && version != kExportFormatVersion) {
    fields.Fail("format_version",
                StrCat("is ", version, "; this build reads ", kExportFormatVersion));
  }
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  ExportSchema schema;
  ROOKERY_ASSIGN_OR_RETURN(schema.model, ModelFromJson(fields.Value("model"), path));
  for (const Json& item : fields.Array("tables")) {
    ROOKERY_ASSIGN_OR_RETURN(ExportTable table, TableFromJson(item, path));
    schema.tables.push_back(std::move(table));
  }
  StatusOr<FittedSchema> fitted = FittedSchemaFromJson(WriteJson(fields.Value("data")));
  ROOKERY_RETURN_IF_ERROR(Annotate(fitted.status(), path, ": data"));
  schema.fitted = *std::move(fitted);
  schema.layout = LayoutOf(schema.fitted.schema);
  FillModelSpec(schema.fitted, &schema.model);
  JsonFields onnx(fields.Value("onnx"), StrCat(path, ": onnx"));
  schema.self_contained = onnx.Bool("self_contained");
  fields.Add(onnx.Finish());
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return schema;
}

}  // namespace rookery
