#include "data/transform.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "common/json.h"
#include "data/schema_json.h"

namespace rookery {
namespace {

constexpr std::uint64_t kFeaturesFormat = 1;
constexpr std::string_view kName = "features.json";

std::size_t NumericColumns(const Schema& schema) {
  return static_cast<std::size_t>(
      std::count_if(schema.columns.begin(), schema.columns.end(),
                    [](const Column& column) { return column.type == ColumnType::kNumeric; }));
}

Json StatisticsToJson(const NumericStatistics& statistics) {
  JsonObject object;
  object["mean"] = statistics.mean;
  object["standard_deviation"] = statistics.standard_deviation;
  object["minimum"] = statistics.minimum;
  object["maximum"] = statistics.maximum;
  return object;
}

StatusOr<NumericStatistics> StatisticsFromJson(const Json& value) {
  JsonFields fields(value, StrCat(kName, ": statistics"));
  NumericStatistics statistics;
  statistics.mean = fields.Number("mean");
  statistics.standard_deviation = fields.Number("standard_deviation");
  statistics.minimum = fields.Number("minimum");
  statistics.maximum = fields.Number("maximum");
  if (!(statistics.standard_deviation >= 0)) fields.Fail("standard_deviation", "is negative");
  if (!(statistics.minimum <= statistics.maximum)) fields.Fail("minimum", "is above the maximum");
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return statistics;
}

StatusOr<std::vector<float>> BoundariesFromJson(const Json& value) {
  if (!value.is_array()) return Corrupt(kName, ": \"bucket_boundaries\" must hold arrays");
  std::vector<float> boundaries;
  for (const Json& item : value.get_array()) {
    if (!item.is_double()) return Corrupt(kName, ": \"bucket_boundaries\" must hold numbers");
    boundaries.push_back(static_cast<float>(item.get_double()));
    const std::size_t count = boundaries.size();
    if (count > 1 && !(boundaries[count - 2] < boundaries[count - 1])) {
      return Corrupt(kName, ": \"bucket_boundaries\" must ascend");
    }
  }
  return boundaries;
}

// For readers in other languages: what the schema implies. Ignored by FittedSchemaFromJson.
void AddLayout(const Schema& schema, JsonObject* object) {
  const FeatureLayout layout = LayoutOf(schema);
  JsonArray features;
  for (const Feature& feature : layout.features) {
    JsonObject item;
    item["name"] = feature.name;
    item["key"] = KeyKindName(feature.key);
    item["space_seed"] = feature.space_seed;
    item["list"] = feature.list;
    item["weighted"] = feature.weighted;
    item["combiner"] = CombinerName(feature.combiner);
    features.push_back(std::move(item));
  }
  JsonArray numeric;
  for (const std::string& name : layout.numeric) numeric.emplace_back(name);
  (*object)["features"] = std::move(features);
  (*object)["numeric"] = std::move(numeric);
}

Status CheckSizes(const FittedSchema& fitted) {
  const std::size_t numeric = NumericColumns(fitted.schema);
  if (fitted.statistics.size() != numeric) {
    return Corrupt(kName, ": \"statistics\" has ", fitted.statistics.size(),
                   " entries; one per numeric column is ", numeric);
  }
  const std::size_t labels = LabelsOf(fitted.schema).size();
  if (fitted.label_means.size() != labels) {
    return Corrupt(kName, ": the means of ", fitted.label_means.size(), " labels; there are ",
                   labels);
  }
  if (fitted.bucket_boundaries.size() != fitted.schema.buckets.size()) {
    return Corrupt(kName, ": \"bucket_boundaries\" has ", fitted.bucket_boundaries.size(),
                   " entries; one per bucket is ", fitted.schema.buckets.size());
  }
  return OkStatus();
}

}  // namespace

std::string FittedSchemaToJson(const FittedSchema& fitted) {
  JsonObject object;
  object["format"] = kFeaturesFormat;
  object["schema"] = SchemaToJson(fitted.schema);
  JsonArray statistics;
  for (const NumericStatistics& item : fitted.statistics) {
    statistics.push_back(StatisticsToJson(item));
  }
  object["statistics"] = std::move(statistics);
  JsonArray all_boundaries;
  for (const std::vector<float>& boundaries : fitted.bucket_boundaries) {
    JsonArray array;
    for (const float boundary : boundaries) array.emplace_back(static_cast<double>(boundary));
    all_boundaries.push_back(std::move(array));
  }
  object["bucket_boundaries"] = std::move(all_boundaries);
  object["signed_labels"] = fitted.signed_labels;
  object["label_mean"] = fitted.label_means.empty() ? 0.0 : fitted.label_means[0];
  if (fitted.label_means.size() > 1) {
    JsonArray others;
    for (const double mean : std::span(fitted.label_means).subspan(1)) others.emplace_back(mean);
    object["other_label_means"] = std::move(others);
  }
  object["examples_seen"] = fitted.examples_seen;
  AddLayout(fitted.schema, &object);
  return WriteJsonPretty(Json(std::move(object)));
}

StatusOr<FittedSchema> FittedSchemaFromJson(std::string_view json) {
  ROOKERY_ASSIGN_OR_RETURN(const Json value, ParseJson(json, kName));
  JsonFields fields(value, kName);
  const std::uint64_t format = fields.Unsigned("format");
  if (fields.Finish().ok() && format != kFeaturesFormat) {
    return Corrupt(kName, ": format ", format, "; this build reads format ", kFeaturesFormat);
  }
  FittedSchema fitted;
  const Json& schema_value = fields.Value("schema");
  fitted.signed_labels = fields.Bool("signed_labels");
  fitted.label_means = {fields.Number("label_mean")};
  if (fields.Has("other_label_means")) {
    for (const Json& mean : fields.Array("other_label_means")) {
      if (!mean.is_double()) return Corrupt(kName, ": \"other_label_means\" must hold numbers");
      fitted.label_means.push_back(mean.get_double());
    }
  }
  fitted.examples_seen = fields.Unsigned("examples_seen");
  for (const Json& item : fields.Array("statistics")) {
    ROOKERY_ASSIGN_OR_RETURN(NumericStatistics statistics, StatisticsFromJson(item));
    fitted.statistics.push_back(statistics);
  }
  for (const Json& item : fields.Array("bucket_boundaries")) {
    ROOKERY_ASSIGN_OR_RETURN(std::vector<float> boundaries, BoundariesFromJson(item));
    fitted.bucket_boundaries.push_back(std::move(boundaries));
  }
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  ROOKERY_ASSIGN_OR_RETURN(Schema schema, SchemaFromJson(schema_value, kName));
  StatusOr<Schema> resolved = ResolveSchema(std::move(schema));
  if (!resolved.ok()) return Corrupt(kName, ": ", resolved.status().message());
  fitted.schema = *std::move(resolved);
  ROOKERY_RETURN_IF_ERROR(CheckSizes(fitted));
  return fitted;
}

}  // namespace rookery
