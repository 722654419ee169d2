#include "protocol/checkpoint_manifest.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstdio>
#include <set>
#include <utility>

#include "common/hash.h"
#include "common/json.h"
#include "protocol/table_spec_json.h"

namespace rookery {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kChecksumDigits = 16;
constexpr std::string_view kChecksumMember = "\"checksum\": \"";
constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 62U;
constexpr std::uint32_t kBucketsMax = std::uint32_t{1} << 24U;

std::string Hex(std::uint64_t value) {
  std::string text(kChecksumDigits, '0');
  for (std::size_t i = kChecksumDigits; i-- > 0; value >>= 4U) text[i] = kHexDigits[value & 15U];
  return text;
}

std::uint64_t ReadHex(std::string_view field, JsonFields* fields) {
  const std::string text = fields->Text(field);
  std::uint64_t value = 0;
  for (const char digit : text) {
    const std::size_t index = kHexDigits.find(digit);
    if (index == std::string_view::npos || text.size() != kChecksumDigits) {
      fields->Fail(field, "must be 16 lower-case hex digits");
      return 0;
    }
    value = value << 4U | index;
  }
  if (text.empty()) fields->Fail(field, "must be 16 lower-case hex digits");
  return value;
}

// Where the 16 digits of the manifest's own checksum begin; npos when there is no room for them.
std::size_t OwnChecksumAt(std::string_view json) {
  const std::size_t member = json.rfind(kChecksumMember);
  if (member == std::string_view::npos) return member;
  const std::size_t digits = member + kChecksumMember.size();
  return digits + kChecksumDigits <= json.size() ? digits : std::string_view::npos;
}

std::uint64_t OwnChecksum(std::string_view json) {
  const std::size_t digits = OwnChecksumAt(json);
  std::string text(json);
  if (digits != std::string_view::npos) text.replace(digits, kChecksumDigits, kChecksumDigits, '0');
  return HashText(text);
}

Json FileToJson(const CheckpointFile& file) {
  return JsonObject{{"name", file.name},   {"bytes", file.bytes}, {"checksum", Hex(file.checksum)},
                    {"table", file.table}, {"shard", file.shard}, {"rows", file.rows}};
}

StatusOr<CheckpointFile> FileFromJson(const Json& json, std::string_view name) {
  JsonFields fields(json, name);
  CheckpointFile file;
  file.name = fields.Text("name");
  file.bytes = fields.Unsigned("bytes", kFileBytesMax);
  file.checksum = ReadHex("checksum", &fields);
  file.table = fields.Text("table");
  file.shard = static_cast<std::uint32_t>(fields.Unsigned("shard", kServersMax - 1));
  file.rows = fields.Unsigned("rows", kFileBytesMax);
  fields.Add(RefuseOtherMembers(json, 6, name));
  if (file.name.empty() || file.name.find('/') != std::string::npos || file.name == "." ||
      file.name == ".." || file.name == kManifestName) {
    fields.Fail("name", StrCat("is no name of a file here: \"", file.name, "\""));
  }
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  return file;
}

Status ReadTables(const JsonArray& entries, std::string_view path, CheckpointManifest* manifest) {
  if (entries.size() > kTablesMax) return Corrupt(path, ": more than ", kTablesMax, " tables");
  std::set<std::string> names;
  std::set<TableId> ids;
  for (const Json& entry : entries) {
    const std::string name = StrCat(path, ": tables[", manifest->tables.size(), "]");
    ROOKERY_ASSIGN_OR_RETURN(TableSpec spec,
                             TableSpecFromJson(entry, manifest->format_version, name));
    if (!names.insert(spec.name).second || !ids.insert(spec.id).second) {
      return Corrupt(name, ": a second table \"", spec.name, "\" or id ", Raw(spec.id));
    }
    manifest->tables.push_back(std::move(spec));
  }
  return OkStatus();
}

Status ReadFiles(const JsonArray& entries, std::string_view path, CheckpointManifest* manifest) {
  if (entries.size() > kFilesMax) return Corrupt(path, ": more than ", kFilesMax, " files");
  for (const Json& entry : entries) {
    const std::string name = StrCat(path, ": files[", manifest->files.size(), "]");
    ROOKERY_ASSIGN_OR_RETURN(CheckpointFile file, FileFromJson(entry, name));
    manifest->files.push_back(std::move(file));
  }
  return OkStatus();
}

// Every file is there once, and what it belongs to is known.
Status CheckFiles(const CheckpointManifest& manifest, std::string_view path) {
  std::set<std::string> tables;
  for (const TableSpec& spec : manifest.tables) tables.insert(spec.name);
  std::set<std::string> names;
  for (const CheckpointFile& file : manifest.files) {
    if (!names.insert(file.name).second) return Corrupt(path, ": lists ", file.name, " twice");
    if (file.table.empty()) continue;
    if (!tables.contains(file.table)) {
      return Corrupt(path, ": ", file.name, " is of an unknown table \"", file.table, "\"");
    }
    if (file.shard >= manifest.shards || file.name != RowsFileName(file.table, file.shard)) {
      return Corrupt(path, ": ", file.name, " is not the name of shard ", file.shard, " of ",
                     manifest.shards, " of table \"", file.table, "\"");
    }
  }
  for (const std::string& table : tables) {
    for (std::uint32_t shard = 0; shard < manifest.shards; ++shard) {
      const std::string name = RowsFileName(table, shard);
      if (!names.contains(name)) return Corrupt(path, ": does not list ", name);
    }
  }
  if (manifest.dense.size() > 0 && !names.contains(std::string(kDenseName))) {
    return Corrupt(path, ": does not list ", kDenseName);
  }
  return OkStatus();
}

// The members that version 2 has and version 1 has not. Numbers fall along a chain of bases, so it
// ends.
void ReadBase(JsonFields* fields, CheckpointManifest* manifest) {
  if (manifest->format_version < 2) return;
  manifest->base = fields->Text("base");
  if (manifest->base.empty()) return;
  const std::optional<std::uint64_t> base = CheckpointNumber(manifest->base);
  if (!base.has_value()) {
    fields->Fail("base", StrCat("is no name of a checkpoint: \"", manifest->base, "\""));
  } else if (*base >= manifest->number) {
    fields->Fail("base", StrCat("is ", manifest->base, ", which is not before checkpoint ",
                                manifest->number));
  }
}

StatusOr<CheckpointManifest> ReadManifest(const Json& json, std::string_view path) {
  JsonFields fields(json, path);
  CheckpointManifest manifest;
  manifest.format_version = static_cast<std::uint32_t>(fields.Unsigned("format_version"));
  manifest.rookery_version = fields.Text("rookery_version");
  manifest.job_hash = ReadHex("job_hash", &fields);
  manifest.number = fields.Unsigned("number");
  ReadBase(&fields, &manifest);
  manifest.step = fields.Unsigned("step");
  manifest.updates = fields.Unsigned("updates");
  manifest.buckets = static_cast<std::uint32_t>(fields.Unsigned("buckets", kBucketsMax));
  manifest.shards = static_cast<std::uint32_t>(fields.Unsigned("shards", kServersMax));
  if (manifest.buckets < 2 || !std::has_single_bit(manifest.buckets)) {
    fields.Fail("buckets", "must be a power of two, at least 2");
  }
  if (manifest.shards == 0) fields.Fail("shards", "is 0");
  const JsonArray& tables = fields.Array("tables");
  const Json& dense = fields.Value("dense");
  const JsonArray& files = fields.Array("files");
  (void)fields.Text("checksum");
  fields.Add(RefuseOtherMembers(json, manifest.format_version < 2 ? 12 : 13, path));
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  ROOKERY_RETURN_IF_ERROR(ReadTables(tables, path, &manifest));
  ROOKERY_ASSIGN_OR_RETURN(
      manifest.dense, DenseSpecFromJson(dense, manifest.format_version, StrCat(path, ": dense")));
  ROOKERY_RETURN_IF_ERROR(ReadFiles(files, path, &manifest));
  ROOKERY_RETURN_IF_ERROR(CheckFiles(manifest, path));
  return manifest;
}

}  // namespace

