#include "ps/rows_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "common/bytes.h"
#include "common/hash.h"
#include "common/limits.h"
#include "io/block_codec.h"
#include "protocol/checkpoint_manifest.h"

namespace rookery {
namespace {

enum class Codec : std::uint32_t { kPlain = 0, kZstd = 1 };

constexpr RecordFormat kFormat{kCheckpointRecordVersion, kRowsKind};
constexpr std::size_t kBucketHeaderBytes = 16;
constexpr std::size_t kIndexHeaderBytes = 16;
constexpr std::size_t kEntryBytes = 24;
constexpr std::size_t kTrailerBytes = 16;
constexpr std::uint64_t kBucketBytesMax = std::uint64_t{1} << 36U;
constexpr std::size_t kSampleBytes = std::size_t{64} << 10U;

// Fresh tables and state that is like whole numbers shrink. A sample tells.
bool WorthCompressing(std::span<const std::byte> raw, BlockCompressor& compressor,
                      std::vector<std::byte>& scratch) {
  const std::size_t size = std::min(raw.size(), kSampleBytes);
  compressor.Compress(raw.subspan((raw.size() - size) / 2, size), scratch);
  return scratch.size() < size / 8 * 7;
}

}  // namespace

StatusOr<std::unique_ptr<RowsFileWriter>> RowsFileWriter::Create(FileSystem& files,
                                                                 const std::string& path,
                                                                 RowsFileShape shape,
                                                                 RowsCompression compression) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, files.CreateUncached(path));
  ROOKERY_ASSIGN_OR_RETURN(auto writer, RecordWriter::Begin(std::move(file), kFormat));
  return std::unique_ptr<RowsFileWriter>(new RowsFileWriter(std::move(writer), shape, compression));
}

bool RowsFileWriter::Compress(std::span<const std::byte> keys, std::span<const std::byte> floats) {
  if (!WorthCompressing(floats, compressor_, compressed_)) return false;
  body_.assign(keys.begin(), keys.end());
  body_.insert(body_.end(), floats.begin(), floats.end());
  compressor_.Compress(body_, compressed_);
  return compressed_.size() < body_.size();
}

Status RowsFileWriter::AddBucket(std::uint32_t bucket, const BucketRows& rows) {
  if (rows.keys.empty()) return OkStatus();
  ROOKERY_CHECK(entries_.empty() || entries_.back().bucket < bucket);
  ROOKERY_CHECK(rows.rows.size() == rows.keys.size() * shape_.row_floats);
  const auto keys = std::as_bytes(std::span(rows.keys));
  const auto floats = std::as_bytes(std::span(rows.rows));
  const bool compressed = compression_ == RowsCompression::kWhereItHelps && Compress(keys, floats);
  const auto count = static_cast<std::uint32_t>(rows.keys.size());
  std::array<std::byte, kBucketHeaderBytes> header{};
  ByteWriter fields(header);
  fields.Put(bucket);
  fields.Put(count);
  fields.Put(shape_.row_floats);
  fields.Put(compressed ? Codec::kZstd : Codec::kPlain);
  std::array<std::span<const std::byte>, 3> pieces{header, keys, floats};
  if (compressed) pieces = {header, compressed_, {}};
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t offset, writer_->AppendPieces(pieces));
  const std::uint64_t bytes = pieces[0].size() + pieces[1].size() + pieces[2].size();
  entries_.push_back({bucket, count, offset, bytes});
  rows_ += count;
  return OkStatus();
}

StatusOr<FileDigest> RowsFileWriter::Finish() {
  body_.resize(kIndexHeaderBytes + entries_.size() * kEntryBytes);
  ByteWriter index(body_);
  index.Put(shape_.buckets);
  index.Put(shape_.row_floats);
  index.Put(static_cast<std::uint32_t>(entries_.size()));
  index.Put(std::uint32_t{0});
  for (const RowsFileEntry& entry : entries_) {
    index.Put(entry.bucket);
    index.Put(entry.rows);
    index.Put(entry.offset);
    index.Put(entry.bytes);
  }
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t offset, writer_->AppendBlock(body_));
  body_.resize(kTrailerBytes);
  ByteWriter trailer(body_);
  trailer.Put(offset);
  trailer.Put(rows_);
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t end, writer_->AppendBlock(body_));
  (void)end;
  ROOKERY_RETURN_IF_ERROR(writer_->Finish());
  return writer_->digest();
}

StatusOr<std::unique_ptr<RowsFileReader>> RowsFileReader::Open(FileSystem& files,
                                                               const std::string& path,
                                                               RowsFileShape shape) {
  ROOKERY_ASSIGN_OR_RETURN(auto record, RecordReader::Open(files, path, kFormat));
  std::unique_ptr<RowsFileReader> reader(new RowsFileReader(std::move(record), shape));
  ROOKERY_RETURN_IF_ERROR(reader->ReadIndex());
  return reader;
}

