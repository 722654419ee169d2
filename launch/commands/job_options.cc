#include <iostream>

#include "common/json.h"
#include "launch/commands.h"
#include "launch/job_options.h"

namespace rookery {

int RunJobOptions() {
  JsonArray options;
  for (const OptionInfo& option : AllOptions()) {
    JsonArray choices;
    for (const std::string& choice : option.choices) choices.emplace_back(choice);
    JsonObject object;
    object["path"] = option.path;
    object["type"] = option.type;
    object["default"] = option.default_value;
    object["unit"] = option.unit;
    object["meaning"] = option.meaning;
    object["choices"] = std::move(choices);
    options.emplace_back(std::move(object));
  }
  std::cout << WriteJsonPretty(Json(std::move(options)));
  return kExitDone;
}

}  // namespace rookery
