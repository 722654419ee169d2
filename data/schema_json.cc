#include "data/schema_json.h"

#include <array>
#include <cstddef>
#include <utility>

#include "common/check.h"

namespace rookery {
namespace {

template <class E>
using Name = std::pair<E, std::string_view>;

constexpr std::array kFormats = {Name<InputFormat>{InputFormat::kCsv, "csv"},
                                 Name<InputFormat>{InputFormat::kLibsvm, "libsvm"},
                                 Name<InputFormat>{InputFormat::kCriteo, "criteo"},
                                 Name<InputFormat>{InputFormat::kSequence, "sequence"}};
constexpr std::array kTypes = {Name<ColumnType>{ColumnType::kLabel, "label"},
                               Name<ColumnType>{ColumnType::kNumeric, "numeric"},
                               Name<ColumnType>{ColumnType::kCategorical, "categorical"},
                               Name<ColumnType>{ColumnType::kList, "list"},
                               Name<ColumnType>{ColumnType::kWeight, "weight"},
                               Name<ColumnType>{ColumnType::kIgnore, "ignore"},
                               Name<ColumnType>{ColumnType::kVector, "vector"}};
constexpr std::array kTransforms = {
    Name<NumericTransform>{NumericTransform::kNone, "none"},
    Name<NumericTransform>{NumericTransform::kLog, "log"},
    Name<NumericTransform>{NumericTransform::kMinMax, "min_max"},
    Name<NumericTransform>{NumericTransform::kStandard, "standard"}};
constexpr std::array kKeyKinds = {Name<KeyKind>{KeyKind::kHash, "hash"},
                                  Name<KeyKind>{KeyKind::kIdentity, "identity"}};
constexpr std::array kListEnds = {Name<ListEnd>{ListEnd::kFirst, "first"},
                                  Name<ListEnd>{ListEnd::kLast, "last"}};
constexpr std::array kCombiners = {
    Name<Combiner>{Combiner::kSum, "sum"}, Name<Combiner>{Combiner::kMean, "mean"},
    Name<Combiner>{Combiner::kSqrtN, "sqrtn"}, Name<Combiner>{Combiner::kNone, "none"}};

template <class E, std::size_t N>
std::string_view NameOf(const std::array<Name<E>, N>& names, E value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value) return name;
  }
  ROOKERY_CHECK(false) << "enumerator without a name";
  return {};
}

template <class E, std::size_t N>
E ReadEnum(const std::array<Name<E>, N>& names, std::string_view field, JsonFields* fields) {
  const std::string text = fields->Text(field);
  std::string known;
  for (const auto& [value, name] : names) {
    if (name == text) return value;
    known += StrCat(known.empty() ? "" : ", ", name);
  }
  fields->Fail(field, StrCat("is \"", text, "\"; known: ", known));
  return names[0].first;
}

