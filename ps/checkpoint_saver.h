// CheckpointSaver: a server's part of a checkpoint: the cut, which takes no time, and the files,
// which are written while the server goes on.
//
// Rows are copied on the server's executor, a piece at a time, with pulls and pushes in between;
// a background executor compresses, writes and syncs. At most kBuffers buckets are on their way
// between the two, so a slow disk slows the copying, not the server; `checkpoint_rate` bounds the
// bytes a second, unless requests wait for memory.
//
// Deltas   a cut may leave out rows that are as in a base: the checkpoint of the cut before, if the
//          next order names it (so it was published), or the one that was loaded. Otherwise nothing
//          is left out.
// Owner    ps_node; everything given outlives it, and it outlives Save().
// Threads  `home`; of tables the background reads what is constant.
// Errors   of the disk: the result says so. Internal: a cut while another is being written.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/error.h"
#include "common/executor.h"
#include "common/task.h"
#include "io/file_system.h"
#include "protocol/scheduler_messages.h"
#include "ps/checkpoint_writer.h"
#include "ps/ps_options.h"
#include "ps/shard.h"

namespace rookery {

class CheckpointSaver {
 public:
  // `on_copied`: after some rows were copied, which gives memory back; it says whether requests
  // wait for more, which is then copied without regard to the rate.
  CheckpointSaver(const PsOptions* options, Executor* home, Executor* background, FileSystem* files,
                  Shard* shard, std::function<bool()> on_copied = {});

  // The cut, now; `result` gets what the order's answer says. After it Save() must be called.
  [[nodiscard]] Status Cut(const Order& order, OrderResult* result);
  // Writes the files; written() then has the outcome.
  [[nodiscard]] Task<> Save();
  [[nodiscard]] bool saving() const { return saving_; }
  // Of the last cut; its directory is empty until Save() has ended.
  [[nodiscard]] const WrittenFiles& written() const { return written_; }
  // Save() ends soon, with kAborted.
  void Stop() { stopping_ = true; }
  // The tables hold exactly the checkpoint in `directory`.
  void OnLoaded(const std::string& directory);

 private:
  static constexpr std::size_t kBuffers = 6;
  struct Buffer {  // a bucket
    BucketRows rows;
    std::optional<Promise<Status>> added;  // when it is in the background
  };
  void OnCopied();
  void SettleBase(const Order& order);
  [[nodiscard]] Task<Status> WriteTables();
  [[nodiscard]] Task<Status> WriteTable(Table* table);
  [[nodiscard]] Task<Status> WriteBuckets(Table* table, TableRowsWriter* writer);
  [[nodiscard]] Task<Status> CopyBucket(Table* table, BucketRows* rows);
  void AddInBackground(TableRowsWriter* writer, std::uint32_t bucket, Buffer* buffer);
  [[nodiscard]] Task<Status> Added(Buffer* buffer);
  [[nodiscard]] Task<Status> KeepRate(std::uint64_t bytes);

  const PsOptions& options_;
  Executor* const home_;
  Executor* const background_;
  FileSystem* const files_;
  Shard* const shard_;
  const std::function<bool()> on_copied_;

  // Directories of checkpoints. base_: what the tables' changes are counted from; cut_: of the last
  // cut, while it is not known whether that was published.
  std::string base_;
  std::string cut_;

  std::string directory_;  // being written
  std::uint64_t updates_ = 0;
  bool saving_ = false;
  bool stopping_ = false;
  std::array<Buffer, kBuffers> buffers_;
  TimePoint may_copy_at_{};  // checkpoint_rate
  TimePoint turn_began_{};   // of copying without a pause
  std::size_t turn_slices_ = 0;
  bool requests_wait_ = false;
  WrittenFiles written_;
};

}  // namespace rookery
