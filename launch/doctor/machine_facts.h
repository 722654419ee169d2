// What a process can say of itself and its machine without asking anybody.
#pragma once

#include "launch/doctor/messages.h"

namespace rookery::doctor {

// All but host, mpi, free_disk and what concerns the job.
[[nodiscard]] Facts MachineFacts();

}  // namespace rookery::doctor
