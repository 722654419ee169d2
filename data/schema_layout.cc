// What a schema makes of a line: features, numeric inputs and labels.
#include "common/error.h"
#include "common/hash.h"
#include "data/schema.h"

namespace rookery {
namespace {

// Of the examples of a sequence.
Column TheLabel() {
  Column label;
  label.name = "label";
  label.type = ColumnType::kLabel;
  return label;
}

Feature FeatureOfColumn(const Schema& schema, const Column& column) {
  Feature feature;
  feature.name = column.name;
  feature.key = column.key;
  feature.space_seed = HashText(column.space, schema.salt);
  feature.list = column.type == ColumnType::kList;
  feature.weighted = schema.format == InputFormat::kLibsvm;
  if (feature.list) feature.combiner = column.combiner;
  feature.tables = column.tables;
  feature.dropout = column.dropout;
  return feature;
}

Feature DerivedFeature(const Schema& schema, const std::string& name,
                       const std::vector<std::string>& tables) {
  Feature feature;
  feature.name = name;
  feature.space_seed = HashText(name, schema.salt);
  feature.tables = tables;
  return feature;
}

}  // namespace

std::vector<Column> LabelsOf(const Schema& schema) {
  if (schema.format == InputFormat::kSequence) return {TheLabel()};
  std::vector<Column> labels;
  for (const Column& column : schema.columns) {
    if (column.type == ColumnType::kLabel) labels.push_back(column);
  }
  return labels;
}

FeatureLayout LayoutOf(const Schema& schema) {
  FeatureLayout layout;
  for (const Column& column : schema.columns) {
    if (column.type == ColumnType::kNumeric && column.input) layout.numeric.push_back(column.name);
    for (std::uint32_t i = 0; column.type == ColumnType::kVector && i < column.dim; ++i) {
      layout.numeric.push_back(StrCat(column.name, ".", i));
    }
    if (column.type == ColumnType::kCategorical || column.type == ColumnType::kList) {
      layout.features.push_back(FeatureOfColumn(schema, column));
    }
  }
  for (const BucketFeature& bucket : schema.buckets) {
    layout.features.push_back(DerivedFeature(schema, bucket.name, bucket.tables));
  }
  for (const Cross& cross : schema.crosses) {
    layout.features.push_back(DerivedFeature(schema, cross.name, cross.tables));
  }
  return layout;
}

}  // namespace rookery
