#include "io/glob.h"

#include <fnmatch.h>

#include <algorithm>

namespace rookery {
namespace {

bool HasWildcard(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

// "a/b*/c" -> "a", "b*", "c"; a leading slash is the caller's.
std::vector<std::string> SplitPath(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

// Appends to `matches` the children of `directory` that match.
Status MatchChildren(FileSystem& files, const std::string& directory, const std::string& pattern,
                     std::vector<std::string>& matches) {
  auto names = files.List(directory.empty() ? "." : directory);
  // An absent directory, or a file in a directory's place, simply has no children.
  if (!names.ok() && (names.status().code() == Code::kNotFound || files.FileSize(directory).ok())) {
    return OkStatus();
  }
  ROOKERY_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    if (fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE) == 0) {
      matches.push_back(JoinPath(directory, name));
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::vector<std::string>> GlobFiles(FileSystem& files, const std::string& pattern) {
  if (files.Exists(pattern)) return std::vector<std::string>{pattern};
  if (!HasWildcard(pattern)) return std::vector<std::string>{};
  std::vector<std::string> found{pattern.starts_with('/') ? "/" : ""};
  for (const std::string& part : SplitPath(pattern)) {
    std::vector<std::string> next;
    for (const std::string& path : found) {
      if (HasWildcard(part)) {
        ROOKERY_RETURN_IF_ERROR(MatchChildren(files, path, part, next));
      } else if (files.Exists(JoinPath(path, part))) {
        next.push_back(JoinPath(path, part));
      }
    }
    found = std::move(next);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace rookery
