#include "scheduler/job_state.h"

#include "common/limits.h"
#include "io/record_file.h"
#include "protocol/archive.h"

namespace rookery {
namespace {

constexpr RecordFormat kInputFormat{.version = 1, .kind = 0x494e50};  // "INP"

}  // namespace

StatusOr<CheckpointFile> WriteJobState(FileSystem& files, const std::string& directory,
                                       const JobState& state) {
  const std::string path = JoinPath(directory, kInputName);
  ROOKERY_ASSIGN_OR_RETURN(auto writer, RecordWriter::Create(files, path, kInputFormat));
  const std::string text = EncodeText(state);
  ROOKERY_RETURN_IF_ERROR(writer->AppendBlock(std::as_bytes(std::span(text))).status());
  ROOKERY_RETURN_IF_ERROR(writer->Finish());
  const FileDigest digest = writer->digest();
  CheckpointFile file;
  file.name = kInputName;
  file.bytes = digest.bytes;
  file.checksum = digest.hash;
  return file;
}

StatusOr<JobState> ReadJobState(FileSystem& files, const std::string& directory) {
  const std::string path = JoinPath(directory, kInputName);
  ROOKERY_ASSIGN_OR_RETURN(auto reader, RecordReader::Open(files, path, kInputFormat));
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::byte> block,
                           reader->ReadBlockAt(kRecordHeaderBytes, kChunkBytes * 4));
  return Decode<JobState>(block, path);
}

}  // namespace rookery
