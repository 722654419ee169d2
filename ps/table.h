// Table: the rows of one table whose buckets [first_bucket, end_bucket) live on this server.
//
// A bucket is the unit of growth, of checkpoint and of load: it has an index of its own, and since
// no index is large, growth never stops the world. Rows of all buckets lie in one store.
//
// Owner    the shard; owns its rows; keeps no span it was given.
// Threads  one owner thread, so there are no locks.
// Shapes   K keys, unique and ascending by MixKey(key), all of owned buckets; values are row-major
//          [K, dim]. A row is weights[dim] | state[row_floats - dim] (ps/updater.h).
// Memory   a row is made only when the server's budget admits it. A key without a row reads zeros,
//          and its gradients are dropped and counted. (ps/table_admission.cc)
// Errors   wrong sizes, order or buckets are caller bugs (the shard checks requests first).
//          kExhausted when rows of a checkpoint do not fit, and, of a table without a budget, when
//          the system gives no more memory; rows made until then stay.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/types.h"
#include "protocol/table_spec.h"
#include "ps/changed_rows.h"
#include "ps/initializer.h"
#include "ps/key_index.h"
#include "ps/memory_budget.h"
#include "ps/page_arena.h"
#include "ps/recent_rows.h"
#include "ps/row_capture.h"
#include "ps/row_store.h"
#include "ps/step_gradients.h"
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

class Table {
 public:
  // `buckets` of the whole job: a power of two, at least 2. `budget` may be null: no limit; else it
  // outlives the table.
  Table(TableSpec spec, std::uint32_t buckets, std::uint32_t first_bucket, std::uint32_t end_bucket,
        MemoryBudget* budget = nullptr);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  [[nodiscard]] const TableSpec& spec() const { return spec_; }
  [[nodiscard]] std::uint32_t first_bucket() const { return first_bucket_; }
  [[nodiscard]] std::uint32_t end_bucket() const { return end_bucket_; }
  [[nodiscard]] std::size_t row_floats() const { return row_floats_; }
  [[nodiscard]] std::uint64_t rows() const { return store_.size(); }
  // Of rows, index and recent pulls: all that the table may have touched.
  [[nodiscard]] std::uint64_t bytes() const;
  // Gradients that were dropped because their key was not admitted.
  [[nodiscard]] std::uint64_t unadmitted() const { return unadmitted_; }
  [[nodiscard]] bool Owns(Key key) const;

  // Copies weights to out [K, dim]. An absent row is made when `create`, else reads zeros. With a
  // catch_up updater rows are first brought to the state after step t = the steps applied so far.
  [[nodiscard]] Status Pull(std::span<const Key> keys, bool create, std::uint64_t t,
                            std::span<float> out);
  // Sets present [K] to 1 where a key has a row, else to 0. Changes nothing. (ps/table_rows.cc)
  void FindRows(std::span<const Key> keys, std::span<std::uint8_t> present);
  // Applies one mean gradient a key as optimizer step t; an absent row is made first. A refused
  // gradient leaves its row as it is and is added to `refused`.
  [[nodiscard]] Status Push(std::span<const Key> keys, std::span<const float> gradients,
                            UpdateStep step, RefusedGradients* refused);
  // Before Push() as optimizer step t: changes the gradients by what `part` carries, as
  // ps/gradient_adjust.h says (ps/table_adjust.cc). An absent row is made.
  [[nodiscard]] Status Adjust(const StepTable& part, float delay_compensation, std::uint64_t t);

  // Checkpoints (ps/table_capture.cc): a cut, after which the rows are copied as they were then,
  // bucket by bucket, whatever is pulled and pushed in between.
  // `changed_only`: just those that changed since the base. REQUIRES: then, MayLeaveOut().
  void BeginCapture(bool changed_only);
  // Null: no capture, or it was ended.
  [[nodiscard]] const RowCapture* capture() const { return capture_.get(); }
  // As RowCapture::CopySome. REQUIRES: a capture that is not done.
  [[nodiscard]] bool CaptureSome(BucketRows* out);
  void EndCapture();
  // At most so much more memory the capture takes when `keys` more rows are changed.
  [[nodiscard]] std::uint64_t BytesToKeep(std::size_t keys) const;
  // Whether pulls change rows, too.
  [[nodiscard]] bool catches_up() const { return updater_->catches_up(); }
  // Rows of a capture as after step t; a no-op unless catch_up. Any thread.
  void CatchUpCopied(BucketRows* rows, std::uint64_t t) const;

  // From now on it is known which rows changed since a base: now, or the last capture.
  void TrackChanges();
  // The last capture became the base; or it did not, and the base is the one before.
  void ConfirmCut();
  void RestoreCut();
  // Whether a capture may be of changed rows only. With catch_up all rows change in every step.
  [[nodiscard]] bool MayLeaveOut() const { return changed_ && !updater_->catches_up(); }