JsonArray TextsToJson(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

std::vector<std::string> ReadTexts(std::string_view field, JsonFields* fields) {
  std::vector<std::string> texts;
  for (const Json& item : fields->Array(field)) {
    if (!item.is_string()) {
      fields->Fail(field, "must hold strings");
      break;
    }
    texts.emplace_back(std::string_view(item.get_string()));
  }
  return texts;
}

// '\0' is "".
std::string CharToText(char character) {
  return character == '\0' ? std::string() : std::string(1, character);
}

char ReadChar(std::string_view field, JsonFields* fields) {
  const std::string text = fields->Text(field);
  if (text.size() > 1) fields->Fail(field, "must be one character or none");
  return text.empty() ? '\0' : text[0];
}

Json ColumnToJson(const Column& column) {
  JsonObject object;
  object["name"] = column.name;
  object["type"] = NameOf(kTypes, column.type);
  object["space"] = column.space;
  object["key"] = NameOf(kKeyKinds, column.key);
  object["separator"] = CharToText(column.separator);
  object["combiner"] = NameOf(kCombiners, column.combiner);
  object["length_max"] = column.length_max;
  object["keep"] = NameOf(kListEnds, column.keep);
  object["tables"] = TextsToJson(column.tables);
  object["transform"] = NameOf(kTransforms, column.transform);
  object["fill"] = column.fill ? Json(static_cast<double>(*column.fill)) : Json(nullptr);
  object["input"] = column.input;
  object["positive"] = TextsToJson(column.positive);
  object["dim"] = column.dim;
  object["dropout"] = static_cast<double>(column.dropout);
  object["loss_weight"] = static_cast<double>(column.loss_weight);
  return object;
}

StatusOr<Column> ColumnFromJson(const Json& value, std::string_view name) {
  JsonFields fields(value, name);
  Column column;
  column.name = fields.Text("name");
  column.type = ReadEnum(kTypes, "type", &fields);
  column.space = fields.Text("space");
  column.key = ReadEnum(kKeyKinds, "key", &fields);
  column.separator = ReadChar("separator", &fields);
  column.combiner = ReadEnum(kCombiners, "combiner", &fields);
  column.length_max = static_cast<std::uint32_t>(fields.Unsigned("length_max", UINT32_MAX));
  if (fields.Has("keep")) column.keep = ReadEnum(kListEnds, "keep", &fields);  // newer than others
  column.tables = ReadTexts("tables", &fields);
  column.transform = ReadEnum(kTransforms, "transform", &fields);
  if (!fields.Value("fill").is_null()) column.fill = static_cast<float>(fields.Number("fill"));
  column.input = fields.Bool("input");
  column.positive = ReadTexts("positive", &fields);
  if (fields.Has("dim"))
    column.dim = static_cast<std::uint32_t>(fields.Unsigned("dim", UINT32_MAX));
  if (fields.Has("dropout")) column.dropout = static_cast<float>(fields.Number("dropout"));
  if (fields.Has("loss_weight")) {  // newer than others
    column.loss_weight = static_cast<float>(fields.Number("loss_weight"));
  }
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return column;
}

Json BucketToJson(const BucketFeature& bucket) {
  JsonArray boundaries;
  for (const float boundary : bucket.boundaries) {
    boundaries.emplace_back(static_cast<double>(boundary));
  }
  JsonObject object;
  object["name"] = bucket.name;
  object["column"] = bucket.column;
  object["buckets"] = bucket.buckets;
  object["boundaries"] = std::move(boundaries);
  object["tables"] = TextsToJson(bucket.tables);
  return object;
}

StatusOr<BucketFeature> BucketFromJson(const Json& value, std::string_view name) {
  JsonFields fields(value, name);
  BucketFeature bucket;
  bucket.name = fields.Text("name");
  bucket.column = fields.Text("column");
  bucket.buckets = static_cast<std::uint32_t>(fields.Unsigned("buckets", UINT32_MAX));
  for (const Json& item : fields.Array("boundaries")) {
    if (!item.is_double()) {
      fields.Fail("boundaries", "must hold numbers");
      break;
    }
    bucket.boundaries.push_back(static_cast<float>(item.get_double()));
  }
  bucket.tables = ReadTexts("tables", &fields);
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return bucket;
}

Json CrossToJson(const Cross& cross) {
  JsonObject object;
  object["name"] = cross.name;
  object["parts"] = TextsToJson(cross.parts);
  object["tables"] = TextsToJson(cross.tables);
  return object;
}

StatusOr<Cross> CrossFromJson(const Json& value, std::string_view name) {
  JsonFields fields(value, name);
  Cross cross;
  cross.name = fields.Text("name");
  cross.parts = ReadTexts("parts", &fields);
  cross.tables = ReadTexts("tables", &fields);
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return cross;
}

template <class T>
JsonArray ListToJson(const std::vector<T>& items, Json (*to_json)(const T&)) {
  JsonArray array;
  for (const T& item : items) array.push_back(to_json(item));
  return array;
}

template <class T>
std::vector<T> ReadList(std::string_view field, std::string_view name,
                        StatusOr<T> (*from_json)(const Json&, std::string_view),
                        JsonFields* fields) {
  std::vector<T> items;
  for (const Json& value : fields->Array(field)) {
    StatusOr<T> item = from_json(value, StrCat(name, ": ", field, "[", items.size(), "]"));
    fields->Add(item.status());
    if (!item.ok()) break;
    items.push_back(*std::move(item));
  }
  return items;
}

}  // namespace

Json SchemaToJson(const Schema& schema) {
  JsonObject object;
  object["format"] = NameOf(kFormats, schema.format);
  object["delimiter"] = CharToText(schema.delimiter);
  object["quote"] = CharToText(schema.quote);
  object["header"] = schema.header;
  object["trim"] = schema.trim;
  object["missing"] = TextsToJson(schema.missing);
  object["skip_prefixes"] = TextsToJson(schema.skip_prefixes);
  object["salt"] = schema.salt;
  object["columns"] = ListToJson(schema.columns, ColumnToJson);
  object["buckets"] = ListToJson(schema.buckets, BucketToJson);
  object["crosses"] = ListToJson(schema.crosses, CrossToJson);
  return object;
}

StatusOr<Schema> SchemaFromJson(const Json& value, std::string_view name) {
  JsonFields fields(value, name);
  Schema schema;
  schema.format = ReadEnum(kFormats, "format", &fields);
  schema.delimiter = ReadChar("delimiter", &fields);
  schema.quote = ReadChar("quote", &fields);
  schema.header = fields.Bool("header");
  schema.trim = fields.Bool("trim");
  schema.missing = ReadTexts("missing", &fields);
  schema.skip_prefixes = ReadTexts("skip_prefixes", &fields);
  schema.salt = fields.Unsigned("salt");
  schema.columns = ReadList("columns", name, ColumnFromJson, &fields);
  schema.buckets = ReadList("buckets", name, BucketFromJson, &fields);
  schema.crosses = ReadList("crosses", name, CrossFromJson, &fields);
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return schema;
}

std::string_view CombinerName(Combiner combiner) {
  return NameOf(kCombiners, combiner);
}
std::string_view KeyKindName(KeyKind kind) {
  return NameOf(kKeyKinds, kind);
}

}  // namespace rookery
