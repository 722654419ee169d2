// What the models of the zoo check in a ModelSpec before they are built. Every refusal is
// kInvalidInput, names the model and says what would be right. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "models/layers/tower.h"
#include "models/losses/loss.h"
#include "models/model.h"

namespace rookery {

// A table as a model wants it.
struct TableWish {
  std::string name;
  bool fixed_dim = false;  // no embedding: only the zero columns, the spec's dims do not apply
  std::uint32_t zero_columns = 0;
  bool sequences = false;              // the model reads sequences of this table
  std::vector<std::string> only = {};  // it is read by these features alone; none: by all
};

// The model's tables with their dims and features. Refused: a feature that names a table which the
// model does not have, a table that no feature reads, a dim out of range, a dim for an unknown
// table or for one whose dim is fixed.
[[nodiscard]] StatusOr<std::vector<ModelTable>> MakeTables(const ModelSpec& spec,
                                                           const std::vector<TableWish>& wishes);

// Interactions need two features: the keys of one list feature do not interact with each other.
[[nodiscard]] Status CheckPairs(const ModelSpec& spec, const ModelTable& table);

// The place among the table's features of the one that model.OPTION names.
[[nodiscard]] StatusOr<std::uint32_t> FindFeature(const ModelSpec& spec, const ModelTable& table,
                                                  const std::string& option,
                                                  const std::string& name);

// Of a model that was made: no more dense weights than kDenseFloatsMax.
[[nodiscard]] Status CheckDenseSize(const Model& model);

// Widths of a tower's layers, which the job calls `option`.
[[nodiscard]] Status CheckWidths(const std::string& option,
                                 const std::vector<std::uint32_t>& widths);

// [model] hidden, activation, norm and dropout.
[[nodiscard]] StatusOr<TowerOptions> MakeTowerOptions(const ModelSpec& spec);

// The loss; the label mean must be finite.
[[nodiscard]] StatusOr<Loss> CheckLoss(const ModelSpec& spec);

}  // namespace rookery
