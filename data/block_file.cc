#include "data/block_file.h"

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

namespace rookery {
namespace {

constexpr std::string_view kMagic = "ROOKREC1";  // io/record_file.h
constexpr std::size_t kTrailerBytes = 16;
constexpr std::uint64_t kSchemaBytesMax = std::uint64_t{256} << 20;

// What the user can do about a file.
Status FileError(const Status& status) {
  if (status.code() == Code::kNotFound) return InvalidInput(status.message());
  if (status.code() != Code::kCorrupt && status.code() != Code::kExhausted) return status;
  return InvalidInput(status.message(),
                      "; the prepared file is damaged, cut short or of another version: make it "
                      "anew with `rookery prepare`");
}

// What decides how cells become features; the rest is about the data they were fitted on.
std::string MeaningOf(FittedSchema fitted) {
  fitted.label_means.assign(fitted.label_means.size(), 0);
  fitted.examples_seen = 0;
  return FittedSchemaToJson(fitted);
}

}  // namespace

BlockFileWriter::BlockFileWriter(std::unique_ptr<RecordWriter> file, const FittedSchema& fitted,
                                 std::uint32_t chunk_examples, bool compress)
    : file_(std::move(file)),
      encoder_(ShapeOf(fitted.schema), compress),
      chunk_examples_(chunk_examples) {}

StatusOr<std::unique_ptr<BlockFileWriter>> BlockFileWriter::Create(FileSystem& files,
                                                                   const std::string& path,
                                                                   const FittedSchema& fitted,
                                                                   std::uint32_t chunk_examples,
                                                                   bool compress) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, RecordWriter::Create(files, path, kBlockFileFormat));
  std::unique_ptr<BlockFileWriter> writer(
      new BlockFileWriter(std::move(file), fitted, chunk_examples, compress));
  const std::string json = FittedSchemaToJson(fitted);
  ROOKERY_ASSIGN_OR_RETURN(writer->schema_offset_,
                           writer->file_->AppendBlock(std::as_bytes(std::span(json))));
  return writer;
}

Status BlockFileWriter::Append(const Batch& examples) {
  ROOKERY_RETURN_IF_ERROR(encoder_.Encode(examples, &payload_));
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t offset, file_->AppendBlock(payload_));
  offsets_.push_back(offset);
  in_block_.push_back(static_cast<std::uint32_t>(examples.examples));
  examples_ += examples.examples;
  return OkStatus();
}

StatusOr<BlockFileTotals> BlockFileWriter::Finish() {
  payload_.assign(24 + offsets_.size() * sizeof(std::uint64_t) +
                      AlignUp(in_block_.size() * sizeof(std::uint32_t)),
                  std::byte{0});
  ByteWriter index(payload_);
  index.Put(chunk_examples_);
  index.Put(std::uint32_t{0});
  index.Put(std::uint64_t{offsets_.size()});
  index.Put(examples_);
  index.PutArray(std::span<const std::uint64_t>(offsets_));
  index.PutArray(std::span<const std::uint32_t>(in_block_));
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t index_offset, file_->AppendBlock(payload_));
  std::array<std::byte, kTrailerBytes> trailer{};
  ByteWriter fields(trailer);
  fields.Put(schema_offset_);
  fields.Put(index_offset);
  ROOKERY_RETURN_IF_ERROR(file_->AppendBlock(trailer).status());
  ROOKERY_RETURN_IF_ERROR(file_->Finish());
  return BlockFileTotals{offsets_.size(), examples_, file_->digest().bytes};
}

StatusOr<bool> IsBlockFile(FileSystem& files, const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(const auto file, files.OpenSequential(path));
  std::array<std::byte, kMagic.size()> head{};
  std::size_t filled = 0;
  while (filled < head.size()) {
    ROOKERY_ASSIGN_OR_RETURN(const std::size_t count, file->Read(std::span(head).subspan(filled)));
    if (count == 0) return false;
    filled += count;
  }
  return std::memcmp(head.data(), kMagic.data(), head.size()) == 0;
}

