// The Status of an error of the operating system; both file systems say it alike.
#pragma once

#include <cerrno>
#include <string_view>
#include <system_error>

#include "common/error.h"

namespace rookery {

// A directory where a file should be is the user's mistake; an absent file is told apart.
[[nodiscard]] inline Status SystemError(std::string_view path, std::string_view action,
                                        int number) {
  Code code = Code::kIo;
  if (number == ENOENT) code = Code::kNotFound;
  if (number == EISDIR) code = Code::kInvalidInput;
  return {code, StrCat(path, ": cannot ", action, ": ", std::generic_category().message(number))};
}

}  // namespace rookery
