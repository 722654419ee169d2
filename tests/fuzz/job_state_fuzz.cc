// Any bytes as input.bin of a checkpoint; what is accepted is given to a job to go on from.
#include "protocol/archive.h"
#include "scheduler/job_state.h"
#include "scheduler/work_assigner.h"
#include "tests/fuzz/memory_disk.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

// Leases until there are no more, or many.
void LeaseAll(const AssignerState& state) {
  const AssignerOptions options{{1, 0, 2}, 2, true, 4};
  StatusOr<WorkAssigner> assigner = WorkAssigner::Restore(options, state);
  if (!assigner.ok()) return;
  std::uint64_t lease = 0;
  for (std::uint32_t i = 0; i < 64; ++i) {
    const StatusOr<LeaseReply> reply =
        assigner->Next({DataSet::kTrain, i % options.streams, lease, i % 3 == 0, 0.5, lease / 2});
    ROOKERY_CHECK(reply.ok()) << reply.status().message();
    ROOKERY_CHECK(reply->lease == 0 ||
                  (reply->file < options.file_order.size() && reply->stride > 0));
    lease = reply->lease;
  }
  const AssignerState cut = assigner->Snapshot({});
  ROOKERY_CHECK(WorkAssigner::Restore(options, cut).ok());
}

bool ReadState(std::string_view content) {
  MemoryFileSystem files;
  PutFile(files, std::string(kInputName), content);
  const StatusOr<JobState> state = ReadJobState(files, "");
  if (!state.ok()) return false;
  ROOKERY_CHECK(content.find(EncodeText(*state)) != std::string_view::npos)
      << "another state came out";
  LeaseAll(state->assigner);
  return true;
}

}  // namespace

bool FuzzJobState(FuzzBytes bytes) {
  return ReadState(TextOfBytes(bytes)) || ReadState(WithRightChecksums(bytes));
}

FuzzSeeds SeedsOfJobState() {
  JobState state;
  state.epoch = 1;
  state.in_epoch = true;
  state.step = 30;
  state.assigner.cursors = {{1, 8}, {0, 3}};
  state.assigner.pending = {{0, 2, 4, 2, 4, 100}, {1, 0, 1, 2, 1, 0}};
  state.best_checkpoint = "00000007";
  FuzzSeeds seeds;
  for (const JobState& each : {JobState(), state}) {
    MemoryFileSystem files;
    ROOKERY_CHECK(WriteJobState(files, "", each).ok());
    seeds.push_back(TakeFile(files, std::string(kInputName)));
  }
  return seeds;
}

}  // namespace rookery
