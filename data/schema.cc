#include "data/schema.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "common/limits.h"

namespace rookery {
namespace {

constexpr std::uint32_t kVectorMax = 1U << 14U;
constexpr int kCriteoIntegers = 13;
constexpr int kCriteoCategories = 26;

template <class... Parts>
Status BadColumn(const std::string& name, const Parts&... what) {
  return InvalidInput("[[data.column]] \"", name, "\": ", what...);
}
template <class... Parts>
Status BadBucket(const std::string& name, const Parts&... what) {
  return InvalidInput("[[data.bucket]] \"", name, "\": ", what...);
}
template <class... Parts>
Status BadCross(const std::string& name, const Parts&... what) {
  return InvalidInput("[[data.cross]] \"", name, "\": ", what...);
}

Column MakeColumn(std::string name, ColumnType type) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  return column;
}

std::vector<Column> CriteoColumns() {
  std::vector<Column> columns = {MakeColumn("label", ColumnType::kLabel)};
  for (int i = 1; i <= kCriteoIntegers; ++i) {
    columns.push_back(MakeColumn(StrCat("i", i), ColumnType::kNumeric));
    columns.back().transform = NumericTransform::kLog;
  }
  for (int i = 1; i <= kCriteoCategories; ++i) {
    columns.push_back(MakeColumn(StrCat("c", i), ColumnType::kCategorical));
  }
  return columns;
}

bool IsType(const Column& column, ColumnType type) {
  return column.type == type;
}

std::size_t CountOf(const Schema& schema, ColumnType type) {
  return static_cast<std::size_t>(
      std::count_if(schema.columns.begin(), schema.columns.end(),
                    [type](const Column& column) { return IsType(column, type); }));
}

const Column* FindColumn(const Schema& schema, const std::string& name) {
  const auto found = std::find_if(schema.columns.begin(), schema.columns.end(),
                                  [&](const Column& column) { return column.name == name; });
  return found == schema.columns.end() ? nullptr : &*found;
}

bool IsBucket(const Schema& schema, const std::string& name) {
  return std::any_of(schema.buckets.begin(), schema.buckets.end(),
                     [&](const BucketFeature& bucket) { return bucket.name == name; });
}

void FillFormatDefaults(Schema* schema) {
  if (schema->format == InputFormat::kCriteo) {
    schema->delimiter = '\t';
    schema->quote = '\0';
    schema->header = false;
    schema->trim = false;
    if (schema->columns.empty()) schema->columns = CriteoColumns();
  }
  if (schema->format == InputFormat::kLibsvm) {
    schema->header = false;
    if (CountOf(*schema, ColumnType::kLabel) == 0) {
      schema->columns.insert(schema->columns.begin(), MakeColumn("label", ColumnType::kLabel));
    }
    if (schema->columns.size() == 1) {
      schema->columns.push_back(MakeColumn("features", ColumnType::kList));
      schema->columns.back().key = KeyKind::kIdentity;
      schema->columns.back().combiner = Combiner::kSum;
    }
  }
  for (Column& column : schema->columns) {
    if (column.space.empty()) column.space = column.name;
  }
}

Status CheckText(const Schema& schema) {
  if (schema.columns.empty()) {
    return InvalidInput("[data]: no [[data.column]]; name one per column of the file");
  }
  if (schema.delimiter == '\n' || schema.delimiter == '\r' || schema.delimiter == '\0') {
    return InvalidInput("[data] delimiter: must be a character inside a line");
  }
  if (schema.quote != '\0' && schema.quote == schema.delimiter) {
    return InvalidInput("[data] quote: is the delimiter as well; use another or \"\"");
  }
  for (const std::string& prefix : schema.skip_prefixes) {
    if (prefix.empty()) {
      return InvalidInput("[data] skip_prefixes: \"\" would skip every line; leave it out");
    }
  }
  return OkStatus();
}

Status CheckNames(const Schema& schema) {
  std::set<std::string> seen;
  const auto check = [&seen](const std::string& name, auto bad) {
    if (name.empty()) return bad(name, "has no name");
    if (!seen.insert(name).second) return bad(name, "the name is used twice; rename one");
    return OkStatus();
  };
  for (const Column& column : schema.columns) {
    ROOKERY_RETURN_IF_ERROR(check(column.name, [](const std::string& name, const char* what) {
      return BadColumn(name, what);
    }));
  }
  for (const BucketFeature& bucket : schema.buckets) {
    ROOKERY_RETURN_IF_ERROR(check(bucket.name, [](const std::string& name, const char* what) {
      return BadBucket(name, what);
    }));
  }
  for (const Cross& cross : schema.crosses) {
    ROOKERY_RETURN_IF_ERROR(check(cross.name, [](const std::string& name, const char* what) {
      return BadCross(name, what);
    }));
  }
  for (const Column& column : schema.columns) {
    const bool vector = IsType(column, ColumnType::kVector);
    for (std::uint32_t i = 0; vector && i < std::min(column.dim, kVectorMax); ++i) {
      ROOKERY_RETURN_IF_ERROR(
          check(StrCat(column.name, ".", i),
                [](const std::string& name, const char* what) { return BadColumn(name, what); }));
    }
  }
  return OkStatus();
}

Status CheckSequence(const Schema& schema) {
  const std::vector<Column>& columns = schema.columns;
  if (columns.size() != 2 || !IsType(columns[0], ColumnType::kCategorical) ||
      !IsType(columns[1], ColumnType::kList)) {
    return InvalidInput(
        "[data]: format \"sequence\" has two columns, in this order: the user, of type "
        "\"categorical\", and the items, of type \"list\"");
  }
  for (const Column& column : columns) {
    if (const auto& n = column.name; n != "label" && n != "negative" && n != "history") continue;
    return BadColumn(column.name, "the examples have a column of this name; choose another");
  }
  if (columns[0].dropout > 0 || columns[1].dropout > 0 || columns[1].length_max != 0 ||
      !schema.buckets.empty() || !schema.crosses.empty()) {
    return InvalidInput(
        "[data]: format \"sequence\" has no length_max, dropout, buckets and crosses");
  }
  return OkStatus();
}

Status CheckColumns(const Schema& schema) {
  if (schema.format == InputFormat::kSequence) return CheckSequence(schema);
  const std::size_t labels = CountOf(schema, ColumnType::kLabel);
  if (labels == 0) {
    return InvalidInput(
        "[data]: no column has type \"label\"; one must, or several for a model "
        "that learns several");
  }
  if (CountOf(schema, ColumnType::kVector) > 0 && schema.format == InputFormat::kLibsvm) {
    return InvalidInput(
        "[data]: a libsvm line has pairs, no vectors; use columns of type \"numeric\"");
  }
  if (labels > 1 && schema.format == InputFormat::kLibsvm) {
    return InvalidInput("[data]: ", labels, " columns have type \"label\"; a libsvm line has one");
  }
  if (CountOf(schema, ColumnType::kWeight) > 1) {
    return InvalidInput("[data]: two columns have type \"weight\"; at most one may");
  }
  for (const Column& column : schema.columns) {
    if (column.fill && !std::isfinite(*column.fill)) {
      return BadColumn(column.name, "fill must be a finite number");
    }
    if (IsType(column, ColumnType::kVector) && (column.dim == 0 || column.dim > kVectorMax)) {
      return BadColumn(column.name, "a vector needs dim, how many numbers it has, 1 to ",
                       kVectorMax);
    }
    if (!(column.dropout >= 0 && column.dropout < 1)) {
      return BadColumn(column.name, "dropout is a probability, in [0, 1)");
    }
    if (column.dropout > 0 && column.combiner == Combiner::kNone) {
      return BadColumn(column.name,
                       "dropout leaves out a feature's vector, and combiner = \"none\" "
                       "has none; model.dropout may be what you want");
    }
    if (!std::isfinite(column.loss_weight) || column.loss_weight < 0) {
      return BadColumn(column.name, "loss_weight must be a finite number, 0 or more");
    }
    if (IsType(column, ColumnType::kList) && column.separator == '\n') {
      return BadColumn(column.name, "separator must be a character inside a line");
    }
  }
  if (schema.format == InputFormat::kLibsvm && CountOf(schema, ColumnType::kList) > 0 &&
      schema.columns.size() != 2) {
    return InvalidInput(
        "[data]: a libsvm list takes every pair of a line; use it alone, or columns of type "
        "\"categorical\" or \"numeric\", one per pair");
  }
  return OkStatus();
}

Status CheckBuckets(const Schema& schema) {
  for (const BucketFeature& bucket : schema.buckets) {
    const Column* column = FindColumn(schema, bucket.column);
    if (column == nullptr || !IsType(*column, ColumnType::kNumeric)) {
      return BadBucket(bucket.name, "column \"", bucket.column,
                       "\" is not a numeric column; name one of type \"numeric\"");
    }
    if (bucket.boundaries.empty() && bucket.buckets < 2) {
      return BadBucket(bucket.name, "needs buckets = 2 or more, or boundaries");
    }
    for (std::size_t i = 0; i < bucket.boundaries.size(); ++i) {
      if (!std::isfinite(bucket.boundaries[i]) ||
          (i > 0 && !(bucket.boundaries[i - 1] < bucket.boundaries[i]))) {
        return BadBucket(bucket.name, "boundaries must be finite and ascending");
      }
    }
  }
  return OkStatus();
}

Status CheckCrosses(const Schema& schema) {
  for (const Cross& cross : schema.crosses) {
    if (cross.parts.size() < 2) return BadCross(cross.name, "needs two parts or more");
    std::set<std::string> seen;
    for (const std::string& part : cross.parts) {
      const Column* column = FindColumn(schema, part);
      const bool single = column != nullptr && IsType(*column, ColumnType::kCategorical);
      if (!single && !IsBucket(schema, part)) {
        return BadCross(cross.name, "part \"", part,
                        "\" is neither a categorical column nor a bucket; name one of those");
      }
      if (!seen.insert(part).second) return BadCross(cross.name, "part \"", part, "\" twice");
    }
  }
  return OkStatus();
}

bool ShareTable(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty() || b.empty()) return true;  // every table
  return std::any_of(a.begin(), a.end(), [&b](const std::string& table) {
    return std::find(b.begin(), b.end(), table) != b.end();
  });
}

