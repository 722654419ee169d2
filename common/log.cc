#include "common/log.h"

#include <string>

namespace rookery {

void InitLog(std::string_view program) {
  static std::string program_name;  // glog keeps the pointer
  if (!program_name.empty()) return;
  program_name = program;
  FLAGS_logtostderr = true;
  google::InitGoogleLogging(program_name.c_str());
}

void LogAlsoTo(const std::string& directory) {
  FLAGS_log_dir = directory;
  FLAGS_logtostderr = false;
  FLAGS_alsologtostderr = true;
  FLAGS_logbufsecs = 0;
}

}  // namespace rookery
