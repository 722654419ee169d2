// The options of [model] that belong to some models only, in one table: the job file, its
// reference and exports all take them from here.
//
// Pure functions. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/model.h"

namespace rookery {

struct ModelOption {
  std::string name;                 // in the job file: model.NAME
  std::vector<std::string> models;  // that use it
  std::variant<std::uint32_t*, std::vector<std::uint32_t>*, std::string*> field;
  std::uint32_t low = 0, high = 0;        // of numbers, of each in a list
  std::vector<std::string> choices = {};  // of a text; none: any
  std::string unit = {};
  std::string meaning = {};
};

// The fields are those of `spec`, which outlives the result.
[[nodiscard]] std::vector<ModelOption> ModelOptionsOf(ModelSpec* spec);
// Those of models that read lists element by element: a part of the others.
[[nodiscard]] std::vector<ModelOption> SequenceModelOptions(ModelSpec* spec);
[[nodiscard]] bool UsesOption(std::string_view model, const ModelOption& option);

}  // namespace rookery