bool HasIdentityKeys(const Column& column) {
  return column.key == KeyKind::kIdentity &&
         (IsType(column, ColumnType::kCategorical) || IsType(column, ColumnType::kList));
}

Status CheckIdentity(const Schema& schema) {
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const Column& a = schema.columns[i];
    for (std::size_t j = i + 1; HasIdentityKeys(a) && j < schema.columns.size(); ++j) {
      const Column& b = schema.columns[j];
      if (!HasIdentityKeys(b) || a.space == b.space || !ShareTable(a.tables, b.tables)) continue;
      return BadColumn(b.name, "key = \"identity\" in the same table as \"", a.name,
                       "\": equal integers would share a row; give both the same space, or tables "
                       "of their own, or key = \"hash\"");
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<Schema> ResolveSchema(Schema schema) {
  FillFormatDefaults(&schema);
  ROOKERY_RETURN_IF_ERROR(CheckText(schema));
  ROOKERY_RETURN_IF_ERROR(CheckNames(schema));
  ROOKERY_RETURN_IF_ERROR(CheckColumns(schema));
  ROOKERY_RETURN_IF_ERROR(CheckBuckets(schema));
  ROOKERY_RETURN_IF_ERROR(CheckCrosses(schema));
  ROOKERY_RETURN_IF_ERROR(CheckIdentity(schema));
  const std::size_t features =
      schema.columns.size() + schema.buckets.size() + schema.crosses.size();
  if (features > kFeaturesMax) {
    return InvalidInput("[data]: ", features, " columns, buckets and crosses; the most is ",
                        kFeaturesMax);
  }
  return schema;
}

}  // namespace rookery
