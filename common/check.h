// ROOKERY_CHECK: our own bugs end the process with file, line and message. Never for bytes that
// came from a file, a peer or a user: those are a Status (common/error.h).
#pragma once

#include <glog/logging.h>

#define ROOKERY_CHECK(condition) CHECK(condition)
