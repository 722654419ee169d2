// ROOKERY_LOG(INFO|WARNING|ERROR) << ...: one line to stderr, with time, rank and source line.
// Any thread. Not for progress or results: those are printed by scheduler/progress and launch.
#pragma once

#include <glog/logging.h>

#include <string_view>

#define ROOKERY_LOG(severity) LOG(severity)

namespace rookery {

// Once per process, before any thread starts. `role` ("worker 2") begins every line.
void InitLog(std::string_view program, std::string_view role);

}  // namespace rookery
