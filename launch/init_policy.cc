#include "launch/init_policy.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rookery {
namespace {

constexpr std::array<std::string_view, 4> kActions = {"drop", "changed", "reset", "reset-state"};

bool IsTarget(std::string_view target) {
  return std::ranges::any_of(std::array<std::string_view, 3>{"feature.", "table.", "dense."},
                             [&](std::string_view kind) {
                               return target.starts_with(kind) && target.size() > kind.size();
                             });
}

}  // namespace

StatusOr<InitPolicies> InitPolicies::Parse(const std::vector<std::string>& texts) {
  InitPolicies policies;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');  // a name may have one
    const std::string action = equals == std::string::npos ? "" : text.substr(equals + 1);
    const std::string target = text.substr(0, std::min(equals, text.size()));
    if (!IsTarget(target) || std::ranges::find(kActions, action) == kActions.end()) {
      return InvalidInput("--init-policy ", text,
                          ": must be feature.NAME=drop|changed, table.NAME=drop|reset, "
                          "table.NAME.updater=reset-state, dense.updater=reset-state or "
                          "dense.BLOCK=drop|reset");
    }
    if (!policies.actions_.emplace(target, action).second) {
      return InvalidInput("--init-policy ", text, ": ", target, " has a policy already");
    }
  }
  return policies;
}

bool InitPolicies::Allows(const std::string& target, std::string_view action) const {
  const auto found = actions_.find(target);
  return found != actions_.end() && found->second == action;
}

}  // namespace rookery
