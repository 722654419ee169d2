#include "launch/prepare_job.h"

#include <array>
#include <utility>

#include "data/block_file.h"
#include "launch/new_directory.h"

namespace rookery {
namespace {

StatusOr<FittedSchema> Fit(FileSystem& files, const Job& job, const PrepareJobOptions& options) {
  if (options.like.empty()) {
    InputOptions input;
    ROOKERY_ASSIGN_OR_RETURN(input.files, ExpandFiles(files, job.data.train));
    return FitSchema(&files, job.data.schema, input, job.data.fit_examples);
  }
  ROOKERY_ASSIGN_OR_RETURN(const auto file, BlockFile::Open(files, options.like));
  FittedSchema fitted = file->fitted();
  fitted.schema = job.data.schema;
  ROOKERY_RETURN_IF_ERROR(file->CheckSchema(fitted));
  return fitted;
}

StatusOr<PreparedSet> PrepareSet(FileSystem& files, const Job& job, const FittedSchema& fitted,
                                 const std::string& name, const std::vector<std::string>& patterns,
                                 const std::string& directory, const PrepareJobOptions& options) {
  PreparedSet set;
  set.name = name;
  PrepareOptions prepare;
  ROOKERY_ASSIGN_OR_RETURN(prepare.input.files, ExpandFiles(files, patterns));
  for (const std::string& path : prepare.input.files) {
    ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t bytes, files.FileSize(path));
    set.input_bytes += bytes;
  }
  prepare.input.chunk_examples = job.data.chunk_examples;
  prepare.prefix = JoinPath(directory, name);
  prepare.compress = options.compress;
  prepare.shuffle_bytes = name == "train" ? options.shuffle_bytes : 0;
  prepare.seed = job.seed;
  if (options.progress) {
    prepare.progress = [&](const PrepareProgress& progress) { options.progress(name, progress); };
  }
  ROOKERY_ASSIGN_OR_RETURN(set.report, PrepareFiles(files, fitted, prepare));
  return set;
}

}  // namespace

StatusOr<std::vector<PreparedSet>> PrepareJob(FileSystem& files, const Job& job,
                                              const PrepareJobOptions& options) {
  if (job.data.blocks) {
    return InvalidInput(
        "data.format = \"blocks\": the job reads prepared files already; name the "
        "job that reads the text");
  }
  if (job.data.schema.format == InputFormat::kSequence) {
    return InvalidInput(
        "data.format = \"sequence\": lines of users are not prepared; train on them as they are");
  }
  ROOKERY_ASSIGN_OR_RETURN(const NewDirectory directory, NewDirectory::Make(files, options.output));
  ROOKERY_ASSIGN_OR_RETURN(const FittedSchema fitted, Fit(files, job, options));
  const std::array<std::pair<std::string, const std::vector<std::string>*>, 3> inputs = {
      {{"train", &job.data.train}, {"valid", &job.data.valid}, {"test", &job.data.test}}};
  std::vector<PreparedSet> sets;
  for (const auto& [name, patterns] : inputs) {
    if (patterns->empty()) continue;
    ROOKERY_ASSIGN_OR_RETURN(PreparedSet set, PrepareSet(files, job, fitted, name, *patterns,
                                                         directory.path(), options));
    sets.push_back(std::move(set));
  }
  ROOKERY_RETURN_IF_ERROR(directory.Publish());
  return sets;
}

}  // namespace rookery
