#include "launch/doctor/messages.h"

#include "common/error.h"

namespace rookery::doctor {

std::string NameOfVerb(VerbId verb) {
  constexpr const char* kNames[] = {"facts", "clock", "echo", "ping", "file", "data", "end"};
  const std::size_t index = static_cast<std::size_t>(Raw(verb)) - Raw(kFactsVerb);
  if (Raw(verb) >= Raw(kFactsVerb) && index < std::size(kNames)) return kNames[index];
  return StrCat("verb ", Raw(verb));
}

}  // namespace rookery::doctor
