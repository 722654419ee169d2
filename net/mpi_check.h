// CheckMpi: every MPI call returns its code here. An MPI error leaves the library in an unknown
// state, so it is logged with both ranks and ends the job.
//
// Threads  the communication thread only.
#pragma once

#include <mpi.h>

#include <string_view>

namespace rookery {

inline constexpr int kNoPeer = -1;

// Logs "rank R: CALL with rank PEER: TEXT" and calls MPI_Abort when `code` is not MPI_SUCCESS.
void CheckMpi(int code, std::string_view call, int own_rank, int peer = kNoPeer);

// For MPI_Testsome: names the first failed request of `statuses`.
void CheckMpiSome(int code, std::string_view call, int own_rank, const MPI_Status* statuses,
                  int count);

}  // namespace rookery
