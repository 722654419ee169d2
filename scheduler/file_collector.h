// FileCollector: what the nodes wrote of the checkpoint in work; they tell it in heartbeats.
//
// Owner    the scheduler's service. Threads: its executor.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/executor.h"
#include "common/task.h"
#include "protocol/scheduler_messages.h"

namespace rookery {

struct CollectedFiles {
  std::vector<CheckpointFile> files;  // in the order of the nodes that were expected
  std::uint64_t rows_kept = 0;
};

class FileCollector {
 public:
  using NameOf = std::function<std::string(std::size_t node)>;
  FileCollector(Executor* executor, NameOf name) : executor_(executor), name_(std::move(name)) {}

  // Before the order goes out. Forgets the checkpoint before.
  void Expect(std::string directory, std::vector<std::size_t> nodes);
  // What a heartbeat says; that of another checkpoint, or said before, counts for nothing.
  void OnWritten(std::size_t node, WrittenFiles written);
  // When all nodes have written, or the first failure with the node's name. Once for each Expect().
  [[nodiscard]] Task<StatusOr<CollectedFiles>> All();
  // Ends All(), now and later, with `failure`.
  void Fail(const Status& failure);

 private:
  void Finish(Status status);

  Executor* const executor_;
  const NameOf name_;
  std::string directory_;
  std::vector<std::size_t> nodes_;
  std::vector<std::optional<WrittenFiles>> written_;  // by position in nodes_
  std::optional<Promise<Status>> finished_;
  Status failure_;
};

}  // namespace rookery
