#include "launch/block_schema.h"

#include "data/block_file.h"

namespace rookery {

StatusOr<FittedSchema> TakeBlockSchema(FileSystem& files,
                                       const std::vector<std::string>& train_files, Job* job) {
  const std::string& path = train_files.front();
  ROOKERY_ASSIGN_OR_RETURN(const bool prepared, IsBlockFile(files, path));
  if (!prepared) {
    return InvalidInput(path,
                        ": no prepared file, which data.format = \"blocks\" needs; make one with "
                        "`rookery prepare`, or name the format of the text");
  }
  ROOKERY_ASSIGN_OR_RETURN(const auto file, BlockFile::Open(files, path));
  job->data.schema = file->fitted().schema;
  job->data.chunk_examples = file->chunk_examples();
  return file->fitted();
}

Status CheckBlockFiles(FileSystem& files, const FittedSchema& fitted,
                       const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    ROOKERY_ASSIGN_OR_RETURN(const bool prepared, IsBlockFile(files, path));
    if (!prepared) continue;
    ROOKERY_ASSIGN_OR_RETURN(const auto file, BlockFile::Open(files, path));
    ROOKERY_RETURN_IF_ERROR(file->CheckSchema(fitted));
  }
  return OkStatus();
}

}  // namespace rookery
