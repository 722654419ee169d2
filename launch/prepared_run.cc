#include "launch/prepared_run.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include "data/input.h"
#include "launch/block_schema.h"
#include "launch/init_run.h"
#include "ps/checkpoint_reader.h"

namespace rookery {
namespace {

std::string CheckpointsOf(const RunRequest& request) {
  return JoinPath(request.run_directory, "checkpoints");
}

// What differs, in the words of the job file.
Status CheckSameJob(const CheckpointManifest& manifest, const JobPlan& plan,
                    const std::string& directory) {
  if (manifest.job_hash == plan.job_hash) return OkStatus();
  std::string difference =
      "seed, columns, [model], [table], [dense], train.mode, train.slices, train.batch_size or "
      "[privacy] differ";
  for (const TableSpec& table : plan.tables) {
    const auto saved = std::ranges::find(manifest.tables, table.name, &TableSpec::name);
    if (saved == manifest.tables.end()) {
      difference = StrCat("it has no table '", table.name, "'");
    } else if (saved->dim != table.dim) {
      difference = StrCat("its table '", table.name, "' has rows of ", saved->dim,
                          " floats, the job's ", table.dim);
    } else if (!(saved->updater == table.updater)) {
      difference = StrCat("its table '", table.name, "' was trained with another updater");
    }
  }
  return InvalidInput(
      directory, ": a checkpoint of another job: ", difference,
      "; resume with the job file it was made with (job.toml of its run), or choose another --run");
}

// Every byte is read before anything is loaded.
Status VerifyCheckpoint(FileSystem& files, const std::string& directory) {
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(&files, directory));
  return reader->VerifyAll();
}

StatusOr<std::string> NewestGood(FileSystem& files, const std::string& checkpoints) {
  ROOKERY_ASSIGN_OR_RETURN(std::vector<std::string> names, files.List(checkpoints));
  std::ranges::reverse(names);
  for (const std::string& name : names) {
    // One that has not got its name yet (NAME.tmp) goes when the job starts, whole as it may be.
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string directory = JoinPath(checkpoints, name);
    if (!files.Exists(JoinPath(directory, kManifestName))) continue;
    const Status status = VerifyCheckpoint(files, directory);
    if (status.ok()) return directory;
    std::cerr << "rookery: skipping " << directory << ": " << status.message() << "\n";
  }
  return NotFound(checkpoints, ": no whole checkpoint");
}

StatusOr<std::string> FindStart(FileSystem& files, const RunRequest& request) {
  if (!request.checkpoint.empty()) return request.checkpoint;
  const std::string checkpoints = CheckpointsOf(request);
  StatusOr<std::string> found = request.resume == Resume::kLatestGood
                                    ? NewestGood(files, checkpoints)
                                    : CurrentCheckpoint(files, checkpoints);
  if (!found.ok() && found.status().code() == Code::kNotFound) return std::string();
  return found;
}

Status CheckUnused(FileSystem& files, const RunRequest& request) {
  const std::string current = JoinPath(CheckpointsOf(request), kCurrentName);
  if (!files.Exists(current)) return OkStatus();
  return InvalidInput(request.run_directory,
                      " holds the checkpoints of an earlier run: add --resume to go on with it, or "
                      "choose another --run");
}

// The first pass over the training data; of prepared files it was made already.
StatusOr<FittedSchema> Fit(FileSystem& files, const JobPlan& plan) {
  if (plan.fitted) {
    for (const std::vector<std::string>& paths : plan.files) {
      ROOKERY_RETURN_IF_ERROR(CheckBlockFiles(files, *plan.fitted, paths));
    }
    return *plan.fitted;
  }
  InputOptions input;
  input.files = plan.files[static_cast<std::size_t>(DataSet::kTrain)];
  input.chunk_examples = plan.job.data.chunk_examples;
  ROOKERY_ASSIGN_OR_RETURN(FittedSchema fitted, FitSchema(&files, plan.job.data.schema, input,
                                                          plan.job.data.fit_examples));
  return ReadsSequences(plan.job) ? FittedExamplesOf(fitted, SequencesOf(plan.job)) : fitted;
}

}  // namespace

StatusOr<PreparedRun> PrepareRun(FileSystem& files, const RunRequest& request,
                                 const JobPlan& plan) {
  PreparedRun prepared;
  if (request.resume == Resume::kNo && !request.evaluate_only) {
    ROOKERY_RETURN_IF_ERROR(CheckUnused(files, request));
  } else {
    ROOKERY_ASSIGN_OR_RETURN(prepared.load_directory, FindStart(files, request));
  }
  if (prepared.load_directory.empty()) {
    if (request.resume != Resume::kNo) {
      std::cout << "no checkpoint in " << CheckpointsOf(request)
                << ": starting from the beginning\n";
    }
    ROOKERY_ASSIGN_OR_RETURN(prepared.fitted, Fit(files, plan));
    if (request.init_from.empty()) return prepared;
    ROOKERY_ASSIGN_OR_RETURN(prepared.load_directory,
                             InitRun(files, request, plan, &prepared.fitted));
    return prepared;
  }
  ROOKERY_ASSIGN_OR_RETURN(const auto reader,
                           CheckpointReader::Open(&files, prepared.load_directory));
  ROOKERY_RETURN_IF_ERROR(CheckSameJob(reader->manifest(), plan, prepared.load_directory));
  ROOKERY_RETURN_IF_ERROR(reader->VerifyAll());
  ROOKERY_ASSIGN_OR_RETURN(const std::string features, reader->ReadText(kFeaturesName));
  ROOKERY_ASSIGN_OR_RETURN(prepared.fitted, FittedSchemaFromJson(features));
  return prepared;
}

}  // namespace rookery
