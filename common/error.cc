#include "common/error.h"

namespace rookery {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kOk: return "ok";
    case Code::kInvalidInput: return "invalid input";
    case Code::kNotFound: return "not found";
    case Code::kCorrupt: return "corrupt";
    case Code::kDeadline: return "deadline missed";
    case Code::kUnavailable: return "unavailable";
    case Code::kExhausted: return "exhausted";
    case Code::kIo: return "i/o error";
    case Code::kAborted: return "aborted";
    case Code::kInternal: return "internal error";
    case Code::kDiverged: return "diverged";
  }
  return "unknown code";
}

std::string Status::ToString() const {
  if (ok()) return "ok";
  return StrCat(CodeName(code_), ": ", message_);
}

}  // namespace rookery
