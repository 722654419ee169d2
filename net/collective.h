// OrderedSum: adds the workers' vectors in slice order, bit-identical for any number of workers.
//
// Every member contributes one vector of the same length for each slice it owns and all members
// receive sum over slices 0..S-1, added in that order in fp32. Made of one-way messages: member j
// owns the j-th segment of the vector, receives that segment of every slice, sums, sends the sum to
// all (a reduce-scatter and an all-gather). With one member nothing is sent.
//
// Owner    the worker's node. Threads: its executor. At most one Sum() at a time.
// Errors   kDeadline names the member that is missing; kCorrupt for a wrong length, round or slice.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/block_pool.h"
#include "common/executor.h"
#include "common/task.h"
#include "common/types.h"
#include "net/rpc.h"

namespace rookery {

// How members share slices: slice k belongs to member k % members.
struct SliceVector {
  Slice slice{};
  std::span<const float> values;
};

class OrderedSum {
 public:
  // `members`: ranks in member order; self is members[self_index]. `slices` is a multiple of
  // members.size(). Handles the two one-way verbs on `rpc`, so it is made before rpc.Start().
  OrderedSum(RpcNode* rpc, std::vector<Rank> members, std::size_t self_index, std::uint32_t slices,
             VerbId segment_verb, VerbId sum_verb, Duration deadline);
  ~OrderedSum();

  // `mine`: this member's slices in ascending order. Writes the sum to `sum` (same length on all
  // members). Rounds are counted by the object: members call it the same number of times.
  // `mine` and `sum` stay valid until the task is done.
  [[nodiscard]] Task<Status> Sum(PooledVector<SliceVector> mine, std::span<float> sum);
  // To the other members since this was made, with the headers of the frames.
  [[nodiscard]] std::uint64_t sent_bytes() const;

 private:
  struct State;
  static Task<Status> Run(std::shared_ptr<State> state, PooledVector<SliceVector> mine,
                          std::span<float> sum);
  std::shared_ptr<State> state_;
};

}  // namespace rookery
