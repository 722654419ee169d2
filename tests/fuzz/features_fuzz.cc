// Any text as features.json: what is accepted prints the same again, and encodes cells.
#include <algorithm>

#include "common/check.h"
#include "data/feature_encoder.h"
#include "data/transform.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

void EncodeCells(const FittedSchema& fitted) {
  FeatureEncoder encoder(&fitted, false);
  Batch batch;
  encoder.Clear(&batch);
  std::vector<std::string_view> cells(fitted.schema.columns.size());
  for (const std::string_view text : {"", "1", "-7", "2.5", "a|b", "3:0.5 4:1", "nan"}) {
    std::ranges::fill(cells, text);
    const std::size_t before = batch.examples;
    const bool encoded = encoder.Append(cells, &batch);
    ROOKERY_CHECK(batch.examples == before + (encoded ? 1 : 0));
  }
  ROOKERY_CHECK(batch.features.size() == LayoutOf(fitted.schema).features.size());
}

}  // namespace

bool FuzzFeatures(FuzzBytes bytes) {
  const StatusOr<FittedSchema> fitted = FittedSchemaFromJson(TextOfBytes(bytes));
  if (!fitted.ok()) return false;
  const std::string json = FittedSchemaToJson(*fitted);
  const StatusOr<FittedSchema> again = FittedSchemaFromJson(json);
  ROOKERY_CHECK(again.ok()) << again.status().message();
  ROOKERY_CHECK(FittedSchemaToJson(*again) == json) << "another schema came out";
  EncodeCells(*fitted);
  return true;
}

FuzzSeeds SeedsOfFeatures() {
  const auto column = [](const char* name, ColumnType type) {
    Column made;
    made.name = name;
    made.type = type;
    return made;
  };
  Schema csv;
  csv.missing = {"?"};
  csv.salt = 7;
  csv.columns = {column("y", ColumnType::kLabel), column("n", ColumnType::kNumeric),
                 column("c", ColumnType::kCategorical), column("l", ColumnType::kList),
                 column("w", ColumnType::kWeight)};
  csv.columns[0].positive = {"1"};
  csv.columns[1].transform = NumericTransform::kMinMax;
  csv.buckets = {{"b", "n", 0, {1.5F, 3}, {}}};
  csv.crosses = {{"x", {"c", "b"}, {}}};
  Schema pairs;
  pairs.format = InputFormat::kLibsvm;
  FuzzSeeds seeds;
  for (const Schema& schema : {csv, pairs}) {
    StatusOr<Schema> resolved = ResolveSchema(schema);
    ROOKERY_CHECK(resolved.ok()) << resolved.status().message();
    FittedSchema fitted;
    fitted.schema = *resolved;
    fitted.statistics.resize(resolved->buckets.size());  // as many numeric columns as buckets
    for (const BucketFeature& bucket : resolved->buckets) {
      fitted.bucket_boundaries.push_back(bucket.boundaries);
    }
    seeds.push_back(FittedSchemaToJson(fitted));
  }
  return seeds;
}

}  // namespace rookery
