// JobReader: fills options from TOML tables and says exactly where something is wrong. Private to
// launch/job*.cc; with job_overrides the only place that knows toml++.
//
// Owner    keeps no reference to what it reads. Threads: one.
// Errors   kInvalidInput "file:line:column: what; what would be right"; for a value from an
//          override "--set path=value: ...".
#pragma once

#include <toml++/toml.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "launch/option.h"

namespace rookery {

// Throws nothing: a syntax error is "file:line:column: ...".
[[nodiscard]] StatusOr<toml::table> ParseToml(std::string_view text, std::string_view name);

// Puts "path.key=value" into `table`. `places` gets the paths that were made, each with the text
// for error messages. An element of an array of tables is addressed by its name.
using Places = std::map<std::string, std::string>;
[[nodiscard]] Status ApplyOverride(const std::string& text, toml::table* table, Places* places);

class JobReader {
 public:
  // `overridden`: from ApplyOverride. `all_paths`: every option's path, for "the nearest is".
  JobReader(std::string name, Places overridden, std::vector<std::string> all_paths);

  // Sets the options that `table` has. `path` is "" or "train."; `kind` the same as the option
  // table spells it ("data.column.NAME."); `sections` are keys that are no options.
  [[nodiscard]] Status Read(const toml::table& table, const std::string& path,
                            const std::string& kind, const std::vector<Option>& options,
                            const std::vector<std::string>& sections = {});
  // The table called `key`, or null when it is absent; another type is an error.
  [[nodiscard]] StatusOr<const toml::table*> Section(const toml::table& parent,
                                                     const std::string& path,
                                                     const std::string& key);
  // The tables of [[path.key]].
  [[nodiscard]] StatusOr<std::vector<const toml::table*>> Sections(const toml::table& parent,
                                                                   const std::string& path,
                                                                   const std::string& key);
  // An error about an option that was read (or left at its default): "<place>: path = value: what".
  [[nodiscard]] Status Wrong(const std::string& path, const std::string& what) const;
  [[nodiscard]] Status WrongAt(const toml::node& node, const std::string& what) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  [[nodiscard]] std::string Place(const std::string& path, const toml::source_region& at) const;
  [[nodiscard]] Status Unknown(const toml::key& key, const std::string& path,
                               const std::string& kind) const;
  [[nodiscard]] Status Set(const Option& option, const std::string& path, const toml::node& node);

  std::string name_;
  Places overridden_;
  std::vector<std::string> all_paths_;
  Places seen_;  // path -> "place: path = value"
};

}  // namespace rookery
