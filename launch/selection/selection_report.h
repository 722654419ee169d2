// What choosing among examples says of what it did: as text for people and as report.json for
// scripts. Pure functions.
#pragma once

#include <string>

#include "launch/selection/select_job.h"

namespace rookery {

// Counts of examples and a table with a line for each categorical column and set: how many
// different values, how often each is there, which share is there once, and which the training set
// has not.
[[nodiscard]] std::string SelectionText(const SelectionReport& report);
// The same: "options", "examples", "sets", "columns"; docs/prepared_format.md names the members.
[[nodiscard]] std::string SelectionJson(const SelectionReport& report);

}  // namespace rookery
