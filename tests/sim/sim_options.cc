#include "tests/sim/sim_options.h"

#include <algorithm>
#include <array>

namespace rookery::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::array kModeNames = {"sync", "bounded", "async"};

std::string Padded(std::uint64_t number, std::size_t width) {
  std::string text = StrCat(number);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

ClusterShape DrawShape(const SimOptions& options, Random& random) {
  constexpr std::array<std::uint32_t, 3> kSyncWorkers = {1, 2, 4};
  ClusterShape shape;
  shape.servers = 1 + static_cast<std::uint32_t>(random.NextBelow(3));
  shape.workers = options.mode == TrainMode::kSync
                      ? kSyncWorkers[random.NextBelow(3)]
                      : 1 + static_cast<std::uint32_t>(random.NextBelow(4));
  return shape;
}

enum class FaultKind : std::uint8_t {
  kDie,
  kDieAtDiskCall,
  kDieBeforeCurrent,
  kFailCall,
  kShortWrite,
  kFull,
  kDropFrame,
  kPartition,
  kFreeze,
  kSlow,
  kFlipBit,
  kStop,
  kCount,
};

void AddFault(FaultKind kind, const RunSize& size, Random& random, RunFaults* faults) {
  const auto some = [&](std::uint64_t of) { return 1 + random.NextBelow(of + of / 8 + 1); };
  const std::uint32_t ranks = faults->cluster.ranks();
  switch (kind) {
    case FaultKind::kFlipBit:
      faults->flip_bit = true;
      [[fallthrough]];
    case FaultKind::kDie:
      faults->die_rank = static_cast<std::int64_t>(random.NextBelow(ranks));
      faults->die_at_event = some(size.events);
      break;
    case FaultKind::kDieAtDiskCall:
      faults->disk.die_at_call = some(size.disk_calls);
      faults->disk.die_after = random.NextBelow(2) == 0;
      break;
    case FaultKind::kDieBeforeCurrent:
      faults->disk.die_before_current = true;
      break;
    case FaultKind::kFailCall:
    case FaultKind::kShortWrite:
      faults->disk.fail_call = some(size.disk_calls);
      faults->disk.short_write = kind == FaultKind::kShortWrite;
      break;
    case FaultKind::kFull:
      faults->disk.full_from = some(size.disk_calls);
      break;
    case FaultKind::kDropFrame:
      faults->network.drop_frame = some(size.frames);
      break;
    case FaultKind::kPartition:
      faults->network.partition_at = some(size.frames);
      faults->network.partition_for = milliseconds(10 + random.NextBelow(2) * 5000);
      break;
    case FaultKind::kFreeze:
      faults->freeze_rank = static_cast<std::int64_t>(random.NextBelow(ranks));
      faults->freeze_at_event = some(size.events);
      faults->freeze_for = milliseconds(50 + random.NextBelow(2) * 5000);
      break;
    case FaultKind::kSlow:
      faults->network.slow_rank = static_cast<std::int64_t>(random.NextBelow(ranks));
      break;
    case FaultKind::kStop:
      faults->stop_at_event = some(size.events);
      break;
    case FaultKind::kCount:
      break;
  }
}

}  // namespace

SimOptions OptionsOf(std::uint64_t seed) {
  Random random(seed, Purpose::kTest, 2);
  const auto between = [&](std::uint64_t low, std::uint64_t high) {
    return static_cast<std::uint32_t>(low + random.NextBelow(high - low + 1));
  };
  SimOptions options;
  options.seed = seed;
  options.mode = static_cast<TrainMode>(random.NextBelow(3));
  options.cluster = DrawShape(options, random);
  options.dense = random.NextBelow(3) == 0 ? DensePlacement::kAllreduce : DensePlacement::kServer;
  options.staleness = between(0, 3);
  options.ledger = options.mode != TrainMode::kSync || random.NextBelow(4) != 0;
  options.ragged = random.NextBelow(3) == 0;
  options.files = between(1, 3);
  options.chunks_per_file = between(1, 4);
  options.epochs = between(1, 3);
  options.prefetch = between(1, 3);
  options.shuffle = random.NextBelow(3) != 0;
  options.checkpoint_steps = between(1, 8);
  options.bad_runs = between(1, 4);
  options.compute_max = microseconds(between(10, 8000));
  options.full_every = between(1, 4);
  return options;
}

std::string SimOptions::ToString() const {
  return StrCat("seed ", seed, ": ", kModeNames[static_cast<std::size_t>(mode)], ", dense ",
                dense == DensePlacement::kServer ? "server" : "allreduce", ", ",
                ledger ? "ledger" : "deepfm", ragged ? ", ragged" : "", ", ", cluster.servers,
                " servers, ", cluster.workers, " workers, staleness ", staleness, ", ", files,
                " files of ", chunks_per_file, " chunks a slice, ", epochs, " epochs, prefetch ",
                prefetch, shuffle ? ", shuffled" : "", ", checkpoint every ", checkpoint_steps,
                " steps, whole every ", full_every, ", ", bad_runs, " bad runs");
}