Status RowsFileReader::ReadIndex() {
  constexpr std::uint64_t kTrailerBlock = kBlockFrameBytes + kTrailerBytes;
  if (reader_->size() < kRecordHeaderBytes + kTrailerBlock) {
    return Corrupt(path(), ": no trailer, it has only ", reader_->size(), " bytes");
  }
  const std::uint64_t trailer_offset = reader_->size() - kTrailerBlock;
  ROOKERY_ASSIGN_OR_RETURN(const auto trailer_bytes,
                           reader_->ReadBlockAt(trailer_offset, kTrailerBytes));
  ByteReader trailer(trailer_bytes);
  const auto index_offset = trailer.Get<std::uint64_t>();
  rows_ = trailer.Get<std::uint64_t>();
  ROOKERY_RETURN_IF_ERROR(trailer.Finish(StrCat(path(), ": trailer")));

  const std::uint64_t index_max = kIndexHeaderBytes + std::uint64_t{shape_.buckets} * kEntryBytes;
  ROOKERY_ASSIGN_OR_RETURN(const auto bytes, reader_->ReadBlockAt(index_offset, index_max));
  if (index_offset + kBlockFrameBytes + bytes.size() != trailer_offset) {
    return Corrupt(path(), ": the index does not end where the trailer begins");
  }
  ByteReader index(bytes);
  const auto buckets = index.Get<std::uint32_t>();
  const auto row_floats = index.Get<std::uint32_t>();
  const auto count = index.Get<std::uint32_t>();
  const auto zero = index.Get<std::uint32_t>();
  if (index.remaining() != count * kEntryBytes || zero != 0) {
    return Corrupt(path(), ": an index of ", bytes.size(), " bytes for ", count, " buckets");
  }
  if (buckets != shape_.buckets || row_floats != shape_.row_floats) {
    return Corrupt(path(), ": has ", buckets, " buckets and ", row_floats,
                   " floats a row where the manifest means ", shape_.buckets, " and ",
                   shape_.row_floats);
  }
  entries_.resize(count);
  for (RowsFileEntry& entry : entries_) {
    entry.bucket = index.Get<std::uint32_t>();
    entry.rows = index.Get<std::uint32_t>();
    entry.offset = index.Get<std::uint64_t>();
    entry.bytes = index.Get<std::uint64_t>();
  }
  return CheckEntries(index_offset);
}

// Blocks lie one after the other up to the index, so nothing in the file is out of its reach.
Status RowsFileReader::CheckEntries(std::uint64_t index_offset) const {
  std::uint64_t offset = kRecordHeaderBytes;
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const RowsFileEntry& entry = entries_[i];
    const bool ascending = i == 0 || entries_[i - 1].bucket < entry.bucket;
    if (!ascending || entry.bucket >= shape_.buckets || entry.rows == 0 || entry.offset != offset ||
        entry.bytes > kBucketBytesMax) {
      return Corrupt(path(), ": index entry ", i, " (bucket ", entry.bucket, ") is wrong");
    }
    offset += kBlockFrameBytes + entry.bytes;
    rows += entry.rows;
  }
  if (offset != index_offset) return Corrupt(path(), ": the index begins at a wrong place");
  if (rows != rows_) {
    return Corrupt(path(), ": the trailer says ", rows_, " rows, the index ", rows);
  }
  return OkStatus();
}

Status RowsFileReader::ReadBucket(const RowsFileEntry& entry, BucketRows* out) {
  const std::string where = StrCat(path(), ": bucket ", entry.bucket);
  ROOKERY_ASSIGN_OR_RETURN(const auto payload,
                           reader_->ReadBlockInto(entry.offset, entry.bytes, &payload_));
  if (payload.size() != entry.bytes) return Corrupt(where, ": its block has another size");
  ByteReader header(payload);
  const auto bucket = header.Get<std::uint32_t>();
  const auto rows = header.Get<std::uint32_t>();
  const auto row_floats = header.Get<std::uint32_t>();
  const auto codec = header.Get<Codec>();
  if (header.failed() || bucket != entry.bucket || rows != entry.rows ||
      row_floats != shape_.row_floats || (codec != Codec::kPlain && codec != Codec::kZstd)) {
    return Corrupt(where, ": its block says otherwise than the index");
  }
  const std::size_t keys_bytes = rows * sizeof(Key);
  const std::size_t body_bytes = keys_bytes + std::size_t{rows} * row_floats * sizeof(float);
  std::span<const std::byte> body = payload.subspan(kBucketHeaderBytes);
  if (codec == Codec::kZstd) {
    if (body_bytes > std::min(RawBytesMax(body.size()), kBucketBytesMax)) {
      return Corrupt(where, ": ", body.size(), " bytes cannot hold its ", rows, " rows");
    }
    raw_.resize(body_bytes);
    ROOKERY_RETURN_IF_ERROR(Annotate(DecompressBlock(body, raw_), where));
    body = raw_;
  }
  if (body.size() != body_bytes) return Corrupt(where, ": its block has another size");
  out->keys.resize(rows);
  out->rows.resize(std::size_t{rows} * row_floats);
  std::memcpy(out->keys.data(), body.data(), keys_bytes);
  std::memcpy(out->rows.data(), body.data() + keys_bytes, body_bytes - keys_bytes);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint64_t mixed = MixKey(out->keys[i]);
    const bool ascending = i == 0 || before < mixed;
    if (!ascending || Raw(BucketOf(out->keys[i], shape_.buckets)) != bucket) {
      return Corrupt(where, ": key ", out->keys[i], " is not in its place");
    }
    before = mixed;
  }
  return OkStatus();
}

}  // namespace rookery
