// The order to load a checkpoint, as a server carries it out. (Writing: ps/checkpoint_saver.h)
//
// Between two buckets the executor runs other work, so heartbeats go on meanwhile.
//
// Owner    ps_node; everything pointed to outlives the task. Threads: the executor.
#pragma once

#include <string>

#include "common/error.h"
#include "common/executor.h"
#include "common/task.h"
#include "io/file_system.h"
#include "protocol/scheduler_messages.h"
#include "ps/checkpoint_reader.h"
#include "ps/ps_options.h"
#include "ps/ps_service.h"
#include "ps/shard.h"

namespace rookery {

struct ServerParts {
  const PsOptions* options = nullptr;
  Executor* executor = nullptr;
  FileSystem* files = nullptr;
  Shard* shard = nullptr;
  PsService* service = nullptr;
};

// Replaces all state by this server's part of the checkpoint. Pulls and pushes are refused
// meanwhile, and after a failure that left nothing: until a load succeeds. A checkpoint of another
// job leaves the state as it was.
[[nodiscard]] Task<Status> LoadCheckpoint(ServerParts parts, std::string directory);

// Refuses a checkpoint of another job, or one whose tables, dense parameters or buckets differ.
[[nodiscard]] Status CheckSameJob(const CheckpointReader& reader, const PsOptions& options);

}  // namespace rookery
