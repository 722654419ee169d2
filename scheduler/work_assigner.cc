#include "scheduler/work_assigner.h"

#include <algorithm>

#include "common/check.h"
#include "common/fault_hooks.h"

namespace rookery {

WorkAssigner::WorkAssigner(AssignerOptions options)
    : options_(std::move(options)),
      cursors_(options_.dealt ? options_.streams : 1),
      open_(options_.streams) {
  ROOKERY_CHECK(options_.streams > 0 && options_.chunks_per_lease > 0);
  if (!options_.dealt) return;
  for (std::uint32_t stream = 0; stream < options_.streams; ++stream) {
    cursors_[stream].next_chunk = stream;
  }
}

StatusOr<WorkAssigner> WorkAssigner::Restore(AssignerOptions options, AssignerState state) {
  WorkAssigner assigner(std::move(options));
  if (state.cursors.size() != assigner.cursors_.size()) {
    return Corrupt("input position: ", state.cursors.size(), " cursors, this job has ",
                   assigner.cursors_.size());
  }
  const std::size_t files = assigner.options_.file_order.size();
  for (const InputCursor& cursor : state.cursors) {
    if (cursor.position > files)
      return Corrupt("input position: file ", cursor.position, " of ", files);
  }
  for (const PendingRun& run : state.pending) {
    if (run.file >= files || run.stride == 0 ||
        (assigner.options_.dealt && run.stream >= assigner.options_.streams)) {
      return Corrupt("input position: a run of file ", run.file, ", stream ", run.stream,
                     " does not fit this job's input");
    }
  }
  assigner.cursors_ = std::move(state.cursors);
  assigner.pending_ = std::move(state.pending);
  return assigner;
}

InputCursor& WorkAssigner::CursorOf(std::uint32_t stream) {
  return cursors_[options_.dealt ? stream : 0];
}

void WorkAssigner::NoteRead(const LeaseRequest& request) {
  std::deque<OpenLease>& open = open_[request.stream];
  for (const OpenLease& lease : open) {
    if (lease.id != request.read_lease) continue;
    InputCursor& cursor = CursorOf(request.stream);
    const std::size_t files = options_.file_order.size();
    if (cursor.position >= files || options_.file_order[cursor.position] != lease.run.file) break;
    const double in_file = std::clamp(request.file_fraction, 0.0, 1.0);
    fraction_ = std::max(fraction_, (cursor.position + in_file) / static_cast<double>(files));
    if (request.end_of_file) cursor = {cursor.position + 1, options_.dealt ? request.stream : 0};
    break;
  }
  while (!open.empty() && open.front().id <= request.trained_lease) open.pop_front();
}

bool WorkAssigner::TakePending(std::uint32_t stream, PendingRun* run) {
  const auto mine = std::ranges::find_if(pending_, [&](const PendingRun& pending) {
    return !options_.dealt || pending.stream == stream;
  });
  if (mine == pending_.end()) return false;
  *run = *mine;
  pending_.erase(mine);
  return true;
}

bool WorkAssigner::TakeFromCursor(std::uint32_t stream, PendingRun* run) {
  InputCursor& cursor = CursorOf(stream);
  if (cursor.position >= options_.file_order.size()) return false;
  *run = {.stream = stream,
          .file = options_.file_order[cursor.position],
          .first = cursor.next_chunk,
          .stride = options_.dealt ? options_.streams : 1,
          .count = options_.chunks_per_lease,
          .skip = 0};
  cursor.next_chunk += run->stride * run->count;
  return true;
}

StatusOr<LeaseReply> WorkAssigner::Next(const LeaseRequest& request) {
  if (request.stream >= options_.streams) {
    return Corrupt("lease request: stream ", request.stream, " of ", options_.streams);
  }
  NoteRead(request);
  PendingRun run;
  if (!TakePending(request.stream, &run) && !TakeFromCursor(request.stream, &run)) {
    return LeaseReply{};
  }
  run.stream = request.stream;
  open_[request.stream].push_back({next_lease_, run});
  return LeaseReply{.lease = next_lease_++,
                    .file = run.file,
                    .first = run.first,
                    .stride = run.stride,
                    .count = run.count,
                    .skip = run.skip};
}

AssignerState WorkAssigner::Snapshot(std::span<const InputPosition> positions) const {
  AssignerState state{cursors_, {}};
  for (std::uint32_t stream = 0; stream < options_.streams; ++stream) {
    InputPosition position{.stream = stream, .lease = 0, .examples_done = 0};
    for (const InputPosition& known : positions) {
      if (known.stream == stream) position = known;
    }
    for (const OpenLease& lease : open_[stream]) {
      if (lease.id < position.lease || ROOKERY_FAULT(forget_lease)) continue;
      PendingRun run = lease.run;
      if (lease.id == position.lease) run.skip = position.examples_done;
      state.pending.push_back(run);
    }
  }
  state.pending.insert(state.pending.end(), pending_.begin(), pending_.end());
  return state;
}

double WorkAssigner::fraction() const {
  const bool at_end = std::ranges::all_of(cursors_, [&](const InputCursor& cursor) {
    return cursor.position >= options_.file_order.size();
  });
  return at_end ? 1.0 : fraction_;
}

}  // namespace rookery