  // One row of a checkpoint: row_floats() floats. kCorrupt when the key is there already or its
  // bucket is not owned.
  [[nodiscard]] Status InsertRow(Key key, std::span<const float> row);
  // Rows [K, row_floats] of a checkpoint, all of one bucket; as InsertRow.
  [[nodiscard]] Status InsertBucket(std::span<const Key> keys, std::span<const float> rows);
  void Clear();

 private:
  // Keys go through the table in batches: first all index lines of a batch are read, then all of
  // its rows, each time with the next ones on their way from memory. (Doing both in turn for small
  // blocks of keys was measured to be slower.)
  static constexpr std::size_t kBatch = 1024;
  static constexpr std::size_t kAhead = 32;
  struct Scratch {
    std::array<std::uint64_t, kBatch> mixed;
    std::array<float*, kBatch> rows;
    std::array<std::uint32_t, kBatch> numbers;  // of the rows; kNone: absent. When watched_
    std::array<Key, kBatch> made_keys;          // MakeAbsent
    std::array<float*, kBatch> made_rows;
  };

  [[nodiscard]] KeyIndex& IndexFor(std::uint64_t mixed) {
    return buckets_[static_cast<std::size_t>(mixed >> bucket_shift_) - first_bucket_];
  }
  void CheckKeys(std::span<const Key> keys) const;
  // Calls use(first key's position, rows) for at most kAhead rows at a time, in order; a row is
  // null when absent and !create. `floats_used`: of a row, from its front. While rows are watched
  // (a capture, changes to be known) use_numbers(first key's position, their numbers) comes before,
  // for at most kBatch at a time.
  template <class Use, class UseNumbers>
  [[nodiscard]] Status ForRows(std::span<const Key> keys, bool create, std::size_t floats_used,
                               const Use& use, const UseNumbers& use_numbers);
  // The same, of rows that are known.
  template <class Use>
  void UseRows(std::span<float* const> rows, std::size_t floats_used, const Use& use);
  // REQUIRES: at most kBatch keys.
  [[nodiscard]] Status Locate(std::span<const Key> keys, bool create, Scratch* scratch);
  [[nodiscard]] bool watched() const { return capture_ != nullptr || changed_; }
  // Before rows of `keys` are changed. REQUIRES: watched().
  void BeforeChange(std::span<const Key> keys, std::span<const std::uint32_t> numbers);
  // A row in store and index, its floats zero; null when the system has no memory. REQUIRES:
  // absent.
  [[nodiscard]] float* AddRow(std::uint64_t mixed);
  // The same, but null also when the budget does not admit it.
  [[nodiscard]] float* AdmitRow(std::uint64_t mixed);
  // What a row takes beyond the pages that are in use.
  [[nodiscard]] std::uint64_t BytesToAdd(std::uint64_t mixed);
  // Tells the budget what the table, or its capture, has now.
  void Count();
  void CountKept();
  // After a capture.
  void ReleaseKept();
  // updater_->Apply, without rows that are null.
  void Apply(std::span<float* const> rows, std::span<const float> gradients, UpdateStep step);
  // Whether so many rows of a checkpoint, all of the bucket of `index`, fit.
  [[nodiscard]] Status CheckLoad(const KeyIndex& index, std::uint64_t rows) const;
  // Makes and initialises the rows that are null in `scratch`, which Locate has filled otherwise.
  [[nodiscard]] Status MakeAbsent(std::span<const Key> keys, Scratch* scratch);
  // found_: the rows of all keys.
  [[nodiscard]] Status LocateAll(std::span<const Key> keys, bool create);
  // Brings those of found_ that are there to the state after step t.
  void CatchUpFound(std::uint64_t t);
  [[nodiscard]] Status PullCatchUp(std::span<const Key> keys, bool create, std::uint64_t t,
                                   std::span<float> out);
  [[nodiscard]] Status PushAll(std::span<const Key> keys, std::span<const float> gradients,
                               UpdateStep step);
  // Into a bucket without rows. REQUIRES: keys of this bucket, ascending; room in the index.
  [[nodiscard]] Status FillBucket(std::span<const Key> keys, std::span<const float> rows,
                                  KeyIndex* index);
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
  std::vector<float> initial_state_;  // of a row; empty when it is zeros

  PageArena arena_;  // of the indexes
  RowStore store_;
  std::vector<KeyIndex> buckets_;
  RecentRows recent_;               // of training's pulls; not with catch_up
  std::unique_ptr<KeptRows> kept_;  // of capture_, or empty and of use for the next one
  std::unique_ptr<RowCapture> capture_;
  std::optional<ChangedRows> changed_;
  std::vector<float*> found_;  // scratch: LocateAll

  MemoryBudget* const budget_;
  std::uint64_t counted_ = 0;  // what the budget knows of
  std::uint64_t counted_kept_ = 0;
  std::uint64_t unadmitted_ = 0;
  std::vector<float*> present_;           // scratch: Apply
  std::vector<float> present_gradients_;  // scratch: Apply
};

}  // namespace rookery
