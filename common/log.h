// ROOKERY_LOG(INFO|WARNING|ERROR) << ...: one line to stderr, with time, rank and source line.
// Any thread. Not for progress or results: those are printed by scheduler/progress and launch.
#pragma once

#include <glog/logging.h>

#include <string>
#include <string_view>

#define ROOKERY_LOG(severity) LOG(severity)

namespace rookery {

// Once per process, before any thread starts; later calls do nothing.
void InitLog(std::string_view program);
// From here on every line also goes to a file of this process in `directory`, which exists.
void LogAlsoTo(const std::string& directory);

}  // namespace rookery
