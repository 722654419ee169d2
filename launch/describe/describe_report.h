// What `rookery describe` says of a data profile: a line for each column, as text for people, as a
// page, and as JSON for scripts. Pure functions.
#pragma once

#include <string>

#include "launch/describe/data_profile.h"

namespace rookery {

struct Description {
  std::string name;  // "train"
  DataProfile profile;
  std::string other_name;  // "" or the input it is compared with
  DataProfile other;
};

[[nodiscard]] std::string DescribeText(const Description& description);
// A whole HTML document without scripts or anything from elsewhere.
[[nodiscard]] std::string DescribeHtml(const Description& description);
[[nodiscard]] std::string DescribeJson(const Description& description);

}  // namespace rookery
