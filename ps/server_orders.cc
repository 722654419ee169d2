#include "ps/server_orders.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "ps/bucket_scan.h"
#include "ps/yield.h"

namespace rookery {
namespace {

Task<Status> LoadRows(Executor* executor, const CheckpointReader* reader, Table* table) {
  auto scan = reader->ScanRows(table->spec(), table->first_bucket(), table->end_bucket());
  if (!scan.ok()) co_return scan.status();
  BucketRows bucket;
  while (!(*scan)->done()) {
    ROOKERY_CO_RETURN_IF_ERROR((*scan)->Next(&bucket));
    ROOKERY_CO_RETURN_IF_ERROR(table->InsertBucket(bucket.keys, bucket.rows));
    co_await Yield{executor};
  }
  co_return OkStatus();
}

// The server's segment of every kind of state.
Status RestoreDense(const CheckpointReader& reader, DenseTable* dense) {
  ROOKERY_ASSIGN_OR_RETURN(const DenseState whole, reader.ReadDense());
  const std::size_t total = whole.weights.size();
  const auto begin = static_cast<std::size_t>(dense->begin());
  const auto size = static_cast<std::size_t>(dense->end() - dense->begin());
  std::vector<float> state;
  for (std::size_t at = 0; at < whole.state.size(); at += total) {
    if (whole.state.size() - at < total) {
      return Corrupt(JoinPath(reader.directory(), kDenseName), ": ", whole.state.size(),
                     " state floats for ", total, " weights");
    }
    const auto segment = std::span(whole.state).subspan(at + begin, size);
    state.insert(state.end(), segment.begin(), segment.end());
  }
  return Annotate(dense->Restore(std::span(whole.weights).subspan(begin, size), state),
                  JoinPath(reader.directory(), kDenseName));
}

Task<Status> ReplaceState(ServerParts parts, const CheckpointReader* reader) {
  Shard& shard = *parts.shard;
  for (std::size_t i = 0; i < shard.tables(); ++i) shard.table(i).Clear();
  shard.memory().Reset();
  for (std::size_t i = 0; i < shard.tables(); ++i) {
    Status status = co_await LoadRows(parts.executor, reader, &shard.table(i));
    if (!status.ok()) co_return status;
  }
  if (shard.dense() != nullptr) {
    ROOKERY_CO_RETURN_IF_ERROR(RestoreDense(*reader, shard.dense()));
  }
  shard.SetProgress(Step{reader->manifest().step}, reader->manifest().updates);
  co_return OkStatus();
}

}  // namespace

Status CheckSameJob(const CheckpointReader& reader, const PsOptions& options) {
  const CheckpointManifest& manifest = reader.manifest();
  const std::string path = JoinPath(reader.directory(), kManifestName);
  if (manifest.buckets != options.buckets) {
    return InvalidInput(path, ": has ", manifest.buckets, " buckets, the job ", options.buckets);
  }
  if (manifest.tables.size() != options.tables.size()) {
    return InvalidInput(path, ": has ", manifest.tables.size(), " tables, the job ",
                        options.tables.size());
  }
  for (std::size_t i = 0; i < manifest.tables.size(); ++i) {
    if (manifest.tables[i] == options.tables[i]) continue;
    return InvalidInput(path, ": table \"", manifest.tables[i].name,
                        "\" is not what the job says of table \"", options.tables[i].name, "\"");
  }
  if (options.dense_on_server && manifest.dense != options.dense) {
    return InvalidInput(path, ": the dense parameters are not those of the job");
  }
  if (manifest.job_hash != options.job_hash) {
    return InvalidInput(path, ": is of another job (job hash ", manifest.job_hash, ", here ",
                        options.job_hash, ")");
  }
  return OkStatus();
}

Task<Status> LoadCheckpoint(ServerParts parts, std::string directory) {
  auto reader = CheckpointReader::Open(parts.files, std::move(directory));
  if (!reader.ok()) co_return reader.status();
  ROOKERY_CO_RETURN_IF_ERROR(CheckSameJob(**reader, *parts.options));
  const std::string name = StrCat("server ", parts.options->index);
  parts.service->Refuse(name + " is loading a checkpoint");
  Status status = co_await ReplaceState(parts, reader->get());
  if (status.ok()) {
    parts.service->Allow();
    co_return status;
  }
  for (std::size_t i = 0; i < parts.shard->tables(); ++i) parts.shard->table(i).Clear();
  parts.service->Refuse(StrCat(name, " has no state: ", status.message()));
  co_return status;
}

}  // namespace rookery
