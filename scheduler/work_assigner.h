// WorkAssigner: which chunks of the input each stream reads next, and from where a resumed job goes
// on. Pure: no time, no I/O.
//
// A cursor walks over the files in the given order, chunk after chunk. Dealt (sync): every stream
// has a cursor of its own and takes chunks stream, stream + streams, ... of every file, so what a
// slice reads does not depend on who asks first. Shared (bounded, async, evaluation): one cursor,
// any stream takes the next run. How long a file is shows when a run of it reaches the end; a run
// past the end is empty and harmless.
//
// Owner    the scheduler. Threads: one.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "protocol/scheduler_messages.h"

namespace rookery {

// What is left of a lease that a checkpoint cut.
struct PendingRun {
  std::uint32_t stream = 0;
  std::uint32_t file = 0;
  std::uint64_t first = 0;
  std::uint64_t stride = 1;
  std::uint64_t count = 0;
  std::uint64_t skip = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(stream, file, first, stride, count, skip);
  }
};

struct InputCursor {
  std::uint32_t position = 0;    // in the file order
  std::uint64_t next_chunk = 0;  // of that file

  template <class Archive>
  void serialize(Archive& archive) {
    archive(position, next_chunk);
  }
};

struct AssignerState {
  std::vector<InputCursor> cursors;  // dealt: one per stream; shared: one
  std::vector<PendingRun> pending;   // given out again first, in this order

  template <class Archive>
  void serialize(Archive& archive) {
    archive(cursors, pending);
  }
};

struct AssignerOptions {
  std::vector<std::uint32_t> file_order;  // indices of the set's files, in reading order
  std::uint32_t streams = 1;
  bool dealt = true;
  std::uint64_t chunks_per_lease = 1;
};

class WorkAssigner {
 public:
  explicit WorkAssigner(AssignerOptions options);
  // Goes on where Snapshot was taken. kCorrupt when the state does not fit the options.
  [[nodiscard]] static StatusOr<WorkAssigner> Restore(AssignerOptions options, AssignerState state);

  // lease 0 in the reply: no more input for this stream. A stream out of range: kCorrupt.
  [[nodiscard]] StatusOr<LeaseReply> Next(const LeaseRequest& request);

  // The cut at which each stream of `positions` has trained exactly what it says. Streams that are
  // not named have trained nothing of their open leases.
  [[nodiscard]] AssignerState Snapshot(std::span<const InputPosition> positions) const;

  // Share of the input that has been read, [0, 1]; for the progress line.
  [[nodiscard]] double fraction() const;

 private:
  struct OpenLease {
    std::uint64_t id = 0;
    PendingRun run;
  };

  [[nodiscard]] InputCursor& CursorOf(std::uint32_t stream);
  bool TakePending(std::uint32_t stream, PendingRun* run);
  bool TakeFromCursor(std::uint32_t stream, PendingRun* run);
  void NoteRead(const LeaseRequest& request);

  AssignerOptions options_;
  std::vector<InputCursor> cursors_;
  std::vector<PendingRun> pending_;
  std::vector<std::deque<OpenLease>> open_;  // per stream, ids ascending: given, not known trained
  std::uint64_t next_lease_ = 1;
  double fraction_ = 0;
};

}  // namespace rookery