std::string RowsFileName(std::string_view table, std::uint32_t shard) {
  constexpr std::string_view kUpperHex = "0123456789ABCDEF";
  std::string name = "table-";
  for (const char letter : table) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '-' || byte == '.';
    if (plain) {
      name += letter;
    } else {
      name += {'%', kUpperHex[byte >> 4U], kUpperHex[byte & 15U]};
    }
  }
  return StrCat(name, ".shard-", shard, ".rows");
}

std::string CheckpointName(std::uint64_t number) {
  constexpr std::size_t kDigitsMin = 8;
  std::string digits = std::to_string(number);
  if (digits.size() >= kDigitsMin) return digits;
  return std::string(kDigitsMin - digits.size(), '0') + digits;
}

std::optional<std::uint64_t> CheckpointNumber(std::string_view name) {
  std::uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc() || stop != end || name != CheckpointName(number)) return std::nullopt;
  return number;
}

std::string ManifestToJson(const CheckpointManifest& manifest) {
  JsonArray tables;
  for (const TableSpec& spec : manifest.tables)
    tables.push_back(TableSpecToJson(spec, manifest.format_version));
  JsonArray files;
  for (const CheckpointFile& file : manifest.files) files.push_back(FileToJson(file));
  JsonObject members{{"format_version", manifest.format_version},
                     {"rookery_version", manifest.rookery_version},
                     {"job_hash", Hex(manifest.job_hash)},
                     {"number", manifest.number}};
  if (manifest.format_version >= 2) members.emplace("base", manifest.base);
  members.insert({{"step", manifest.step},
                  {"updates", manifest.updates},
                  {"buckets", manifest.buckets},
                  {"shards", manifest.shards},
                  {"tables", std::move(tables)},
                  {"dense", DenseSpecToJson(manifest.dense, manifest.format_version)},
                  {"files", std::move(files)},
                  {"checksum", Hex(0)}});
  std::string text = WriteJsonPretty(std::move(members));
  const std::string checksum = Hex(OwnChecksum(text));
  return text.replace(OwnChecksumAt(text), kChecksumDigits, checksum);
}

StatusOr<CheckpointManifest> ManifestFromJson(std::string_view json, std::string_view path) {
  ROOKERY_ASSIGN_OR_RETURN(const Json value, ParseJson(json, path));
  JsonFields fields(value, path);
  // Before anything else: another version may have other members.
  const std::uint64_t version = fields.Unsigned("format_version");
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  if (version == 0 || version > kCheckpointFormatVersion) {
    return Corrupt(path, ": format version ", version, ", this program reads versions 1 to ",
                   kCheckpointFormatVersion);
  }
  const std::uint64_t checksum = ReadHex("checksum", &fields);
  ROOKERY_RETURN_IF_ERROR(fields.Finish());
  if (checksum != OwnChecksum(json)) return Corrupt(path, ": its checksum is wrong");
  return ReadManifest(value, path);
}

}  // namespace rookery