std::string RunFaults::ToString() const {
  std::string text = StrCat(cluster.servers, " servers, ", cluster.workers, " workers");
  const auto add = [&](bool on, const auto&... words) {
    if (on) text += StrCat(", ", words...);
  };
  add(die_rank >= 0, "rank ", die_rank, " dies at event ", die_at_event);
  add(disk.die_at_call != 0, "death ", disk.die_after ? "after" : "at", " disk call ",
      disk.die_at_call);
  add(disk.die_before_current, "death before CURRENT");
  add(disk.fail_call != 0, "disk call ", disk.fail_call, " fails",
      disk.short_write ? " half-way" : "");
  add(disk.full_from != 0, "disk full from call ", disk.full_from);
  add(network.drop_frame != 0, "frame ", network.drop_frame, " lost");
  add(network.partition_at != 0, "partition at frame ", network.partition_at, " for ",
      Seconds(network.partition_for), " s");
  add(freeze_rank >= 0, "rank ", freeze_rank, " stands still at event ", freeze_at_event, " for ",
      Seconds(freeze_for), " s");
  add(stop_at_event != 0, "stop wanted at event ", stop_at_event);
  add(network.slow_rank >= 0, "rank ", network.slow_rank, " is slow");
  add(network.duplicate_one_in != 0, "1 in ", network.duplicate_one_in, " requests twice");
  add(network.repeat_one_in != 0, "1 in ", network.repeat_one_in, " pushes again");
  add(power_cut, "power cut");
  add(flip_bit, "bit flipped");
  return text;
}

RunFaults DrawFaults(const SimOptions& options, const RunSize& size, Random& random) {
  RunFaults faults;
  faults.cluster = random.NextBelow(3) == 0 ? DrawShape(options, random) : options.cluster;
  faults.network.delay_max = microseconds(20 + random.NextBelow(1000));
  if (random.NextBelow(2) == 0) faults.network.duplicate_one_in = 2 + random.NextBelow(30);
  if (random.NextBelow(2) == 0) faults.network.repeat_one_in = 2 + random.NextBelow(30);
  const std::uint64_t kinds = 1 + random.NextBelow(2);
  for (std::uint64_t i = 0; i < kinds; ++i) {
    const auto kind =
        static_cast<FaultKind>(random.NextBelow(static_cast<std::uint64_t>(FaultKind::kCount)));
    AddFault(kind, size, random, &faults);
  }
  faults.power_cut = random.NextBelow(3) == 0;
  faults.crash_names = random.NextBelow(2) == 0 ? CrashNames::kAll : CrashNames::kOnlySynced;
  faults.abrupt = random.NextBelow(4) == 0;
  return faults;
}

std::string JobText(const SimOptions& options) {
  return StrCat(
      "seed = ", options.seed, "\n[data]\nformat = \"csv\"\ntrain = [\"data/train-*.csv\"]\n",
      "chunk_examples = ", kChunkExamples, "\nshuffle_window = ", options.shuffle ? 96 : 0, R"(
column = [{name = "y", type = "label"},
          {name = "id", type = "categorical"},
          {name = "items", type = "list"}]
[model]
name = "deepfm"
loss = "squared"
hidden = [4]
dropout = 0.25
[table.default]
dim = 2
learning_rate = 0.05
[train]
)",
      "mode = \"", kModeNames[static_cast<std::size_t>(options.mode)], "\"\ndense = \"",
      options.dense == DensePlacement::kServer ? "server" : "allreduce", "\"\nslices = ", kSlices,
      "\nbatch_size = ", kBatchExamples, "\nstaleness = ", options.staleness,
      "\nepochs = ", options.epochs, "\nprefetch = ", options.prefetch, R"(
part_examples = 64
[cluster]
threads = 1
heartbeat_every = "20ms"
heartbeat_timeout = "1s"
deadline = "3s"
[checkpoint]
)",
      "full_every = ", options.full_every, "\n");
}

std::string InputText(const SimOptions& options, std::uint32_t file) {
  Random random(options.seed, Purpose::kTest, 3, file);
  std::uint64_t lines = std::uint64_t{options.chunks_per_file} * kSlices * kChunkExamples;
  if (options.ragged) lines -= random.NextBelow(kSlices * kChunkExamples - 1);
  std::string text;
  for (std::uint64_t line = 0; line < lines; ++line) {
    const auto item = [&] {
      const std::uint64_t number = random.NextBelow(40);
      return options.ragged ? StrCat(number) : Padded(number, 2);
    };
    text += StrCat(random.NextBelow(2), ",", Padded(file * 10000 + line, 5));
    for (std::uint32_t i = 0; i < kItemsPerExample; ++i) text += (i == 0 ? "," : "|") + item();
    text += "\n";
  }
  return text;
}

}  // namespace rookery::sim
