// Table: the rows of one table whose buckets [first_bucket, end_bucket) live on this server.
//
// Owner    the shard; owns its rows; keeps no span it was given.
// Threads  one owner thread, so there are no locks.
// Shapes   K keys, unique and ascending by MixKey(key), all of owned buckets; values are row-major
//          [K, dim]. A row is weights[dim] | state[row_floats - dim] (ps/updater.h).
// Errors   wrong sizes, order or buckets are caller bugs (the shard checks requests first).
//          kExhausted when the system gives no more memory; rows made until then stay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/types.h"
#include "protocol/table_spec.h"
#include "ps/bucket.h"
#include "ps/initializer.h"
#include "ps/page_arena.h"
#include "ps/updater.h"

namespace rookery {

// Gradients that were not applied because they are not finite, or so large (1e15) that their square
// would soon not be.
struct RefusedGradients {
  static constexpr std::size_t kExamplesMax = 5;
  std::uint64_t count = 0;            // rows; a refused dense gradient counts as one
  std::vector<std::string> examples;  // "table 'x' key 123: gradient element 3 is nan"

  void Add(std::string text) {
    ++count;
    if (examples.size() < kExamplesMax) examples.push_back(std::move(text));
  }
};

// The rows of one bucket, keys ascending by MixKey(key): the order of checkpoint files.
struct BucketRows {
  std::vector<Key> keys;
  std::vector<float> rows;  // [keys, row_floats]
};

class Table {
 public:
  // `buckets` of the whole job: a power of two, at least 2.
  Table(TableSpec spec, std::uint32_t buckets, std::uint32_t first_bucket,
        std::uint32_t end_bucket);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  [[nodiscard]] const TableSpec& spec() const { return spec_; }
  [[nodiscard]] std::uint32_t first_bucket() const { return first_bucket_; }
  [[nodiscard]] std::uint32_t end_bucket() const { return end_bucket_; }
  [[nodiscard]] std::size_t row_floats() const { return row_floats_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint64_t bytes() const;  // taken from the system for rows and index
  [[nodiscard]] bool Owns(Key key) const;

  // Copies weights to out [K, dim]. An absent row is made when `create`, else reads zeros. With a
  // catch_up updater rows are first brought to the state after step t = the steps applied so far.
  [[nodiscard]] Status Pull(std::span<const Key> keys, bool create, std::uint64_t t,
                            std::span<float> out);
  // Applies one mean gradient a key as optimizer step t; an absent row is made first. A refused
  // gradient leaves its row as it is and is added to `refused`.
  [[nodiscard]] Status Push(std::span<const Key> keys, std::span<const float> gradients,
                            std::uint64_t t, RefusedGradients* refused);

  // Checkpoints. Catch-up tables are written after CatchUpAll(updates).
  void CatchUpAll(std::uint64_t t);
  [[nodiscard]] std::uint64_t RowsOf(std::uint32_t bucket) const;
  void CopyBucket(std::uint32_t bucket, BucketRows* out) const;
  // One row of a checkpoint: row_floats() floats. kCorrupt when the key is there already or its
  // bucket is not owned.
  [[nodiscard]] Status InsertRow(Key key, std::span<const float> row);
  void Clear();

 private:
  // At most this many keys are looked up before their rows are used: their lines stay in cache.
  static constexpr std::size_t kBatch = 128;

  [[nodiscard]] Bucket& BucketFor(std::uint64_t mixed) {
    return buckets_[static_cast<std::size_t>(mixed >> bucket_shift_) - first_bucket_];
  }
  void CheckKeys(std::span<const Key> keys) const;
  // rows[i]: the row of keys[i], null when absent and !create. REQUIRES: at most kBatch keys.
  [[nodiscard]] Status Locate(std::span<const Key> keys, bool create, std::size_t floats_used,
                              std::span<float*> rows);
  [[nodiscard]] float* Create(Bucket& bucket, Key key, std::uint64_t mixed);
  [[nodiscard]] Status PullCatchUp(std::span<const Key> keys, bool create, std::uint64_t t,
                                   std::span<float> out);
  [[nodiscard]] Status PushBatch(std::span<const Key> keys, std::span<const float> gradients,
                                 std::uint64_t t);
  [[nodiscard]] Status PushAcceptable(std::span<const Key> keys, std::span<const float> gradients,
                                      std::uint64_t t, RefusedGradients* refused);
  void CopyWeights(std::span<float* const> rows, float* out) const;
  [[nodiscard]] Status NoMemory() const;

  // Constant after construction.
  const TableSpec spec_;
  const std::uint32_t first_bucket_;
  const std::uint32_t end_bucket_;
  const unsigned bucket_bits_;
  const unsigned bucket_shift_;
  const std::unique_ptr<Updater> updater_;
  const Initializer initializer_;
  const std::size_t row_floats_;
  const RowShape shape_;

  std::unique_ptr<PageArena> arena_;
  std::vector<Bucket> buckets_;
  std::uint64_t rows_ = 0;
  // Scratch of a call.
  std::vector<float*> found_;  // catch_up
};

}  // namespace rookery
