// Every maximum of Rookery, together so that they can check each other. A length from a file or a
// peer is compared with one of these before anything is allocated.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rookery {

inline constexpr std::size_t kRanksMax = 4096;
inline constexpr std::size_t kServersMax = 1024;
inline constexpr std::size_t kSlicesMax = 1024;
inline constexpr std::size_t kTablesMax = 256;
inline constexpr std::size_t kFeaturesMax = 4096;
inline constexpr std::uint32_t kBucketsDefault = 1024;
// Features whose seen and unseen keys an evaluation tells apart: 4 MiB each, label and worker.
inline constexpr std::size_t kUnseenMax = 16;

// A table row: weights and updater state together.
inline constexpr std::size_t kDimMax = 4096;
inline constexpr std::size_t kRowFloatsMax = 4 * kDimMax;

// A message (any verb, header excluded). Larger pulls and pushes are a job that needs more servers
// or a smaller batch; the error says so.
inline constexpr std::size_t kMessageBytesMax = std::size_t{1} << 30;
// MPI counts are int; payloads are moved in pieces of this size.
inline constexpr std::size_t kChunkBytes = std::size_t{16} << 20;
// Messages up to this size go through the pre-posted receive ring.
inline constexpr std::size_t kSmallMessageBytes = std::size_t{16} << 10;
// Requests without an answer, per peer; more wait in the client's queue.
inline constexpr std::size_t kRequestsInFlightMax = 64;

inline constexpr std::size_t kStringBytesMax = std::size_t{16} << 20;
inline constexpr std::size_t kLineBytesMax = std::size_t{16} << 20;
inline constexpr std::size_t kKeysPerPullMax = std::size_t{1} << 26;
inline constexpr std::size_t kDenseFloatsMax = std::size_t{1} << 30;
inline constexpr std::size_t kFilesMax = std::size_t{1} << 20;
// A checkpoint and those that it adds to, down to the full one. All their files are open at once.
inline constexpr std::size_t kCheckpointChainMax = 64;

static_assert(kSmallMessageBytes < kChunkBytes && kChunkBytes <= kMessageBytesMax);
static_assert(kRowFloatsMax * sizeof(float) < kChunkBytes);

}  // namespace rookery
