// The attacks of tests/net/mpi_hostile_main.cc: raw MPI messages to rank kAttacked, on the
// communicator of this process's own transport, which is overheard.
// Threads  where MPI calls may be made: on the transport's executor.
#pragma once

#include <span>

namespace rookery {

inline constexpr int kAttacked = 1;

struct Attack {
  void (*run)();
  const char* named;  // what the log of the attacked rank says of it
};
[[nodiscard]] std::span<const Attack> Attacks();

}  // namespace rookery
