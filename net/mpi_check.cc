#include "net/mpi_check.h"

#include <string>

#include "common/log.h"

namespace rookery {
namespace {

std::string TextOf(int code) {
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  return text;
}

}  // namespace

void CheckMpi(int code, std::string_view call, int own_rank, int peer) {
  if (code == MPI_SUCCESS) return;
  const std::string with = peer == kNoPeer ? "" : " with rank " + std::to_string(peer);
  ROOKERY_LOG(ERROR) << "rank " << own_rank << ": " << call << with << ": " << TextOf(code)
                     << "; the job ends";
  MPI_Abort(MPI_COMM_WORLD, 1);
}

void CheckMpiSome(int code, std::string_view call, int own_rank, const MPI_Status* statuses,
                  int count) {
  if (code == MPI_SUCCESS) return;
  for (int i = 0; code == MPI_ERR_IN_STATUS && i < count; ++i) {
    if (statuses[i].MPI_ERROR == MPI_SUCCESS) continue;
    CheckMpi(statuses[i].MPI_ERROR, call, own_rank, statuses[i].MPI_SOURCE);
  }
  CheckMpi(code, call, own_rank);
}

}  // namespace rookery
