#include "serving/export_manifest.h"

#include <set>
#include <utility>

#include "common/json.h"
#include "common/limits.h"
#include "serving/hex.h"

namespace rookery {
namespace {

constexpr std::string_view kFormatName = "rookery export";
constexpr std::size_t kPendingBytes = std::size_t{1} << 20U;
constexpr std::uint64_t kManifestBytesMax = std::uint64_t{64} << 20U;

std::span<const std::byte> BytesOf(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// Letters, digits, '_', '-' and '.' stay, as in the names of a checkpoint's files.
std::string EscapedName(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  for (const char character : name) {
    const auto byte = static_cast<unsigned char>(character);
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    if (letter || (byte >= '0' && byte <= '9') || character == '_' || character == '-' ||
        character == '.') {
      escaped.push_back(character);
    } else {
      escaped += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return escaped;
}

bool IsPlainName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

StatusOr<ExportFile> FileFromJson(const Json& value, std::string_view path) {
  JsonFields fields(value, path);
  ExportFile file;
  file.name = fields.Text("name");
  file.bytes = fields.Unsigned("bytes");
  const std::string checksum = fields.Text("xxh3");
  if (!IsPlainName(file.name)) fields.Fail("name", "must be a file of the same directory");
  if (!ParseHex64(checksum, &file.checksum)) fields.Fail("xxh3", "must be 16 hexadecimal digits");
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return file;
}

}  // namespace

std::string TableKeysName(std::string_view table) {
  return StrCat("table-", EscapedName(table), ".keys");
}
std::string TableRowsName(std::string_view table) {
  return StrCat("table-", EscapedName(table), ".rows");
}

const ExportFile* ExportManifest::Find(std::string_view name) const {
  for (const ExportFile& file : files) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

std::string ExportManifestToJson(const ExportManifest& manifest) {
  JsonArray files;
  for (const ExportFile& file : manifest.files) {
    JsonObject item;
    item["name"] = file.name;
    item["bytes"] = file.bytes;
    item["xxh3"] = Hex64(file.checksum);
    files.push_back(std::move(item));
  }
  JsonObject object;
  object["format"] = kFormatName;
  object["format_version"] = kExportFormatVersion;
  object["rookery_version"] = manifest.rookery_version;
  object["step"] = manifest.step;
  object["files"] = std::move(files);
  return WriteJsonPretty(Json(std::move(object)));
}

StatusOr<ExportManifest> ExportManifestFromJson(std::string_view json, std::string_view path) {
  ROOKERY_ASSIGN_OR_RETURN(const Json value, ParseJson(json, path));
  JsonFields fields(value, path);
  if (fields.Text("format") != kFormatName) fields.Fail("format", "is not \"rookery export\"");
  const std::uint64_t version = fields.Unsigned("format_version");
  if (fields.Finish().ok() && version != kExportFormatVersion) {
    fields.Fail("format_version",
                StrCat("is ", version, "; this build reads ", kExportFormatVersion));
  }
  ExportManifest manifest;
  manifest.rookery_version = fields.Text("rookery_version");
  manifest.step = fields.Unsigned("step");
  std::set<std::string> seen;
  for (const Json& item : fields.Array("files")) {
    ROOKERY_ASSIGN_OR_RETURN(ExportFile file, FileFromJson(item, path));
    if (!seen.insert(file.name).second) fields.Fail("files", StrCat("has ", file.name, " twice"));
    manifest.files.push_back(std::move(file));
  }
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return manifest;
}

StatusOr<ExportManifest> ReadExportManifest(FileSystem& files, const std::string& directory) {
  const std::string path = JoinPath(directory, kExportManifestName);
  StatusOr<std::string> text = ReadWholeFile(files, path, kManifestBytesMax);
  if (text.status().code() == Code::kNotFound) {
    return InvalidInput(directory, ": has no ", kExportManifestName,
                        ", so it is not an export; `rookery export` makes one");
  }
  ROOKERY_RETURN_IF_ERROR(text.status());
  return ExportManifestFromJson(*text, path);
}

StatusOr<std::unique_ptr<ExportFileWriter>> ExportFileWriter::Create(FileSystem& files,
                                                                     const std::string& directory,
                                                                     std::string name) {
  std::unique_ptr<ExportFileWriter> writer(new ExportFileWriter);
  ROOKERY_ASSIGN_OR_RETURN(writer->file_, files.Create(JoinPath(directory, name)));
  writer->result_.name = std::move(name);
  return writer;
}

Status ExportFileWriter::Append(std::span<const std::byte> bytes) {
  hash_.Update(bytes);
  result_.bytes += bytes.size();
  if (bytes.size() < kPendingBytes) {
    pending_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return pending_.size() < kPendingBytes ? OkStatus() : Flush();
  }
  ROOKERY_RETURN_IF_ERROR(Flush());
  return file_->Append(bytes);
}

Status ExportFileWriter::Append(std::string_view text) {
  return Append(BytesOf(text));
}

Status ExportFileWriter::Flush() {
  if (pending_.empty()) return OkStatus();
  const Status status = file_->Append(BytesOf(pending_));
  pending_.clear();
  return status;
}

StatusOr<ExportFile> ExportFileWriter::Finish() {
  ROOKERY_RETURN_IF_ERROR(Flush());
  ROOKERY_RETURN_IF_ERROR(file_->Sync());
  ROOKERY_RETURN_IF_ERROR(file_->Close());
  result_.checksum = hash_.Digest();
  return result_;
}

StatusOr<ExportFile> WriteExportFile(FileSystem& files, const std::string& directory,
                                     std::string_view name, std::string_view text) {
  ROOKERY_ASSIGN_OR_RETURN(std::unique_ptr<ExportFileWriter> writer,
                           ExportFileWriter::Create(files, directory, std::string(name)));
  ROOKERY_RETURN_IF_ERROR(writer->Append(text));
  return writer->Finish();
}

StatusOr<std::string> ReadExportFile(FileSystem& files, const std::string& directory,
                                     const ExportManifest& manifest, std::string_view name,
                                     std::uint64_t bytes_max) {
  const std::string path = JoinPath(directory, name);
  const ExportFile* expected = manifest.Find(name);
  if (expected == nullptr) {
    return Corrupt(JoinPath(directory, kExportManifestName), ": does not name ", name);
  }
  ROOKERY_ASSIGN_OR_RETURN(std::string text, ReadWholeFile(files, path, bytes_max));
  if (text.size() != expected->bytes) {
    return Corrupt(path, ": has ", text.size(), " bytes, the manifest says ", expected->bytes);
  }
  if (HashText(text) != expected->checksum) {
    return Corrupt(path, ": the checksum differs from the manifest's");
  }
  return text;
}

}  // namespace rookery