StatusOr<std::unique_ptr<BlockFile>> BlockFile::Open(FileSystem& files, const std::string& path) {
  StatusOr<std::unique_ptr<RecordReader>> opened =
      RecordReader::Open(files, path, kBlockFileFormat);
  if (!opened.ok()) return FileError(opened.status());
  std::unique_ptr<BlockFile> file(new BlockFile(*std::move(opened)));
  ROOKERY_RETURN_IF_ERROR(FileError(file->ReadEnds()));
  return file;
}

Status BlockFile::ReadEnds() {
  const std::uint64_t trailer_bytes = kBlockFrameBytes + kTrailerBytes;
  if (file_->size() < kRecordHeaderBytes + trailer_bytes) {
    return Corrupt(file_->path(), ": byte ", file_->size(), ": the end of the file is missing");
  }
  const std::uint64_t trailer_offset = file_->size() - trailer_bytes;
  StatusOr<std::span<const std::byte>> trailer =
      file_->ReadBlockInto(trailer_offset, kTrailerBytes, &buffer_);
  if (!trailer.ok() || trailer->size() != kTrailerBytes) {
    return Corrupt(file_->path(), ": byte ", trailer_offset, ": the file does not end as it must");
  }
  ByteReader fields(*trailer);
  const auto schema_offset = fields.Get<std::uint64_t>();
  const auto index_offset = fields.Get<std::uint64_t>();
  ROOKERY_ASSIGN_OR_RETURN(const std::span<const std::byte> json,
                           file_->ReadBlockInto(schema_offset, kSchemaBytesMax, &buffer_));
  StatusOr<FittedSchema> fitted =
      FittedSchemaFromJson({reinterpret_cast<const char*>(json.data()), json.size()});
  if (!fitted.ok()) {
    return Corrupt(file_->path(), ": byte ", schema_offset, ": ", fitted.status().message());
  }
  fitted_ = *std::move(fitted);
  return ReadIndex(index_offset);
}

Status BlockFile::ReadIndex(std::uint64_t offset) {
  ROOKERY_ASSIGN_OR_RETURN(const std::span<const std::byte> payload,
                           file_->ReadBlockInto(offset, kBlockBytesMax, &buffer_));
  ByteReader in(payload);
  chunk_examples_ = in.Get<std::uint32_t>();
  const auto zero = in.Get<std::uint32_t>();
  const auto blocks = in.Get<std::uint64_t>();
  examples_ = in.Get<std::uint64_t>();
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(blocks, payload.size()));
  const auto offsets = in.GetArray<std::uint64_t>(count);
  const auto in_block = in.GetArray<std::uint32_t>(count);
  (void)in.GetArray<std::uint64_t>(0);  // the padding
  bool good = in.Finish("").ok() && blocks == count && zero == 0 && chunk_examples_ > 0;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; good && i < count; ++i) {
    good = offsets[i] < offset && (i == 0 || offsets[i - 1] < offsets[i]) &&
           in_block[i] <= kBlockExamplesMax;
    sum += in_block[i];
  }
  if (!good || sum != examples_) {
    return Corrupt(file_->path(), ": byte ", offset, ": the index of blocks is wrong");
  }
  offsets_.assign(offsets.begin(), offsets.end());
  in_block_.assign(in_block.begin(), in_block.end());
  return OkStatus();
}

Status BlockFile::CheckSchema(const FittedSchema& fitted) const {
  if (MeaningOf(fitted) == MeaningOf(fitted_)) return OkStatus();
  return InvalidInput(file_->path(),
                      ": this prepared file was made with other columns, transforms or statistics "
                      "than the rest of the job's data; prepare all files in one run, later ones "
                      "with --like, and give their job data.format = \"blocks\"");
}

Status BlockFile::Read(std::uint64_t block, BlockDecoder* decoder) {
  const std::uint64_t offset = offsets_[block];
  StatusOr<std::span<const std::byte>> payload =
      file_->ReadBlockInto(offset, kBlockBytesMax, &buffer_);
  if (!payload.ok()) return FileError(payload.status());
  const Status status = decoder->Add(*payload, in_block_[block]);
  return FileError(Annotate(status, file_->path(), ": byte ", offset));
}

}  // namespace rookery
