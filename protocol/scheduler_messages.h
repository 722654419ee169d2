// What servers and workers say to the scheduler. Orders travel in replies: the scheduler calls
// nobody.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/types.h"
#include "protocol/checkpoint_manifest.h"
#include "protocol/verbs.h"

namespace rookery {

// Once, first. All processes must run the same job with the same build.
struct JoinRequest {
  static constexpr std::uint32_t kVersion = 1;
  Role role = Role::kServer;
  std::uint32_t index = 0;
  std::uint64_t job_hash = 0;
  std::string version;
  std::string host;
  std::uint32_t process = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(role, index, job_hash, version, host, process);
  }
  [[nodiscard]] bool Plausible() const { return role <= Role::kWorker; }
};
struct JoinReply {
  static constexpr std::uint32_t kVersion = 2;
  std::string features_json;        // FittedSchema
  std::vector<double> label_means;  // of it; servers need no more

  template <class Archive>
  void serialize(Archive& archive) {
    archive(features_json, label_means);
  }
};

enum class OrderKind : std::uint8_t {
  kWait = 0,      // nothing to do; ask again
  kLoad = 1,      // load the checkpoint in `directory`
  kTrain = 2,     // workers: train epoch `epoch` until it ends or a pause is agreed
  kEvaluate = 3,  // workers: evaluate set `set`, create nothing
  // Take a cut and say so; then write it to `directory` while other orders go on, and tell with a
  // heartbeat: servers their rows, worker 0 dense.bin.
  kCheckpoint = 4,
  kStop = 5,  // leave, orderly
};

enum class DataSet : std::uint8_t { kTrain = 0, kValid = 1, kTest = 2 };

// One order to one node. Ids rise; a node carries out each once and says so in its next request.
struct Order {
  static constexpr std::uint32_t kVersion = 1;
  std::uint64_t id = 0;
  OrderKind kind = OrderKind::kWait;
  std::string directory;
  std::string base;  // kCheckpoint: the checkpoint beside it to add to; empty: write all rows
  std::uint64_t epoch = 0;
  std::uint64_t step = 0;        // kTrain: the step to begin with
  std::uint64_t until_step = 0;  // kTrain: pause before this step; 0: no limit
  DataSet set = DataSet::kTrain;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(id, kind, directory, base, epoch, step, until_step, set);
  }
  [[nodiscard]] bool Plausible() const { return kind <= OrderKind::kStop && set <= DataSet::kTest; }
};

// What a node wrote of the checkpoint that was cut last.
struct WrittenFiles {
  std::string directory;  // of the order; empty: nothing yet
  Code code = Code::kOk;
  std::string message;
  std::vector<CheckpointFile> files;
  std::uint64_t rows_kept = 0;  // that were about to change before they were copied

  template <class Archive>
  void serialize(Archive& archive) {
    archive(directory, code, message, files, rows_kept);
  }
};

// How far a stream of input got: the run of chunks that is in work and how many of its (shuffled)
// examples went into steps that are complete.
struct InputPosition {
  std::uint32_t stream = 0;  // sync: the slice; else the worker
  std::uint64_t lease = 0;   // id; 0: none
  std::uint64_t examples_done = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(stream, lease, examples_done);
  }
};

// What carrying out an order gave.
struct OrderResult {
  std::uint64_t id = 0;  // 0: no order yet
  Code code = Code::kOk;
  std::string message;
  std::uint64_t updates = 0;  // kCheckpoint, servers
  bool adds_to_base = false;  // kCheckpoint, servers: rows that are as in `base` are left out
  bool epoch_end = false;     // kTrain: false when paused
  std::uint64_t step = 0;     // kTrain: the next step
  std::vector<InputPosition> positions;  // kTrain, paused
  std::string metrics;                   // kEvaluate: SeenMetrics::Encode(), or of rankings

