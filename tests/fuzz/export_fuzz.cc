// An export directory of which one file is any bytes, while the manifest is right about them: it is
// opened and, when it opens, scores a few examples.
#include <algorithm>
#include <map>

#include "common/hash.h"
#include "data/feature_encoder.h"
#include "serving/dense_file.h"
#include "serving/export_manifest.h"
#include "serving/native_table.h"
#include "serving/predictor.h"
#include "serving/schema_file.h"
#include "tests/fuzz/memory_disk.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

using Directory = std::map<std::string, std::string>;  // content by name

Column MakeColumn(const char* name, ColumnType type) {
  Column column;
  column.name = name;
  column.type = type;
  return column;
}

FittedSchema MakeFitted() {
  Schema schema;
  schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("n", ColumnType::kNumeric),
                    MakeColumn("c", ColumnType::kCategorical), MakeColumn("l", ColumnType::kList)};
  StatusOr<Schema> resolved = ResolveSchema(schema);
  ROOKERY_CHECK(resolved.ok()) << resolved.status().message();
  FittedSchema fitted;
  fitted.schema = *resolved;
  fitted.statistics.resize(1);
  fitted.label_means = {0.5};
  return fitted;
}

// The cells that CellsOf gives, as features of `fitted`.
Batch MakeBatch(const FittedSchema& fitted) {
  FeatureEncoder encoder(&fitted, false);
  Batch batch;
  encoder.Clear(&batch);
  std::vector<std::string_view> cells(fitted.schema.columns.size());
  for (const std::string_view value : {"", "1", "2"}) {
    std::ranges::fill(cells, value);
    if (!encoder.Append(cells, &batch)) ROOKERY_CHECK(!encoder.error().what.empty());
  }
  return batch;
}

void WriteTable(FileSystem& files, const ExportTable& table, ExportManifest* manifest) {
  auto writer = NativeTableWriter::Create(files, "", table.name, table.dim, table.rows);
  ROOKERY_CHECK(writer.ok());
  std::vector<Key> keys = {HashText("1", HashText("c", 0)), 5, 6};
  keys.resize(table.rows);
  std::ranges::sort(keys, {}, [](Key key) { return MixKey(key); });
  const std::vector<float> rows(keys.size() * table.dim, 0.5F);
  ROOKERY_CHECK((*writer)->Append(keys, rows, table.dim).ok());
  const StatusOr<std::vector<ExportFile>> written = (*writer)->Finish();
  ROOKERY_CHECK(written.ok());
  manifest->files.insert(manifest->files.end(), written->begin(), written->end());
}

Directory MakeExport(const std::string& model_name) {
  ExportSchema schema;
  schema.fitted = MakeFitted();
  schema.layout = LayoutOf(schema.fitted.schema);
  schema.model.name = model_name;
  schema.model.dim = 2;
  schema.model.hidden = {3};
  schema.model.bottom = {3};
  FillModelSpec(schema.fitted, &schema.model);
  const StatusOr<std::unique_ptr<Model>> model = MakeModel(schema.model);
  ROOKERY_CHECK(model.ok()) << model.status().message();
  MemoryFileSystem files;
  ExportManifest manifest;
  for (const ModelTable& table : (*model)->tables()) {
    schema.tables.push_back({table.name, table.dim, 3});
    WriteTable(files, schema.tables.back(), &manifest);
  }
  const auto& blocks = (*model)->dense_blocks();
  const std::vector<float> dense = InitialDense(blocks, 1);
  StatusOr<ExportFile> tensors = WriteModelTensors(files, "", schema, blocks, dense);
  ROOKERY_CHECK(tensors.ok()) << tensors.status().message();
  manifest.files.push_back(*tensors);
  const StatusOr<ExportFile> json =
      WriteExportFile(files, "", kExportSchemaName, ExportSchemaToJson(schema, **model));
  ROOKERY_CHECK(json.ok());
  manifest.files.push_back(*json);
  PutFile(files, std::string(kExportManifestName), ExportManifestToJson(manifest));
  Directory directory;
  const StatusOr<std::vector<std::string>> names = files.List("");
  for (const std::string& name : *names) directory[name] = TakeFile(files, name);
  return directory;
}

const Directory& SmallExport() {
  static const Directory directory = MakeExport("deepfm");
  return directory;
}

bool OpenAndScore(const Directory& directory, bool with_manifest) {
  MemoryFileSystem files;
  ExportManifest manifest;
  for (const auto& [name, content] : directory) {
    PutFile(files, name, content);
    manifest.files.push_back({name, content.size(), HashText(content)});
  }
  std::erase_if(manifest.files, [](const auto& file) { return file.name == kExportManifestName; });
  if (with_manifest) {
    PutFile(files, std::string(kExportManifestName), ExportManifestToJson(manifest));
  }
  const StatusOr<std::unique_ptr<Predictor>> predictor = Predictor::Open(&files, "");
  if (!predictor.ok()) return false;
  const Batch batch = MakeBatch((*predictor)->schema().fitted);
  std::vector<float> scores(batch.examples);
  ROOKERY_CHECK((*predictor)->Score(batch, scores).ok());
  return true;
}

bool TryFile(std::string_view name, FuzzBytes bytes) {
  Directory directory = SmallExport();
  const auto file = directory.find(std::string(name));
  ROOKERY_CHECK(file != directory.end());
  file->second = TextOfBytes(bytes);
  return OpenAndScore(directory, name != kExportManifestName);
}

std::string OriginalOf(std::string_view name) {
  return SmallExport().at(std::string(name));
}

// Of the first table: keys and rows.
std::vector<std::string> TableFiles() {
  std::vector<std::string> names;
  for (const auto& [name, content] : SmallExport()) {
    if (name.ends_with(".keys") || name.ends_with(".rows")) names.push_back(name);
  }
  return names;
}

}  // namespace

bool FuzzExportSchema(FuzzBytes bytes) {
  return TryFile(kExportSchemaName, bytes);
}
FuzzSeeds SeedsOfExportSchema() {
  return {OriginalOf(kExportSchemaName)};
}

bool FuzzExportManifest(FuzzBytes bytes) {
  return TryFile(kExportManifestName, bytes);
}
FuzzSeeds SeedsOfExportManifest() {
  return {OriginalOf(kExportManifestName)};
}

bool FuzzSafetensors(FuzzBytes bytes) {
  return TryFile(kSafetensorsName, bytes);
}
FuzzSeeds SeedsOfSafetensors() {
  return {OriginalOf(kSafetensorsName)};
}

// The first byte chooses the file.
bool FuzzNativeTable(FuzzBytes bytes) {
  static const std::vector<std::string> names = TableFiles();
  if (bytes.empty()) return false;
  const auto which = static_cast<std::size_t>(bytes.front());
  return which < names.size() && TryFile(names[which], bytes.subspan(1));
}
FuzzSeeds SeedsOfNativeTable() {
  FuzzSeeds seeds;
  for (const std::string& name : TableFiles()) {
    seeds.push_back(static_cast<char>(seeds.size()) + OriginalOf(name));
  }
  return seeds;
}

}  // namespace rookery
