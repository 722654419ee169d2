// --set path.key=value: puts values into the TOML tree before anything is read from it.
#include "launch/job_reader.h"

namespace rookery {
namespace {

std::vector<std::string> SplitPath(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t dot; (dot = path.find('.', begin)) != std::string::npos; begin = dot + 1) {
    parts.push_back(path.substr(begin, dot - begin));
  }
  parts.push_back(path.substr(begin));
  return parts;
}

// The element of an array of tables whose name is `name`, or null.
toml::table* ByName(toml::array& array, const std::string& name) {
  for (toml::node& element : array) {
    toml::table* table = element.as_table();
    if (table != nullptr && (*table)["name"].value<std::string>() == name) return table;
  }
  return nullptr;
}

// A TOML value, or, when it is none, the text itself: mode=async needs no quotes.
toml::table ParseValue(const std::string& value) {
  StatusOr<toml::table> parsed = ParseToml("value = " + value, "");
  if (parsed.ok() && parsed->size() == 1) return std::move(parsed).value();
  toml::table text;
  text.insert("value", value);
  return text;
}

}  // namespace

Status ApplyOverride(const std::string& text, toml::table* table, Places* places) {
  const std::string place = "--set " + text;
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return InvalidInput(place, ": must be path.key=value");
  }
  const std::vector<std::string> parts = SplitPath(text.substr(0, equals));
  std::string path;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    path += (i == 0 ? "" : ".") + parts[i];
    toml::node* next = table->get(parts[i]);
    if (next == nullptr) {
      (*places)[path] = place;
      next = &table->insert(parts[i], toml::table()).first->second;
    }
    if (toml::array* array = next->as_array(); array != nullptr && i + 2 < parts.size()) {
      path += "." + parts[++i];
      next = ByName(*array, parts[i]);
      if (next == nullptr) return InvalidInput(place, ": there is no ", path, " in the job file");
    }
    table = next->as_table();
    if (table == nullptr) return InvalidInput(place, ": ", path, " is not a section");
  }
  const toml::table value = ParseValue(text.substr(equals + 1));
  table->insert_or_assign(parts.back(), *value.get("value"));
  (*places)[path + (path.empty() ? "" : ".") + parts.back()] = place;
  return OkStatus();
}

}  // namespace rookery
