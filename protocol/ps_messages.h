// The bulk messages between workers and servers: keys, rows and gradients as plain arrays, written
// and read in place. docs/wire_format.md describes the bytes; every length is checked by Parse.
//
//   pull request   step u64 | worker u32 | flags u32 | tables u32 | { table u32, keys u32 }[tables]
//                  | for each table: key u64[keys]
//   pull reply     dense floats u64 | updates u64 | for each table: f32[keys * dim], in the
//                  request's order | f32[dense floats] | with kPullPresence, for each table:
//                  u8[keys], 1: the key has a row, 0: it has none
//   push request   step u64 | sequence u64 | worker u32 | slice u32 | examples u32 | tables u16
//                  | flags u16 | dense floats u64 | { table u32, keys u32 }[tables]
//                  | for each table: key u64[keys], f32[keys * dim]; with flag 1 u32[keys]; with
//                  flag 2 f32[keys * dim] | f32[dense floats]; with flag 2 again f32[dense floats]
//   push reply     empty
//
// Keys of one table are unique and ascend by MixKey(key): that is bucket order, and server order.
// Gradients are of the *sum* over the slice's examples of weight * loss.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "common/block_pool.h"
#include "common/buffer.h"
#include "common/error.h"
#include "common/types.h"

namespace rookery {

enum PullFlags : std::uint32_t {
  // training: an absent row is created; otherwise it reads the default row (zeros)
  kPullCreate = 1,
  kPullDense = 2,       // add this server's segment of the dense parameters
  kPullDenseState = 4,  // the segment's weights, then its updater state: for dense.bin
  kPullPresence = 8,    // evaluation: say of each key whether it has a row; not with kPullCreate
};

enum PushFlags : std::uint16_t {
  kPushCounts = 1,  // how often each key occurs in the slice's examples
  kPushPulled = 2,  // the weights that the gradients were computed from, of rows and dense floats
};

struct TableKeys {
  TableId table{};
  std::span<const Key> keys;
};

struct PullRequest {
  Step step{};
  std::uint32_t worker = 0;
  std::uint32_t flags = 0;
  PooledVector<TableKeys> tables;
};

struct TableGradients {
  TableId table{};
  std::span<const Key> keys;
  std::span<const float> gradients;            // [keys, dim]
  std::span<const std::uint32_t> counts = {};  // [keys], each at least 1; with kPushCounts
  std::span<const float> pulled = {};          // [keys, dim]; with kPushPulled
};

struct PushRequest {
  Step step{};
  std::uint64_t sequence = 0;  // 1, 2, ... per worker and server within one run of the job
  std::uint32_t worker = 0;
  Slice slice{};
  std::uint32_t examples = 0;
  PooledVector<TableGradients> tables;
  std::span<const float> dense;  // this server's segment; empty unless dense = "server"
  std::uint16_t flags = 0;
  std::span<const float> pulled_dense = {};  // [dense]; with kPushPulled
};

// Returns 0 for an unknown table.
using DimOf = std::function<std::uint32_t(TableId)>;

[[nodiscard]] Buffer EncodePullRequest(const PullRequest& request);
[[nodiscard]] Buffer EncodePushRequest(const PushRequest& request);
// The spans point into `body`. kCorrupt for a wrong length, an unknown table or flag, keys out of
// order, a count of 0.
[[nodiscard]] StatusOr<PullRequest> ParsePullRequest(std::span<const std::byte> body,
                                                     const DimOf& dim_of);
[[nodiscard]] StatusOr<PushRequest> ParsePushRequest(std::span<const std::byte> body,
                                                     const DimOf& dim_of);

// A reply with room for rows and dense floats, which the shard fills in place.
struct PullReplyRoom {
  Buffer buffer;
  PooledVector<std::span<float>> rows;  // per table of the request
  std::span<float> dense;
  PooledVector<std::span<std::uint8_t>> present;  // per table; empty without kPullPresence
};
// kExhausted when it would be larger than a message may be.
[[nodiscard]] StatusOr<PullReplyRoom> MakePullReply(const PullRequest& request, const DimOf& dim_of,
                                                    std::uint64_t dense_floats,
                                                    std::uint64_t updates = 0);

struct PullReply {
  std::uint64_t updates = 0;  // optimizer steps this server has applied
  PooledVector<std::span<const float>> rows;
  std::span<const float> dense;
  PooledVector<std::span<const std::uint8_t>> present;  // 0 or 1; empty without kPullPresence
};
[[nodiscard]] StatusOr<PullReply> ParsePullReply(std::span<const std::byte> body,
                                                 const PullRequest& request, const DimOf& dim_of);

}  // namespace rookery
