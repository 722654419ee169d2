#include "tests/sim/ledger.h"

#include <cmath>

#include "data/input.h"
#include "ps/checkpoint_reader.h"
#include "scheduler/job_state.h"
#include "tests/sim/sim_options.h"

namespace rookery::sim {
namespace {

using Rows = std::map<Key, double>;

StatusOr<Rows> RowsOf(const CheckpointReader& reader, const TableSpec& table) {
  Rows rows;
  const std::size_t floats = table.dim;  // SGD keeps no state
  ROOKERY_RETURN_IF_ERROR(
      reader.ReadRows(table, 0, reader.manifest().buckets,
                      [&](std::span<const Key> keys, std::span<const float> values) {
                        for (std::size_t i = 0; i < keys.size(); ++i)
                          rows[keys[i]] = values[i * floats];
                        return OkStatus();
                      }));
  return rows;
}

StatusOr<std::string> Balance(FileSystem* files, const std::string& directory, bool exact,
                              bool lockstep) {
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(files, directory));
  ROOKERY_RETURN_IF_ERROR(reader->VerifyAll());
  ROOKERY_ASSIGN_OR_RETURN(const JobState state, ReadJobState(*files, directory));
  if (!exact) return std::string();
  for (std::size_t t = 0; t < reader->manifest().tables.size(); ++t) {
    ROOKERY_ASSIGN_OR_RETURN(const Rows rows, RowsOf(*reader, reader->manifest().tables[t]));
    double sum = 0;
    for (const auto& [key, value] : rows) sum += value;
    const std::uint64_t expected = state.examples * (t == 0 ? 1 : kItemsPerExample);
    if (sum == static_cast<double>(expected)) continue;
    return StrCat(
        directory, ": ", state.examples, " examples were trained, but the rows of table '",
        reader->manifest().tables[t].name, "' sum up to ", sum, " instead of ", expected, "\n");
  }
  ROOKERY_ASSIGN_OR_RETURN(const DenseState dense, reader->ReadDense());
  if (lockstep && dense.weights.at(0) != static_cast<float>(state.step)) {
    return StrCat(directory, ": step ", state.step, ", but the dense parameters had ",
                  dense.weights.at(0), " updates\n");
  }
  return std::string();
}

StatusOr<std::string> Compare(FileSystem* files, const std::string& directory, const Ledger& ledger,
                              std::uint64_t epochs) {
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(files, directory));
  std::string wrong;
  for (std::size_t t = 0; t < ledger.counts.size(); ++t) {
    const TableSpec& table = reader->manifest().tables.at(t);
    ROOKERY_ASSIGN_OR_RETURN(const Rows rows, RowsOf(*reader, table));
    if (rows.size() != ledger.counts[t].size()) {
      wrong += StrCat("table '", table.name, "' has ", rows.size(), " rows, the input ",
                      ledger.counts[t].size(), " keys\n");
    }
    std::size_t named = 0;
    for (const auto& [key, count] : ledger.counts[t]) {
      const auto row = rows.find(key);
      const double value = row == rows.end() ? 0 : row->second;
      if (value == static_cast<double>(count * epochs) || ++named > 5) continue;
      wrong += StrCat("table '", table.name, "' row ", key, " is ", value, ", the input says ",
                      count * epochs, "\n");
    }
    if (named > 5) wrong += StrCat("... ", named, " rows of '", table.name, "' are wrong\n");
  }
  return wrong;
}

std::string InWords(const StatusOr<std::string>& found) {
  return found.ok() ? *found : found.status().ToString() + "\n";
}

}  // namespace

StatusOr<Ledger> CountInput(FileSystem* files, const JobPlan& plan, const FittedSchema& fitted) {
  InputOptions input;
  input.files = plan.files[static_cast<std::size_t>(DataSet::kTrain)];
  input.chunk_examples = kChunkExamples;
  const std::unique_ptr<InputReader> reader = MakeInputReader(files, &fitted, input);
  Ledger ledger;
  for (std::uint32_t file = 0; file < input.files.size(); ++file) {
    for (std::uint64_t chunk = 0;; ++chunk) {
      ROOKERY_ASSIGN_OR_RETURN(
          const RunResult run,
          reader->Read({.file = file, .first = chunk, .stride = 1, .count = 1}));
      ledger.examples += run.examples.examples;
      for (std::size_t t = 0; t < ledger.counts.size() && run.examples.examples > 0; ++t) {
        for (const Key key : run.examples.features.at(t).keys) ++ledger.counts[t][key];
      }
      if (run.end_of_file) break;
    }
  }
  return ledger;
}

std::string CheckBalance(FileSystem* files, const std::string& directory, bool exact,
                         bool lockstep) {
  return InWords(Balance(files, directory, exact, lockstep));
}

std::string CheckLedger(FileSystem* files, const std::string& directory, const Ledger& ledger,
                        std::uint64_t epochs) {
  return InWords(Compare(files, directory, ledger, epochs));
}

}  // namespace rookery::sim
