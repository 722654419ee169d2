// FeatureEncoder: appends one example, given as the raw cells of its columns, to a Batch. Every
// reader, `predict` and the HTTP server go through it, so the same cells give the same features.
//
// A cell is the text of one column; an empty one, or one of Schema::missing, has no value. For
// libsvm a cell is "index:value", and the cell of a list is all its pairs with blanks between.
//
// Owner    `fitted` outlives it. Threads: none, it keeps scratch space.
// Errors   Append returns false, leaves the batch as it was and error() says what is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch.h"
#include "data/transform.h"

namespace rookery {

struct CellError {
  std::size_t column = 0;  // index into Schema::columns
  std::size_t offset = 0;  // where in the cell
  std::string what;        // "what; what would be right"
};

class FeatureEncoder {
 public:
  // Without label_required an absent label becomes NaN, and so it does where there are several.
  FeatureEncoder(const FittedSchema* fitted, bool label_required);

  // An empty batch with the shape of the schema; keeps capacity.
  void Clear(Batch* batch) const;
  // Room for as many examples.
  void Reserve(std::size_t examples, Batch* batch) const;
  // REQUIRES: one cell per column of the schema; a batch shaped by Clear.
  [[nodiscard]] bool Append(std::span<const std::string_view> cells, Batch* batch);
  [[nodiscard]] const CellError& error() const { return error_; }

  // Whether AppendBlock may be called: no feature is made of others, no cell is a vector, and
  // there is one label.
  [[nodiscard]] bool encodes_blocks() const {
    return buckets_.empty() && crosses_.empty() && !sequence_ && !vectors_ && label_width_ == 1;
  }
  // `rows` examples, column by column, which is faster. False when one of them is wrong; error() is
  // not that of the first then. REQUIRES: cells is [rows, columns], 8 bytes may be read from where
  // each cell that is not empty begins.
  [[nodiscard]] bool AppendBlock(const std::string_view* cells, std::size_t rows, Batch* batch);

 private:
  enum class Quick : std::uint8_t { kNo, kCategory, kNumber };
  // What to do with one column, with everything that does not depend on the example.
  struct ColumnPlan {
    ColumnType type = ColumnType::kIgnore;
    Quick quick = Quick::kNo;  // needs no look at pairs, missing values or identity
    bool identity = false;
    bool dense = false;        // a numeric column that is an input
    std::size_t feature = 0;   // index into Batch::features
    std::size_t numeric = 0;   // index into raw_numbers_
    std::size_t dense_at = 0;  // index into an example of Batch::numeric
    std::uint64_t seed = 0;    // of the key space
    NumericTransform transform = NumericTransform::kNone;
    float filled = 0;  // the transformed fill
    double subtract = 0;
    double divide = 1;
  };
  struct BucketPlan {
    std::size_t numeric = 0;
    std::vector<float> boundaries;
    std::vector<Key> keys;  // of each bucket
    Key missing_key = 0;
  };
  struct CrossPlan {
    std::vector<std::size_t> parts;  // features
    std::uint64_t seed = 0;
  };

  void PlanColumns();
  void PlanNumeric(std::size_t column, std::size_t numeric);
  void PlanBuckets();
  void PlanCrosses();

  bool AppendQuick(const ColumnPlan& plan, std::string_view cell, Batch* batch);
  bool AppendColumn(std::size_t column, const std::string_view* cells, std::size_t rows,
                    Batch* batch);
  bool AppendNumbers(std::size_t column, const std::string_view* cells, std::size_t rows,
                     Batch* batch);
  bool AppendVector(std::size_t column, std::string_view cell, Batch* batch);
  bool EncodeNumber(std::size_t column, std::string_view cell, float* number);
  bool AppendCell(std::size_t column, std::string_view cell, Batch* batch);
  bool AppendLabel(std::size_t column, std::string_view cell, Batch* batch);
  bool AppendWeight(std::size_t column, std::string_view cell, Batch* batch);
  bool AppendNumeric(std::size_t column, std::string_view cell, Batch* batch);
  bool AppendCategory(std::size_t column, std::string_view cell, FeatureColumn* feature);
  bool AppendList(std::size_t column, std::string_view cell, FeatureColumn* feature);
  bool AppendPair(std::size_t column, std::string_view pair, std::size_t offset,
                  FeatureColumn* feature);
  bool SplitPair(std::size_t column, std::string_view pair, std::size_t offset,
                 std::string_view* index, std::string_view* value);
  void AppendDerived(Batch* batch);
  bool KeyOf(std::size_t column, std::string_view value, std::size_t offset, Key* key);
  bool NumberOf(std::size_t column, std::string_view cell, std::size_t offset, float* value);
  float Transform(const ColumnPlan& plan, float value) const;

  [[nodiscard]] bool IsMissing(std::string_view cell) const;
  // Of a cell, for errors: in quotes, the first bytes of a long one.
  static std::string Shown(std::string_view text);
  bool Fail(std::size_t column, std::size_t offset, std::string what);

  // Constant after construction.
  const FittedSchema* const fitted_;
  const bool label_required_;
  const bool pairs_;     // libsvm
  const bool sequence_;  // blanks between the values of a list; every label is 1
  std::size_t feature_count_ = 0;
  std::size_t numeric_width_ = 0;
  std::size_t label_width_ = 1;
  bool vectors_ = false;
  std::vector<ColumnPlan> columns_;
  std::vector<BucketPlan> buckets_;
  std::vector<CrossPlan> crosses_;
  std::size_t first_bucket_ = 0;   // features before: columns
  std::vector<float> small_logs_;  // log(1 + x) of small whole numbers

  // Scratch of one example.
  std::vector<float> raw_numbers_;  // one per numeric column; NaN when missing
  std::vector<Key> part_keys_;
  CellError error_;
};

}  // namespace rookery