  template <class Archive>
  void serialize(Archive& archive) {
    archive(id, code, message, updates, adds_to_base, epoch_end, step, positions, metrics);
  }
};

struct NextOrderRequest {
  static constexpr std::uint32_t kVersion = 1;
  OrderResult done;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(done);
  }
  [[nodiscard]] bool Plausible() const { return done.code <= Code::kInternal; }
};

// Each message is counted once, with the header of its frame.
struct NetworkBytes {
  std::uint64_t steps = 0;  // in which they were sent
  std::uint64_t pull = 0;   // requests and answers
  std::uint64_t push = 0;
  std::uint64_t sum = 0;  // of dense gradients, sent to other workers

  template <class Archive>
  void serialize(Archive& archive) {
    archive(steps, pull, push, sum);
  }
};

// Regularly while alive, also during long orders. The numbers are since the last heartbeat.
struct Heartbeat {
  static constexpr std::uint32_t kVersion = 1;
  std::uint64_t examples = 0;
  double loss_sum = 0;
  std::uint64_t step = 0;
  double read_seconds = 0;
  double pull_seconds = 0;
  double compute_seconds = 0;
  double push_seconds = 0;
  std::string metrics;                // progressive validation, since the last heartbeat
  std::vector<std::string> warnings;  // refused gradients and the like; printed by the scheduler
  std::vector<std::uint64_t> table_rows;   // servers
  std::vector<std::uint64_t> table_bytes;  // servers
  std::uint64_t refused_gradients = 0;     // total
  std::vector<std::uint64_t> staleness;    // servers, total: [s] pulls that saw staleness s
  std::uint64_t unadmitted_gradients = 0;  // servers, total: of keys that got no row
  std::uint64_t memory_bytes = 0;          // servers: the most they have taken
  std::string memory_end;                  // servers: why the job must end; empty: it need not
  NetworkBytes network;                    // workers, total: of training in this process
  WrittenFiles written;                    // repeated until the next cut

  template <class Archive>
  void serialize(Archive& archive) {
    archive(examples, loss_sum, step, read_seconds, pull_seconds, compute_seconds, push_seconds,
            metrics, warnings, table_rows, table_bytes, refused_gradients, staleness,
            unadmitted_gradients, memory_bytes, memory_end, network, written);
  }
  [[nodiscard]] bool Plausible() const { return written.code <= Code::kInternal; }
};
struct HeartbeatReply {
  static constexpr std::uint32_t kVersion = 1;
  bool pause = false;  // agree on a step and end the kTrain order there

  template <class Archive>
  void serialize(Archive& archive) {
    archive(pause);
  }
};

// A worker asks for input for one of its streams and says how far the stream's last ones got.
struct LeaseRequest {
  static constexpr std::uint32_t kVersion = 1;
  DataSet set = DataSet::kTrain;
  std::uint32_t stream = 0;
  std::uint64_t read_lease = 0;  // the last one read to its end; 0: none
  bool end_of_file = false;      // what reading it showed
  double file_fraction = 0;
  std::uint64_t trained_lease = 0;  // it and all before it are in completed steps; 0: none

  template <class Archive>
  void serialize(Archive& archive) {
    archive(set, stream, read_lease, end_of_file, file_fraction, trained_lease);
  }
  [[nodiscard]] bool Plausible() const {
    return set <= DataSet::kTest && std::isfinite(file_fraction);
  }
};
struct LeaseReply {
  static constexpr std::uint32_t kVersion = 1;
  std::uint64_t lease = 0;  // 0: no more input for this stream in this pass
  std::uint32_t file = 0;   // data/input.h ChunkRun
  std::uint64_t first = 0;
  std::uint64_t stride = 1;
  std::uint64_t count = 0;
  std::uint64_t skip = 0;  // (shuffled) examples of it that were trained before a resume

  template <class Archive>
  void serialize(Archive& archive) {
    archive(lease, file, first, stride, count, skip);
  }
};

}  // namespace rookery
