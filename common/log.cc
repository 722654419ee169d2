#include "common/log.h"

#include <string>

namespace rookery {

void InitLog(std::string_view program, std::string_view role) {
  static std::string program_name;  // glog keeps the pointer
  if (!program_name.empty()) return;
  program_name = role.empty() ? std::string(program) : std::string(program) + "[" + std::string(role) + "]";
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(program_name.c_str());
}

}  // namespace rookery
