// Schema <-> the "schema" member of features.json. Private to data/: others use data/transform.h.
//
// Every member is written, so that a reader in another language needs no defaults. Threads: pure.
#pragma once

#include <string_view>

#include "common/error.h"
#include "common/json.h"
#include "data/schema.h"

namespace rookery {

[[nodiscard]] Json SchemaToJson(const Schema& schema);
// Does not resolve: the caller runs ResolveSchema over the result. kCorrupt names the member.
[[nodiscard]] StatusOr<Schema> SchemaFromJson(const Json& value, std::string_view name);

[[nodiscard]] std::string_view CombinerName(Combiner combiner);
[[nodiscard]] std::string_view KeyKindName(KeyKind kind);

}  // namespace rookery
