#include "serving/native_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "common/bytes.h"
#include "common/check.h"
#include "common/hash.h"
#include "common/limits.h"

namespace rookery {
namespace {

constexpr std::string_view kKeysMagic = "RKYKEYS1";
constexpr std::string_view kRowsMagic = "RKYROWS1";
constexpr std::size_t kReadBytes = std::size_t{4} << 20U;

using Header = std::array<std::byte, kNativeHeaderBytes>;

Header MakeHeader(std::string_view magic, std::uint32_t dim, std::uint64_t rows) {
  Header header{};
  ByteWriter writer(header);
  for (const char character : magic) writer.Put(character);
  writer.Put(dim);
  writer.Put(std::uint32_t{0});
  writer.Put(rows);
  return header;
}

// Reads header and body of one file into `body`, and compares everything that can be compared.
Status ReadNative(FileSystem& files, const std::string& path, const ExportFile* expected,
                  const Header& header, std::span<std::byte> body) {
  if (expected == nullptr) return Corrupt(path, ": the manifest does not name it");
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<RandomAccessFile> file,
                           files.OpenRandomAccess(path));
  const std::uint64_t bytes = kNativeHeaderBytes + body.size();
  if (file->size() != bytes || expected->bytes != bytes) {
    return Corrupt(path, ": has ", file->size(), " bytes; header and rows need ", bytes,
                   ", the manifest says ", expected->bytes);
  }
  Header found{};
  ROOKERY_RETURN_IF_ERROR(file->ReadAt(0, found));
  if (found != header) return Corrupt(path, ": its header is not the one schema.json describes");
  StreamHash hash;
  hash.Update(found);
  for (std::size_t begin = 0; begin < body.size(); begin += kReadBytes) {
    const auto piece = body.subspan(begin, std::min(kReadBytes, body.size() - begin));
    ROOKERY_RETURN_IF_ERROR(file->ReadAt(kNativeHeaderBytes + begin, piece));
    hash.Update(piece);
  }
  if (hash.Digest() != expected->checksum) {
    return Corrupt(path, ": the checksum differs from the manifest's");
  }
  return OkStatus();
}

Status CheckOrder(const std::string& path, std::span<const Key> keys) {
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (MixKey(keys[i - 1]) >= MixKey(keys[i])) {
      return Corrupt(path, ": keys ", i - 1, " and ", i, " do not ascend by MixKey");
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::unique_ptr<NativeTableWriter>> NativeTableWriter::Create(FileSystem& files,
                                                                       const std::string& directory,
                                                                       std::string_view table,
                                                                       std::uint32_t dim,
                                                                       std::uint64_t rows) {
  ROOKERY_CHECK(dim >= 1 && dim <= kDimMax);
  if (rows > kNativeRowsMax) {
    return InvalidInput("table ", table, " has ", rows, " rows; an export takes ", kNativeRowsMax);
  }
  std::unique_ptr<NativeTableWriter> writer(new NativeTableWriter);
  writer->name_ = table;
  writer->dim_ = dim;
  writer->rows_expected_ = rows;
  ROOKERY_ASSIGN_OR_RETURN(writer->keys_file_,
                           ExportFileWriter::Create(files, directory, TableKeysName(table)));
  ROOKERY_ASSIGN_OR_RETURN(writer->rows_file_,
                           ExportFileWriter::Create(files, directory, TableRowsName(table)));
  ROOKERY_RETURN_IF_ERROR(writer->keys_file_->Append(MakeHeader(kKeysMagic, dim, rows)));
  ROOKERY_RETURN_IF_ERROR(writer->rows_file_->Append(MakeHeader(kRowsMagic, dim, rows)));
  return writer;
}

Status NativeTableWriter::Append(std::span<const Key> keys, std::span<const float> rows,
                                 std::size_t stride) {
  ROOKERY_CHECK(stride >= dim_ && rows.size() == keys.size() * stride);
  weights_.resize(keys.size() * dim_);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool first = rows_written_ + i == 0;
    if (!first && MixKey(last_key_) >= MixKey(keys[i])) {
      return Corrupt("table ", name_, ": key ", keys[i], " is out of order");
    }
    last_key_ = keys[i];
    std::memcpy(&weights_[i * dim_], &rows[i * stride], dim_ * sizeof(float));
  }
  rows_written_ += keys.size();
  ROOKERY_RETURN_IF_ERROR(keys_file_->Append(std::as_bytes(keys)));
  return rows_file_->Append(std::as_bytes(std::span(weights_)));
}

StatusOr<std::vector<ExportFile>> NativeTableWriter::Finish() {
  if (rows_written_ != rows_expected_) {
    return Corrupt("table ", name_, ": has ", rows_written_,
                   " rows, the checkpoint's manifest says ", rows_expected_);
  }
  std::vector<ExportFile> written(2);
  ROOKERY_ASSIGN_OR_RETURN(written[0], keys_file_->Finish());
  ROOKERY_ASSIGN_OR_RETURN(written[1], rows_file_->Finish());
  return written;
}

StatusOr<NativeTable> NativeTable::Load(FileSystem& files, const std::string& directory,
                                        const ExportManifest& manifest, std::string_view table,
                                        std::uint32_t dim, std::uint64_t rows) {
  ROOKERY_CHECK(dim >= 1 && dim <= kDimMax);
  const std::string keys_name = TableKeysName(table);
  const std::string rows_name = TableRowsName(table);
  const std::string keys_path = JoinPath(directory, keys_name);
  const std::string rows_path = JoinPath(directory, rows_name);
  // Nothing is allocated for rows that the file on disk does not have.
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t keys_bytes, files.FileSize(keys_path));
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t rows_bytes, files.FileSize(rows_path));
  if (rows > kNativeRowsMax || keys_bytes != kNativeHeaderBytes + rows * sizeof(Key)) {
    return Corrupt(keys_path, ": has ", keys_bytes, " bytes, not those of ", rows, " keys");
  }
  if (rows_bytes != kNativeHeaderBytes + rows * dim * sizeof(float)) {
    return Corrupt(rows_path, ": has ", rows_bytes, " bytes, not those of ", rows, " rows of ", dim,
                   " floats");
  }
  NativeTable result;
  result.dim_ = dim;
  result.keys_.resize(rows);
  result.rows_.resize(rows * dim);
  ROOKERY_RETURN_IF_ERROR(ReadNative(files, keys_path, manifest.Find(keys_name),
                                     MakeHeader(kKeysMagic, dim, rows),
                                     std::as_writable_bytes(std::span(result.keys_))));
  ROOKERY_RETURN_IF_ERROR(ReadNative(files, rows_path, manifest.Find(rows_name),
                                     MakeHeader(kRowsMagic, dim, rows),
                                     std::as_writable_bytes(std::span(result.rows_))));
  ROOKERY_RETURN_IF_ERROR(CheckOrder(keys_path, result.keys_));
  for (const float value : result.rows_) {
    if (!std::isfinite(value)) return Corrupt(rows_path, ": holds a value that is not finite");
  }
  result.BuildDirectory();
  return result;
}

