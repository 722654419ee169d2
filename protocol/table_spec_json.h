// Table and dense specs <-> JSON, as in MANIFEST.json (docs/checkpoint_format.md). Every field is
// written and required; enumerations are spelled as in the job file. Pure functions, any thread.
// Errors   kCorrupt naming the member; unknown members and numbers beyond common/limits.h too.
#pragma once

#include <string_view>

#include "common/error.h"
#include "common/json.h"
#include "protocol/table_spec.h"

namespace rookery {

[[nodiscard]] Json TableSpecToJson(const TableSpec& spec);
[[nodiscard]] StatusOr<TableSpec> TableSpecFromJson(const Json& json, std::string_view name);
[[nodiscard]] Json DenseSpecToJson(const DenseSpec& spec);
// Blocks lie one after the other without gaps.
[[nodiscard]] StatusOr<DenseSpec> DenseSpecFromJson(const Json& json, std::string_view name);

// kCorrupt unless `json` is an object of exactly `members` members: when all known ones were found,
// none is unknown.
[[nodiscard]] Status RefuseOtherMembers(const Json& json, std::size_t members,
                                        std::string_view name);

}  // namespace rookery
