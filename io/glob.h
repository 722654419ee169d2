// GlobFiles: shell patterns over any FileSystem, so that every implementation matches alike.
//
// Wildcards (* ? [..]) match inside one component of the path; a leading dot must be written out;
// a backslash is an ordinary character. A path that exists exactly as written is its own only
// match, so names with brackets stay reachable.
// Errors   a directory that cannot be listed for another reason than being absent.
#pragma once

#include <string>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"

namespace rookery {

[[nodiscard]] StatusOr<std::vector<std::string>> GlobFiles(FileSystem& files,
                                                           const std::string& pattern);

}  // namespace rookery