void NativeTable::BuildDirectory() {
  // About two keys a start, so that a search ends after a comparison or two.
  const std::size_t starts = std::bit_ceil(std::max<std::size_t>(keys_.size() / 2, 2));
  shift_ = 64 - std::countr_zero(starts);
  starts_.assign(starts + 1, 0);
  for (const Key key : keys_) ++starts_[(MixKey(key) >> shift_) + 1];
  for (std::size_t i = 1; i <= starts; ++i) starts_[i] += starts_[i - 1];
}

std::uint32_t NativeTable::FindOne(Key key) const {
  const std::uint64_t start = MixKey(key) >> shift_;
  for (std::uint32_t i = starts_[start]; i < starts_[start + 1]; ++i) {
    if (keys_[i] == key) return i;
  }
  return kNoTableRow;
}

void NativeTable::Find(std::span<const Key> keys, std::uint32_t* positions) const {
  // Every key waits for memory three times: for its start, its key and its row. So they go through
  // three stages, each this far behind the one before.
  constexpr std::size_t kBehind = 16;
  const auto start_of = [this](Key key) { return &starts_[MixKey(key) >> shift_]; };
  for (std::size_t i = 0; i < keys.size() + 2 * kBehind; ++i) {
    if (i < keys.size()) __builtin_prefetch(start_of(keys[i]));
    if (i >= kBehind && i - kBehind < keys.size()) {
      __builtin_prefetch(keys_.data() + *start_of(keys[i - kBehind]));
    }
    if (i < 2 * kBehind) continue;
    const std::uint32_t position = FindOne(keys[i - 2 * kBehind]);
    positions[i - 2 * kBehind] = position;
    if (position != kNoTableRow) __builtin_prefetch(rows_.data() + position * std::size_t{dim_});
  }
}

}  // namespace rookery
