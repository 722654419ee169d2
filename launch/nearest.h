// The name a person probably meant. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rookery {

// Letters to insert, delete, replace or swap with their neighbour to turn `a` into `b`.
[[nodiscard]] std::size_t EditDistance(std::string_view a, std::string_view b);
// REQUIRES: names is not empty. The first of the nearest ones.
[[nodiscard]] std::string NearestName(std::string_view name, const std::vector<std::string>& names);

}  // namespace rookery
