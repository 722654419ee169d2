// What the click models that are nets (models/net/) begin with: the spec's common checks, and the
// values that their terms read. Private to models/zoo/.
#pragma once

#include <cstdint>
#include <string>

#include "models/net/net_model.h"
#include "models/zoo/spec_check.h"

namespace rookery {

// Loss and label mean of the spec, and its one table; with a first-order weight at the end of each
// row if wanted. `build` is left to the caller.
[[nodiscard]] StatusOr<NetModelOptions> ClickOptions(const ModelSpec& spec, bool first_order);

struct ClickInputs {
  std::size_t features = 0;   // F
  NetValue vectors = {};      // [B, F * D]
  NetValue all = {};          // [B, F * D + N]: with the numeric inputs
  NetValue first_order = {};  // [B, 1]: the sum of the first-order weights; only if there are any
};
[[nodiscard]] ClickInputs AddClickInputs(NetBuilder& net, const ModelTable& table,
                                         std::uint32_t numeric);
// A tower whose last hidden layer is the result: NAME.N.* and, of the last, NAME.output.*.
NetValue AddHidden(NetBuilder& net, const std::string& name, NetValue x, TowerOptions options);
// The values and the numeric inputs side by side.
NetValue WithNumbers(NetBuilder& net, std::vector<NetValue> values, std::uint32_t numeric);

}  // namespace rookery
