// Schema: what the columns of the input mean, and the features that models see.
//
// Built by launch/job from the job file ([data], [[data.column]], [[data.bucket]], [[data.cross]]),
// checked by ResolveSchema, saved with the model (features.json) so that serving computes the very
// same keys. Plain data.
//
// Keys are a public format: any language with XXH3-64 can compute them (Python: the xxhash package,
// xxh3_64_intdigest(bytes, seed)). H(bytes, seed) is XXH3-64 with a seed (common/hash.h HashText).
//   space seed   H(space name, salt); the space of a column is `space`, or else its name; the space
//   of
//                a bucket or a cross is its name
//   column       H(value bytes as they stand in the cell, space seed); a missing value is the empty
//                string: an ordinary value with a row of its own. key = "identity" takes the
//                integer itself (a negative one as its 64-bit two's complement), a missing one as
//                above.
//   list         one such key per value, empty values left out; a missing list is empty (its vector
//                is zero)
//   libsvm pair  value bytes = the index as written, identity = the index; its value is the weight
//   bucket       H(bucket index in decimal, space seed); of a missing number H("", space seed)
//   cross        H(the parts' keys in the order of `parts`, 8 bytes little-endian each, space seed)
// A numeric value is the 32-bit float nearest to the text; log, min-max and standard are computed
// from it in double and rounded to float once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "data/batch.h"

namespace rookery {

enum class InputFormat : std::uint8_t { kCsv, kLibsvm, kCriteo, kSequence };
enum class ColumnType : std::uint8_t {
  kLabel,
  kNumeric,
  kCategorical,
  kList,
  kWeight,
  kIgnore,
  kVector,  // `dim` numbers, separated by `separator`: as many numeric inputs NAME.0, NAME.1, ...
};
enum class NumericTransform : std::uint8_t { kNone, kLog, kMinMax, kStandard };
enum class KeyKind : std::uint8_t { kHash, kIdentity };
enum class ListEnd : std::uint8_t { kFirst, kLast };  // which values of a list are kept

struct Column {
  std::string name;
  ColumnType type = ColumnType::kIgnore;

  // Categorical and list.
  std::string space;  // empty: the column's own name
  KeyKind key = KeyKind::kHash;
  char separator = '|';  // between the values of a list or vector
  Combiner combiner = Combiner::kMean;
  std::uint32_t length_max = 0;     // of a list; 0: no limit
  ListEnd keep = ListEnd::kFirst;   // of a longer list
  std::vector<std::string> tables;  // empty: every table of the model
  float dropout = 0;  // probability that an example in training lacks it (data/thinned_reader.h)

  // Numeric.
  NumericTransform transform = NumericTransform::kNone;  // kLog: sign(x) log(1 + |x|)
  std::optional<float>
      fill;           // for a missing value, before the transform; absent: the column's mean
  bool input = true;  // false: only buckets and crosses use it, not the dense input

  // Vector. Its numbers are inputs as they are; zeros where the cell is missing.
  std::uint32_t dim = 0;

  // Label. Values that mean 1; all others mean 0. Empty: the label is a number.
  std::vector<std::string> positive;
  float loss_weight = 1;  // of its loss in the sum over labels
};

// A categorical feature made of a numeric column: the index of its quantile.
struct BucketFeature {
  std::string name;
  std::string column;
  std::uint32_t buckets = 0;      // quantiles of the first pass; ignored when boundaries are given
  std::vector<float> boundaries;  // ascending; value x is in bucket #{b : b <= x}
  std::vector<std::string> tables;
};

// A categorical feature made of several: one key per combination of single-valued parts.
struct Cross {
  std::string name;
  std::vector<std::string> parts;  // categorical columns or buckets, two or more
  std::vector<std::string> tables;
};

struct Schema {
  InputFormat format = InputFormat::kCsv;
  char delimiter = ',';
  char quote = '"';                        // '\0': no quoting
  bool header = false;                     // the first line names the columns
  bool trim = true;                        // blanks around a cell are not part of it
  std::vector<std::string> missing;        // cells that mean "no value", besides the empty one
  std::vector<std::string> skip_prefixes;  // lines that begin so are junk or comments
  std::uint64_t salt = 0;                  // secret; seeds the key spaces
  std::vector<Column> columns;
  std::vector<BucketFeature> buckets;
  std::vector<Cross> crosses;
};

// A feature as models, tables and exports see it: columns first, then buckets, then crosses.
struct Feature {
  std::string name;
  KeyKind key = KeyKind::kHash;
  std::uint64_t space_seed = 0;
  bool list = false;
  bool weighted = false;  // libsvm pairs carry weights
  Combiner combiner = Combiner::kSum;
  std::vector<std::string> tables;
  float dropout = 0;
};

// Features and numeric inputs in the order of Batch. For libsvm without columns: one weighted list
// feature "features" with identity keys; with columns: the i-th pair of a line belongs to the i-th
// column (the label column does not count and may be left out), or one list column takes all pairs.
// For criteo without columns: label, i1..i13 (log), c1..c26. For sequence: a line as it stands, the
// user and the list of items; data/sequence.h says what is made of it.
struct FeatureLayout {
  std::vector<Feature> features;
  std::vector<std::string> numeric;  // names of the dense inputs
};

// Fills defaults (criteo columns, spaces) and refuses contradictions: no label, a cross of unknown
// parts, the same name twice, identity keys on two features of one table without a shared space.
// The error says which column and what would be right.
[[nodiscard]] StatusOr<Schema> ResolveSchema(Schema schema);
// REQUIRES: `schema` came from ResolveSchema.
[[nodiscard]] FeatureLayout LayoutOf(const Schema& schema);
// The columns of type label, in order: K of Batch, one in the examples of a sequence.
[[nodiscard]] std::vector<Column> LabelsOf(const Schema& schema);

}  // namespace rookery
