#include "launch/job_estimate.h"

#include <algorithm>
#include <cmath>

#include "net/frame.h"
#include "ps/table_size.h"
#include "ps/updater.h"

namespace rookery {
namespace {

constexpr double kFloat = sizeof(float);
constexpr double kKey = sizeof(Key);

double Share(double whole, std::uint32_t parts) {
  return whole / std::max<std::uint32_t>(parts, 1);
}

// protocol/ps_messages.h. A push goes to every server, also one without keys.
StepTraffic TrafficOf(const JobPlan& plan, const std::vector<double>& keys, double dense_floats) {
  constexpr double kPullHead = 20;
  constexpr double kReplyHead = 16;
  constexpr double kPushHead = 40;
  constexpr double kTableHead = 8;
  const double pushes = PushesPerStep(plan);
  const double messages = pushes * plan.cluster.servers;
  const auto tables = static_cast<double>(plan.tables.size());
  StepTraffic traffic;
  traffic.pull = messages * (2 * kFrameHeaderBytes + kPullHead + kReplyHead + tables * kTableHead);
  traffic.push = messages * (2 * kFrameHeaderBytes + kPushHead + tables * kTableHead);
  for (std::size_t t = 0; t < keys.size(); ++t) {
    const double bytes = pushes * keys[t] * (kKey + plan.tables[t].dim * kFloat);
    traffic.pull += bytes;
    traffic.push += bytes;
  }
  const double workers = plan.lockstep ? plan.cluster.workers : 1;
  if (plan.job.train.dense == DensePlacement::kServer) {
    traffic.pull += workers * dense_floats * kFloat;  // a worker asks once a step
    traffic.push += pushes * dense_floats * kFloat;
  }
  if (!plan.lockstep || workers < 2) return traffic;
  // net/collective.h: segments of each slice to their owners, then the sums to all; with the number
  // of examples and the wish to pause behind the gradient.
  constexpr double kSumHead = kFrameHeaderBytes + 24;
  const bool reduced = plan.job.train.dense == DensePlacement::kAllreduce;
  const double segment = ((reduced ? dense_floats : 0) + 2) / workers * kFloat;
  const double slices_each = pushes / workers;
  traffic.sum = workers * (workers - 1) * (2 * kSumHead + segment * (slices_each + 1));
  return traffic;
}

// The mean over the steps of an epoch, the last of which is smaller.
double Mean(double full, double last, std::uint64_t steps, bool has_last) {
  if (!has_last) return full;
  return (full * static_cast<double>(steps - 1) + last) / static_cast<double>(steps);
}

// Rough: what a worker has at the same time.
std::uint64_t WorkerBytes(const JobPlan& plan, const DataSample& sample, double dense_floats,
                          std::size_t dense_states) {
  const TrainJob& train = plan.job.train;
  const double streams = plan.lockstep ? Share(PushesPerStep(plan), plan.cluster.workers) : 1;
  const double in_work = streams + train.prefetch * streams + streams;
  const double window = Share(static_cast<double>(plan.job.data.shuffle_window),
                              train.mode == TrainMode::kSync ? plan.cluster.workers : 1);
  double bytes = dense_floats * kFloat * (2 + static_cast<double>(dense_states) + 2 * streams);
  bytes +=
      2 * sample.example_bytes * ExamplesPerPush(plan) * in_work;  // with the plan of the batch
  bytes += 2 * sample.example_bytes * window;
  for (std::size_t t = 0; t < plan.tables.size(); ++t) {
    // Rows and gradients, and the messages that bring and take them.
    bytes += 4 * streams * sample.tables[t].keys_per_push * plan.tables[t].dim * kFloat;
  }
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace

StatusOr<JobEstimate> EstimateJob(const JobPlan& plan, const DataSample& sample) {
  ROOKERY_ASSIGN_OR_RETURN(const WorkerModel made, MakeWorkerModelOf(plan.job, {}));
  const std::uint32_t servers = plan.cluster.servers;
  const std::uint32_t buckets = std::max(1U, kBucketsDefault / servers);
  const auto dense = static_cast<double>(made.dense.size());
  const std::size_t states = MakeUpdater(plan.job.dense)->StateFloats(1);
  JobEstimate estimate;
  estimate.cluster = plan.cluster;
  estimate.dense_floats = made.dense.size();
  estimate.examples = static_cast<std::uint64_t>(sample.examples_total);
  estimate.examples_known = sample.whole;
  const double per_step = double{1} * ExamplesPerPush(plan) * PushesPerStep(plan);
  const double streams = plan.lockstep ? 1 : plan.cluster.workers;
  estimate.steps =
      static_cast<std::uint64_t>(std::ceil(sample.examples_total / streams / per_step));
  const bool has_last = std::fmod(sample.examples_total / streams, per_step) >= 1;

  std::vector<double> full;
  std::vector<double> last;
  for (std::size_t t = 0; t < plan.tables.size(); ++t) {
    const TableSpec& spec = plan.tables[t];
    const TableSample& seen = sample.tables[t];
    const auto pulled = static_cast<std::uint64_t>(Share(seen.keys_per_push, servers));
    const auto bytes_of = [&](double rows) {
      return TableBytesOf(spec, buckets, static_cast<std::uint64_t>(Share(rows, servers)), pulled);
    };
    TableEstimate table{.name = spec.name, .rows = seen.rows};
    table.row_bytes = RowFloatsOf(spec) * sizeof(float);
    estimate.server_bytes += bytes_of(seen.rows.likely);
    estimate.server_bytes_high += bytes_of(seen.rows.high);
    table.bytes = servers * bytes_of(seen.rows.likely);
    table.bytes_high = servers * bytes_of(seen.rows.high);
    table.keys_per_step = seen.keys_per_push * PushesPerStep(plan);
    const auto rows = static_cast<std::uint64_t>(Share(seen.rows.likely, servers));
    estimate.checkpoint_bytes += servers * RowsFileBytesOf(spec, buckets, rows);
    full.push_back(seen.keys_per_push);
    last.push_back(seen.keys_in_last);
    estimate.tables.push_back(std::move(table));
  }
  const StepTraffic of_full = TrafficOf(plan, full, dense);
  const StepTraffic of_last = TrafficOf(plan, last, dense);
  estimate.traffic = {Mean(of_full.pull, of_last.pull, estimate.steps, has_last),
                      Mean(of_full.push, of_last.push, estimate.steps, has_last), of_full.sum};
  const double dense_bytes = dense * kFloat * static_cast<double>(1 + states);
  if (plan.job.train.dense == DensePlacement::kServer) {
    estimate.server_bytes += static_cast<std::uint64_t>(Share(dense_bytes, servers));
    estimate.server_bytes_high += static_cast<std::uint64_t>(Share(dense_bytes, servers));
  }
  // A step's pushes are kept until they are merged, the merged ones until the next; and the sum.
  const double step_bytes = 3 * of_full.push + of_full.pull;
  estimate.server_message_bytes =
      static_cast<std::uint64_t>(Share(step_bytes, servers) * (plan.lockstep ? 1 : streams));
  estimate.worker_bytes = WorkerBytes(plan, sample, dense, states);
  constexpr double kManifestBytes = 4096;
  constexpr double kInputBytes = 640 << 10;  // mostly the histograms of the epoch's metrics
  estimate.checkpoint_bytes +=
      static_cast<std::uint64_t>(dense_bytes + kManifestBytes + kInputBytes) +
      FittedSchemaToJson(sample.fitted).size();
  return estimate;
}

}  // namespace rookery
