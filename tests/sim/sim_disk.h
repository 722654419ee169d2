// SimDisk: the disk that all processes of a job share, in memory, and what goes wrong with it.
// SimFiles: one process's view of it, which ends when the process dies.
//
// A call is every method that returns a Status, of the file system and its open files; calls() of
// all processes are counted together, and DiskFaults name one of them.
//
// Owner    the simulated job. Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/memory_file_system.h"
#include "tests/sim/sim_world.h"

namespace rookery::sim {

struct DiskFaults {
  std::uint64_t fail_call = 0;      // the n-th call fails; 0: none
  bool short_write = false;         // ... and if it writes, half of the bytes are there
  std::uint64_t full_from = 0;      // from the n-th call on nothing can be written
  std::uint64_t die_at_call = 0;    // the process that makes the n-th call dies
  bool die_after = false;           // ... when the call has had its effect
  bool die_before_current = false;  // the scheduler dies between a checkpoint's rename and CURRENT
  bool ignore_sync = false;         // a deliberate fault: no file is ever synced
};

class SimDisk {
 public:
  explicit SimDisk(SimWorld* world) : world_(world) {}

  // A new run of the job's processes: calls are counted from 0.
  void Begin(const DiskFaults& faults);
  [[nodiscard]] MemoryFileSystem& files() { return files_; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  // Files of a checkpoint are there that is not complete.
  [[nodiscard]] bool writing_checkpoint();
  // A checkpoint has its name, and CURRENT does not name it yet.
  [[nodiscard]] bool between_rename_and_current() const { return renamed_; }
  // Checkpoints that were published, CURRENT included, and must never be lost: the newest.
  [[nodiscard]] const std::string& published() const { return published_; }
  void ForgetPublished() { published_.clear(); }
  // Called when the directory of a checkpoint is made; the last function given counts.
  void OnCheckpointBegun(std::function<void()> begun) { begun_ = std::move(begun); }

 private:
  friend class SimFiles;
  friend class SimWritable;
  void NoteRename(const std::string& from, const std::string& to);
  void NoteSync(const std::string& directory);

  SimWorld* const world_;
  MemoryFileSystem files_;
  DiskFaults faults_;
  std::uint64_t calls_ = 0;
  bool renamed_ = false;
  bool current_renamed_ = false;
  std::string named_;  // the last checkpoint that was renamed
  std::string published_;
  std::function<void()> begun_;
};

class SimFiles final : public FileSystem {
 public:
  SimFiles(SimDisk* disk, std::uint32_t rank) : disk_(disk), rank_(rank) {}

  void OnDeath(std::function<void()> die) { die_ = std::move(die); }
  void Kill() { dead_ = true; }

  StatusOr<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) override;
  StatusOr<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> OpenAppend(const std::string& path) override;
  StatusOr<std::uint64_t> FileSize(const std::string& path) override;
  bool Exists(const std::string& path) override { return disk_->files_.Exists(path); }
  StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  StatusOr<std::vector<std::string>> Glob(const std::string& pattern) override;
  Status MakeDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status RemoveTree(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;

 private:
  friend class SimReader;
  friend class SimWritable;
  enum class Effect : std::uint8_t { kReads, kNames, kWrites };

  // Runs one call through the faults. `half`: what is left of one that fails or dies half-way.
  Status Call(Effect effect, std::string_view action, const std::string& path,
              const std::function<Status()>& run, const std::function<void()>& half = {});
  void RemoveSome(const std::string& path);
  void Die();

  SimDisk* const disk_;
  const std::uint32_t rank_;
  std::function<void()> die_;
  bool dead_ = false;
};

}  // namespace rookery::sim
