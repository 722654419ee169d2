#include "io/record_file.h"

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "common/bytes.h"

namespace rookery {
namespace {

constexpr std::string_view kMagic = "ROOKREC1";
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::size_t kSmallBytes = std::size_t{16} << 10;  // worth a copy to save a call

}  // namespace

StatusOr<FileDigest> HashWholeFile(FileSystem& files, const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(const auto file, files.OpenSequential(path));
  std::vector<std::byte> piece(kPieceBytes);
  StreamHash hash;
  std::uint64_t bytes = 0;
  while (true) {
    ROOKERY_ASSIGN_OR_RETURN(const std::size_t count, file->Read(piece));
    if (count == 0) return FileDigest{bytes, hash.Digest()};
    hash.Update(std::span(piece).first(count));
    bytes += count;
  }
}

StatusOr<std::unique_ptr<RecordWriter>> RecordWriter::Create(FileSystem& files,
                                                             const std::string& path,
                                                             RecordFormat format) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, files.Create(path));
  return Begin(std::move(file), format);
}

StatusOr<std::unique_ptr<RecordWriter>> RecordWriter::Begin(std::unique_ptr<WritableFile> file,
                                                            RecordFormat format) {
  std::unique_ptr<RecordWriter> writer(new RecordWriter(std::move(file)));
  std::array<std::byte, kRecordHeaderBytes> header{};
  std::memcpy(header.data(), kMagic.data(), kMagic.size());
  ByteWriter fields{std::span(header).subspan(kMagic.size())};
  fields.Put(format.version);
  fields.Put(format.kind);
  ROOKERY_RETURN_IF_ERROR(writer->Append(header));
  return writer;
}

StatusOr<std::uint64_t> RecordWriter::AppendBlock(std::span<const std::byte> payload) {
  return AppendPieces({&payload, 1});
}

StatusOr<std::uint64_t> RecordWriter::AppendPieces(
    std::span<const std::span<const std::byte>> pieces) {
  const std::uint64_t offset = bytes_;
  std::uint64_t payload_bytes = 0;
  StreamHash hash;
  for (const std::span<const std::byte> piece : pieces) {
    payload_bytes += piece.size();
    hash.Update(piece);
  }
  small_.resize(kBlockFrameBytes);
  ByteWriter fields(small_);
  fields.Put(payload_bytes);
  fields.Put(hash.Digest());
  for (const std::span<const std::byte> piece : pieces) {
    if (small_.size() + piece.size() <= kSmallBytes) {
      small_.insert(small_.end(), piece.begin(), piece.end());
      continue;
    }
    ROOKERY_RETURN_IF_ERROR(Append(small_));
    small_.clear();
    ROOKERY_RETURN_IF_ERROR(Append(piece));
  }
  if (!small_.empty()) ROOKERY_RETURN_IF_ERROR(Append(small_));
  return offset;
}

Status RecordWriter::Append(std::span<const std::byte> bytes) {
  if (bytes.empty()) return failure_;
  if (failure_.ok()) failure_ = file_->Append(bytes);
  ROOKERY_RETURN_IF_ERROR(failure_);
  hash_.Update(bytes);
  bytes_ += bytes.size();
  return OkStatus();
}

Status RecordWriter::Finish() {
  if (failure_.ok()) failure_ = file_->Sync();
  if (failure_.ok()) failure_ = file_->Close();
  return failure_;
}

StatusOr<std::unique_ptr<RecordReader>> RecordReader::Open(FileSystem& files,
                                                           const std::string& path,
                                                           RecordFormat format) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, files.OpenRandomAccess(path));
  std::unique_ptr<RecordReader> reader(new RecordReader(std::move(file), path));
  ROOKERY_RETURN_IF_ERROR(reader->CheckHeader(format));
  return reader;
}

Status RecordReader::CheckHeader(RecordFormat format) const {
  if (size() < kRecordHeaderBytes) {
    return Corrupt(path_, ": byte 0: no record file, it has only ", size(), " bytes");
  }
  std::array<std::byte, kRecordHeaderBytes> header{};
  ROOKERY_RETURN_IF_ERROR(file_->ReadAt(0, header));
  if (std::memcmp(header.data(), kMagic.data(), kMagic.size()) != 0) {
    return Corrupt(path_, ": byte 0: no record file, it does not begin with ", kMagic);
  }
  ByteReader fields(std::span<const std::byte>(header).subspan(kMagic.size()));
  const auto version = fields.Get<std::uint32_t>();
  const auto kind = fields.Get<std::uint32_t>();
  if (version != format.version) {
    return Corrupt(path_, ": byte 8: version ", version, ", this program reads version ",
                   format.version);
  }
  if (kind != format.kind) {
    return Corrupt(path_, ": byte 12: a file of kind ", kind, " where kind ", format.kind,
                   " is due");
  }
  return OkStatus();
}

StatusOr<std::vector<std::byte>> RecordReader::ReadBlockAt(std::uint64_t offset,
                                                           std::uint64_t bytes_max) const {
  std::vector<std::byte> payload;
  ROOKERY_RETURN_IF_ERROR(ReadBlockInto(offset, bytes_max, &payload).status());
  return payload;
}

StatusOr<std::span<const std::byte>> RecordReader::ReadBlockInto(
    std::uint64_t offset, std::uint64_t bytes_max, std::vector<std::byte>* buffer) const {
  if (offset < kRecordHeaderBytes || offset > size() || size() - offset < kBlockFrameBytes) {
    return Corrupt(path_, ": byte ", offset, ": no block can begin here, the file has ", size(),
                   " bytes");
  }
  std::array<std::byte, kBlockFrameBytes> frame{};
  ROOKERY_RETURN_IF_ERROR(file_->ReadAt(offset, frame));
  ByteReader fields(frame);
  const auto bytes = fields.Get<std::uint64_t>();
  const auto hash = fields.Get<std::uint64_t>();
  const std::uint64_t room = size() - offset - kBlockFrameBytes;
  if (bytes > room) {
    return Corrupt(path_, ": byte ", offset, ": a block of ", bytes, " bytes where ", room,
                   " are left in the file");
  }
  if (bytes > bytes_max) {
    return Status(Code::kExhausted, StrCat(path_, ": byte ", offset, ": a block of ", bytes,
                                           " bytes, more than the limit of ", bytes_max));
  }
  if (buffer->size() < bytes) buffer->resize(static_cast<std::size_t>(bytes));
  const std::span<std::byte> payload = std::span(*buffer).first(static_cast<std::size_t>(bytes));
  ROOKERY_RETURN_IF_ERROR(file_->ReadAt(offset + kBlockFrameBytes, payload));
  if (HashBytes(payload) != hash) {
    return Corrupt(path_, ": byte ", offset, ": the block's checksum is wrong");
  }
  return std::span<const std::byte>(payload);
}

}  // namespace rookery
