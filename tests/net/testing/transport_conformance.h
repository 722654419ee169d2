// The promises of net/transport.h as one program that every rank runs; shared by all transports.
#pragma once

#include <string>
#include <vector>

#include "net/transport.h"

namespace rookery {

struct ConformanceOptions {
  std::uint32_t storm_frames = 10000;  // small frames to every rank, both ways at once
  std::size_t largest_bytes = std::size_t{40} << 20;  // to the next rank
};

// Runs this rank's part; every rank of the transport calls it at the same time. Calls Start(), not
// Stop(); when it returns every frame sent to this rank has come. What was wrong, one line each.
[[nodiscard]] std::vector<std::string> RunTransportConformance(Transport* transport,
                                                               const ConformanceOptions& options);

}  // namespace rookery
