// Table and dense specs <-> JSON, as in MANIFEST.json (docs/checkpoint_format.md). Every field is
// written and required; enumerations are spelled as in the job file. `version` is the checkpoint's
// format version: before 3 an updater has no "clip_cow", "clip_cow_floor", "trust_max". Pure
// functions, any thread. Errors   kCorrupt naming the member; unknown members and numbers beyond
// common/limits.h too.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/error.h"
#include "common/json.h"
#include "protocol/table_spec.h"

namespace rookery {

[[nodiscard]] Json TableSpecToJson(const TableSpec& spec, std::uint32_t version);
[[nodiscard]] StatusOr<TableSpec> TableSpecFromJson(const Json& json, std::uint32_t version,
                                                    std::string_view name);
[[nodiscard]] Json DenseSpecToJson(const DenseSpec& spec, std::uint32_t version);
// Blocks lie one after the other without gaps.
[[nodiscard]] StatusOr<DenseSpec> DenseSpecFromJson(const Json& json, std::uint32_t version,
                                                    std::string_view name);

// kCorrupt unless `json` is an object of exactly `members` members: when all known ones were found,
// none is unknown.
[[nodiscard]] Status RefuseOtherMembers(const Json& json, std::size_t members,
                                        std::string_view name);

}  // namespace rookery
