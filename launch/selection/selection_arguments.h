// The words of `rookery prepare` that choose among examples -> SelectionOptions. Pure functions.
//
// Errors   kInvalidInput: what is wrong with which option, and what would be right.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "data/selection.h"
#include "launch/commands.h"

namespace rookery {

// Whether any of them is given.
[[nodiscard]] bool AsksForSelection(const SelectionArguments& arguments);
[[nodiscard]] StatusOr<SelectionOptions> SelectionOptionsOf(const SelectionArguments& arguments);
// Those that are given, by name, for the record.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> GivenOf(
    const SelectionArguments& arguments);

}  // namespace rookery
