// InitPolicies: what `rookery train --init-from` may leave behind of an earlier checkpoint, each
// said by the user as TARGET=ACTION.
//
//   feature.NAME=drop              a column, bucket or cross that the job no longer has
//   feature.NAME=changed           one that now finds other rows, or whose numbers are scaled
//                                  otherwise
//   table.NAME=drop                a table that the job no longer has
//   table.NAME=reset               a table with rows of another width: it begins empty
//   table.NAME.updater=reset-state a table with another updater: weights stay, state begins anew
//   dense.updater=reset-state      the same for the dense parameters
//   dense.BLOCK=drop               a dense block that the model no longer has
//   dense.BLOCK=reset              one of another shape: it begins anew
//
// Plain value. Errors: kInvalidInput says what would be right.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace rookery {

class InitPolicies {
 public:
  [[nodiscard]] static StatusOr<InitPolicies> Parse(const std::vector<std::string>& texts);

  [[nodiscard]] bool Allows(const std::string& target, std::string_view action) const;
  [[nodiscard]] const std::map<std::string, std::string>& actions() const { return actions_; }

 private:
  std::map<std::string, std::string> actions_;  // by target
};

}  // namespace rookery
