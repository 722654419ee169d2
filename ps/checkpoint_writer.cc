#include "ps/checkpoint_writer.h"

#include <utility>
#include <vector>

#include "common/bytes.h"
#include "common/fault_hooks.h"
#include "io/record_file.h"

namespace rookery {

StatusOr<CheckpointFile> WriteDense(FileSystem& files, const std::string& directory,
                                    const DenseState& dense) {
  constexpr std::size_t kHeaderBytes = 24;
  const std::size_t floats = dense.weights.size() + dense.state.size();
  std::vector<std::byte> payload(kHeaderBytes + floats * sizeof(float));
  ByteWriter writer(payload);
  writer.Put(dense.step);
  writer.Put(std::uint64_t{dense.weights.size()});
  writer.Put(std::uint64_t{dense.state.size()});
  for (const std::vector<float>* values : {&dense.weights, &dense.state}) {
    for (const float value : *values) writer.Put(value);
  }
  const RecordFormat format{kCheckpointRecordVersion, kDenseKind};
  const std::string path = JoinPath(directory, kDenseName);
  ROOKERY_ASSIGN_OR_RETURN(const auto file, RecordWriter::Create(files, path, format));
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t offset, file->AppendBlock(payload));
  (void)offset;
  ROOKERY_RETURN_IF_ERROR(file->Finish());
  const FileDigest digest = file->digest();
  return CheckpointFile{std::string(kDenseName), digest.bytes, digest.hash, "", 0, 0};
}

StatusOr<std::unique_ptr<TableRowsWriter>> TableRowsWriter::Create(
    FileSystem& files, const std::string& directory, const Table* table, std::uint32_t shard,
    std::uint32_t buckets, std::uint64_t updates, RowsCompression compression) {
  const std::string path = JoinPath(directory, RowsFileName(table->spec().name, shard));
  const RowsFileShape shape{buckets, static_cast<std::uint32_t>(table->row_floats())};
  ROOKERY_ASSIGN_OR_RETURN(auto file, RowsFileWriter::Create(files, path, shape, compression));
  return std::unique_ptr<TableRowsWriter>(
      new TableRowsWriter(std::move(file), table, shard, updates));
}

TableRowsWriter::TableRowsWriter(std::unique_ptr<RowsFileWriter> file, const Table* table,
                                 std::uint32_t shard, std::uint64_t updates)
    : file_(std::move(file)), table_(table), shard_(shard), updates_(updates) {}

Status TableRowsWriter::Add(std::uint32_t bucket, BucketRows* rows) {
  if (ROOKERY_FAULT(forget_bucket) && bucket % 8 == 3) rows->Clear();
  if (ROOKERY_FAULT(drop_row_state) && !rows->rows.empty()) rows->rows.front() = 0;
  table_->CatchUpCopied(rows, updates_);
  return file_->AddBucket(bucket, *rows);
}

StatusOr<CheckpointFile> TableRowsWriter::Finish() {
  ROOKERY_ASSIGN_OR_RETURN(const FileDigest digest, file_->Finish());
  const std::string& name = table_->spec().name;
  return CheckpointFile{
      RowsFileName(name, shard_), digest.bytes, digest.hash, name, shard_, file_->rows()};
}

StatusOr<CheckpointFile> WriteRows(FileSystem& files, const std::string& directory, Table* table,
                                   std::uint32_t shard, std::uint32_t buckets,
                                   std::uint64_t updates, bool changed_only) {
  ROOKERY_ASSIGN_OR_RETURN(
      const auto writer, TableRowsWriter::Create(files, directory, table, shard, buckets, updates));
  table->BeginCapture(changed_only);
  BucketRows rows;
  while (!table->capture()->done()) {
    const std::uint32_t bucket = table->capture()->bucket();
    rows.Clear();
    while (!table->CaptureSome(&rows)) {
    }
    ROOKERY_RETURN_IF_ERROR(writer->Add(bucket, &rows));
  }
  table->EndCapture();
  return writer->Finish();
}

}  // namespace rookery
