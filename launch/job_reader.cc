#include "launch/job_reader.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "launch/job_options.h"
#include "launch/nearest.h"

namespace rookery {
namespace {

std::string At(std::string_view name, const toml::source_region& at) {
  if (!at.begin) return std::string(name);
  return StrCat(name, ":", at.begin.line, ":", at.begin.column);
}

std::string_view KindOf(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a section";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a point";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

template <class T>
std::optional<OptionValue> ListOf(const toml::node& node) {
  const toml::array* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<T> values;
  for (const toml::node& element : *array) {
    // value_exact would refuse 1 in a list of numbers; value would take true as 1.
    const bool number = std::is_same_v<T, double> && element.is_number();
    const std::optional<T> value = number ? element.value<T>() : element.value_exact<T>();
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

template <class T>
std::optional<OptionValue> ScalarOf(const toml::node& node) {
  const std::optional<T> value = node.value_exact<T>();
  if (!value) return std::nullopt;
  return *value;
}

// Nothing when the node has another type.
std::optional<OptionValue> ValueOf(OptionType type, const toml::node& node) {
  switch (type) {
    case OptionType::kWhole:
      return ScalarOf<std::int64_t>(node);
    case OptionType::kBool:
      return ScalarOf<bool>(node);
    case OptionType::kText:
    case OptionType::kPath:
    case OptionType::kDuration:
    case OptionType::kBytes:
      return ScalarOf<std::string>(node);
    case OptionType::kTexts:
    case OptionType::kPaths:
      return ListOf<std::string>(node);
    case OptionType::kWholes:
      return ListOf<std::int64_t>(node);
    case OptionType::kNumbers:
      return ListOf<double>(node);
    case OptionType::kNumber:
      if (!node.is_number()) return std::nullopt;
      return *node.value<double>();
  }
  return std::nullopt;
}

// Replaces ${NAME}; returns what is wrong, or "".
std::string ExpandVariables(std::string* text) {
  std::size_t from = 0;
  while ((from = text->find("${", from)) != std::string::npos) {
    const std::size_t end = text->find('}', from);
    if (end == std::string::npos) return "\"${\" without \"}\"";
    const std::string name = text->substr(from + 2, end - from - 2);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') {
      return StrCat("${", name, "} is not set; set it in the environment: export ", name, "=...");
    }
    text->replace(from, end - from + 1, value);
    from += std::string_view(value).size();
  }
  return {};
}

std::string Expand(OptionType type, OptionValue* value) {
  if (type == OptionType::kPath) return ExpandVariables(&std::get<std::string>(*value));
  if (type != OptionType::kPaths) return {};
  for (std::string& path : std::get<std::vector<std::string>>(*value)) {
    if (std::string wrong = ExpandVariables(&path); !wrong.empty()) return wrong;
  }
  return {};
}

std::string LastPart(const std::string& path) {
  return path.substr(path.rfind('.') + 1);
}

}  // namespace

StatusOr<toml::table> ParseToml(std::string_view text, std::string_view name) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return InvalidInput(At(name, error.source()), ": ", error.description());
  }
}

JobReader::JobReader(std::string name, Places overridden, std::vector<std::string> all_paths)
    : name_(std::move(name)),
      overridden_(std::move(overridden)),
      all_paths_(std::move(all_paths)) {}

std::string JobReader::Place(const std::string& path, const toml::source_region& at) const {
  const auto found = overridden_.find(path);
  return found == overridden_.end() ? At(name_, at) : found->second;
}

Status JobReader::Unknown(const toml::key& key, const std::string& path,
                          const std::string& kind) const {
  const std::string name(key.str());
  // A key of the same section wins over an equally near one elsewhere.
  const auto cost = [&](const std::string& candidate) {
    const bool here = candidate.size() > kind.size() &&
                      candidate.compare(0, kind.size(), kind) == 0 &&
                      candidate.find('.', kind.size()) == std::string::npos;
    return 2 * EditDistance(name, LastPart(candidate)) + (here ? 0 : 1);
  };
  const std::string nearest =
      *std::min_element(all_paths_.begin(), all_paths_.end(),
                        [&](const auto& a, const auto& b) { return cost(a) < cost(b); });
  return InvalidInput(Place(path + name, key.source()), ": unknown option ", path, name,
                      "; the nearest is ", nearest);
}

Status JobReader::Set(const Option& option, const std::string& path, const toml::node& node) {
  const std::string place = Place(path, node.source());
  std::optional<OptionValue> value = ValueOf(option.type, node);
  if (!value) {
    return InvalidInput(
        place, ": ", path, " is ", KindOf(node), "; it must be ",
        option.type == OptionType::kBool || option.type == OptionType::kText ? "" : "a ",
        TypeName(option.type));
  }
  if (const std::string wrong = Expand(option.type, &*value); !wrong.empty()) {
    return InvalidInput(place, ": ", path, ": ", wrong);
  }
  const std::string text = StrCat(place, ": ", path, " = ", ValueToToml(*value));
  if (const std::string wrong = option.set(*value); !wrong.empty()) {
    return InvalidInput(text, ": ", wrong);
  }
  seen_[path] = text;
  return OkStatus();
}

Status JobReader::Read(const toml::table& table, const std::string& path, const std::string& kind,
                       const std::vector<Option>& options,
                       const std::vector<std::string>& sections) {
  for (const auto& [key, node] : table) {
    const auto option = std::find_if(options.begin(), options.end(),
                                     [&key](const Option& o) { return o.key == key.str(); });
    if (option != options.end()) {
      ROOKERY_RETURN_IF_ERROR(Set(*option, path + option->key, node));
    } else if (std::find(sections.begin(), sections.end(), key.str()) == sections.end()) {
      return Unknown(key, path, kind);
    }
  }
  return OkStatus();
}

StatusOr<const toml::table*> JobReader::Section(const toml::table& parent, const std::string& path,
                                                const std::string& key) {
  const toml::node* node = parent.get(key);
  if (node == nullptr || node->is_table()) return node == nullptr ? nullptr : node->as_table();
  return InvalidInput(Place(path + key, node->source()), ": ", path, key, " is ", KindOf(*node),
                      "; it must be a section: [", path, key, "]");
}

StatusOr<std::vector<const toml::table*>> JobReader::Sections(const toml::table& parent,
                                                              const std::string& path,
                                                              const std::string& key) {
  std::vector<const toml::table*> tables;
  const toml::node* node = parent.get(key);
  if (node == nullptr) return tables;
  const toml::array* array = node->as_array();
  const auto is_table = [](const toml::node& element) { return element.is_table(); };
  if (array == nullptr || !std::all_of(array->begin(), array->end(), is_table)) {
    return InvalidInput(Place(path + key, node->source()), ": ", path, key, " is ", KindOf(*node),
                        "; it must be a section of its own for each: [[", path, key, "]]");
  }
  for (const toml::node& element : *array) tables.push_back(element.as_table());
  return tables;
}

Status JobReader::Wrong(const std::string& path, const std::string& what) const {
  const auto found = seen_.find(path);
  return InvalidInput(found == seen_.end() ? StrCat(name_, ": ", path) : found->second, ": ", what);
}

Status JobReader::WrongAt(const toml::node& node, const std::string& what) const {
  return InvalidInput(At(name_, node.source()), ": ", what);
}

}  // namespace rookery
