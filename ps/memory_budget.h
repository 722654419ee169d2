// MemoryBudget: how much memory one server may take, and whether its tables may still make rows.
//
// Counted are the tables and dense parameters (upper bounds of what they have touched) and, where
// the server has its process to itself, all that the process took beyond what it had at the start:
// messages, step buffers, copies for a checkpoint. Where roles share a process only the former.
// Rows that are kept as they were for a checkpoint (ps/row_capture.h) come on top: they take part
// of what rows may not, so that a checkpoint changes nothing about which rows are made. Where they
// would take more, requests wait until the checkpoint has let go of some (ps/ps_service.h).
//
//   soft limit   when rows would pass it, no server's table makes a row any more
//   hard limit   when anything has passed it, or the system gave no memory, the job must end
//
// Both stay in force until Reset().
// Owner    the shard; `process_bytes` may be empty. Threads: the shard's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace rookery {

struct MemoryLimit {
  std::uint64_t bytes = 0;  // of one server; 0: none
  double soft = 0.9;        // share of `bytes` that rows may fill
};

class MemoryBudget {
 public:
  using ProcessBytes = std::function<std::uint64_t()>;

  explicit MemoryBudget(MemoryLimit limit = {}, ProcessBytes process_bytes = {});

  [[nodiscard]] const MemoryLimit& limit() const { return limit_; }
  // What is counted now, and the most it has been.
  [[nodiscard]] std::uint64_t bytes() const { return counted_ + kept_ + other_; }
  [[nodiscard]] std::uint64_t bytes_max() const { return bytes_max_; }

  // Whether rows may still be made.
  [[nodiscard]] bool admits() const { return !stopped_; }
  [[nodiscard]] bool must_end() const { return must_end_; }
  // "cluster.memory_limit: 912 MB of 1000 MB are taken (rows may take 900 MB)", for people.
  [[nodiscard]] std::string Describe() const;

  // Whether rows may take so many more bytes; if not, admission stops.
  [[nodiscard]] bool MayTake(std::uint64_t bytes);
  // The same for rows of a checkpoint, which may fill all of the limit; nothing stops.
  [[nodiscard]] bool MayLoad(std::uint64_t bytes) const;
  // Whether rows kept for a checkpoint may take so many more bytes.
  [[nodiscard]] bool MayKeep(std::uint64_t bytes) const;
  // A part now has `after` bytes instead of `before`.
  void Count(std::uint64_t before, std::uint64_t after);
  void CountKept(std::uint64_t before, std::uint64_t after);
  // Looks at the process; cheap, a microsecond or two.
  void Observe();
  // The system gave no memory for a row.
  void OnRefused();
  // All rows are gone, or come from a checkpoint now.
  void Reset();

 private:
  void Check();

  const MemoryLimit limit_;
  const ProcessBytes process_bytes_;
  std::uint64_t base_ = 0;     // of the process at the start
  std::uint64_t counted_ = 0;  // tables, dense parameters
  std::uint64_t kept_ = 0;     // for a checkpoint
  std::uint64_t other_ = 0;    // of the process beyond base_, counted_ and kept_
  std::uint64_t bytes_max_ = 0;
  bool stopped_ = false;
  bool must_end_ = false;
  bool system_refused_ = false;
};

}  // namespace rookery
