#include "serving/exporter.h"

#include <memory>
#include <utility>

#include "common/check.h"
#include "data/input.h"
#include "serving/dense_file.h"
#include "serving/export_manifest.h"
#include "serving/golden_rows.h"
#include "serving/native_table.h"
#include "serving/onnx_writer.h"
#include "serving/predictor.h"
#include "serving/readme_text.h"
#include "serving/schema_file.h"

namespace rookery {
namespace {

std::string WithoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Status CheckTarget(FileSystem& files, const ExportOptions& options) {
  if (options.directory.empty()) return InvalidInput("export: name a directory with --out");
  if (!files.Exists(options.directory) || options.force) return OkStatus();
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(options.directory));
  if (names.empty()) return OkStatus();
  return InvalidInput(options.directory,
                      ": exists and is not empty; name another directory, or "
                      "replace it with --force");
}

// The checkpoint has exactly the tables and blocks of the model.
Status CheckFits(const Model& model, const CheckpointManifest& manifest) {
  const auto differ = [](const auto&... what) {
    return InvalidInput("the checkpoint is of another model: ", what...);
  };
  if (model.tables().size() != manifest.tables.size()) {
    return differ("it has ", manifest.tables.size(), " tables, the model ", model.tables().size());
  }
  for (const ModelTable& table : model.tables()) {
    bool found = false;
    for (const TableSpec& spec : manifest.tables) {
      found = found || (spec.name == table.name && spec.dim == table.dim);
    }
    if (!found) return differ("it has no table ", table.name, " of dim ", table.dim);
  }
  const std::vector<DenseBlockSpec>& blocks = model.dense_blocks();
  if (blocks.size() != manifest.dense.blocks.size()) {
    return differ("it has ", manifest.dense.blocks.size(), " dense blocks, the model ",
                  blocks.size());
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const DenseBlockSpec& saved = manifest.dense.blocks[i];
    if (blocks[i].name == saved.name && blocks[i].rows == saved.rows &&
        blocks[i].columns == saved.columns && blocks[i].offset == saved.offset) {
      continue;
    }
    return differ("its dense block ", saved.name, " [", saved.rows, ", ", saved.columns,
                  "] is in the model ", blocks[i].name, " [", blocks[i].rows, ", ",
                  blocks[i].columns, "]");
  }
  return OkStatus();
}

class Exporter {
 public:
  Exporter(FileSystem* files, const CheckpointReader* checkpoint, const ExportOptions* options)
      : files_(*files),
        checkpoint_(*checkpoint),
        options_(*options),
        target_(WithoutTrailingSlash(options->directory)),
        directory_(target_ + ".tmp") {}

  StatusOr<ExportSummary> Run() {
    ROOKERY_RETURN_IF_ERROR(CheckTarget(files_, options_));
    ROOKERY_RETURN_IF_ERROR(ReadModel());
    ROOKERY_RETURN_IF_ERROR(files_.RemoveTree(directory_));
    ROOKERY_RETURN_IF_ERROR(files_.MakeDirectory(directory_));
    for (const ModelTable& table : model_->tables()) {
      ROOKERY_RETURN_IF_ERROR(WriteTable(table));
    }
    ChooseForm();
    ROOKERY_RETURN_IF_ERROR(
        Add(WriteModelTensors(files_, directory_, schema_, model_->dense_blocks(), dense_)));
    ROOKERY_RETURN_IF_ERROR(WriteOnnxFile());
    ROOKERY_RETURN_IF_ERROR(AddText(kExportSchemaName, ExportSchemaToJson(schema_, *model_)));
    ROOKERY_RETURN_IF_ERROR(AddText(kReadmeName, ReadmeText(schema_, *model_)));
    ROOKERY_RETURN_IF_ERROR(WriteManifest());
    ROOKERY_RETURN_IF_ERROR(WriteGolden());
    ROOKERY_RETURN_IF_ERROR(Publish());
    return summary_;
  }

 private:
  Status ReadModel() {
    const CheckpointManifest& manifest = checkpoint_.manifest();
    ROOKERY_ASSIGN_OR_RETURN(const std::string features, checkpoint_.ReadText(kFeaturesName));
    ROOKERY_ASSIGN_OR_RETURN(schema_.fitted, FittedSchemaFromJson(features));
    schema_.layout = LayoutOf(schema_.fitted.schema);
    schema_.model = options_.model;
    FillModelSpec(schema_.fitted, &schema_.model);
    ROOKERY_ASSIGN_OR_RETURN(model_, MakeModel(schema_.model));
    ROOKERY_RETURN_IF_ERROR(Annotate(CheckFits(*model_, manifest), checkpoint_.directory()));
    ROOKERY_ASSIGN_OR_RETURN(DenseState dense, checkpoint_.ReadDense());
    if (dense.weights.size() != manifest.dense.size()) {
      return Corrupt(checkpoint_.directory(), ": ", kDenseName, " has ", dense.weights.size(),
                     " weights, the manifest says ", manifest.dense.size());
    }
    dense_ = std::move(dense.weights);
    manifest_.rookery_version = manifest.rookery_version;
    manifest_.step = manifest.step;
    return OkStatus();
  }

  Status WriteTable(const ModelTable& table) {
    const CheckpointManifest& manifest = checkpoint_.manifest();
    const TableSpec* spec = nullptr;
    for (const TableSpec& candidate : manifest.tables) {
      if (candidate.name == table.name) spec = &candidate;
    }
    ROOKERY_CHECK(spec != nullptr);  // CheckFits saw it
    ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t rows, checkpoint_.CountRows(*spec));
    ROOKERY_ASSIGN_OR_RETURN(
        const std::unique_ptr<NativeTableWriter> writer,
        NativeTableWriter::Create(files_, directory_, table.name, table.dim, rows));
    ROOKERY_RETURN_IF_ERROR(StreamRows(*spec, writer.get()));
    ROOKERY_ASSIGN_OR_RETURN(std::vector<ExportFile> written, writer->Finish());
    manifest_.files.insert(manifest_.files.end(), written.begin(), written.end());
    schema_.tables.push_back({table.name, table.dim, rows});
    summary_.rows += rows;
    return OkStatus();
  }

  // Rows of an updater that catches up are first brought to the checkpoint's step, as a pull would.
  Status StreamRows(const TableSpec& spec, NativeTableWriter* writer) {
    const std::unique_ptr<Updater> updater = MakeUpdater(spec.updater);
    const std::uint64_t updates = checkpoint_.manifest().updates;
    std::vector<float> copy;
    std::vector<float*> pointers;
    const auto handler = [&](std::span<const Key> keys, std::span<const float> rows) {
      const std::size_t stride = keys.empty() ? spec.dim : rows.size() / keys.size();
      if (!updater->catches_up()) return writer->Append(keys, rows, stride);
      copy.assign(rows.begin(), rows.end());
      pointers.clear();
      for (std::size_t i = 0; i < keys.size(); ++i) pointers.push_back(&copy[i * stride]);
      updater->CatchUp(pointers, spec.dim, updates);
      return writer->Append(keys, copy, stride);
    };
    return checkpoint_.ReadRows(spec, 0, checkpoint_.manifest().buckets, handler);
  }

  void ChooseForm() {
    schema_.self_contained =
        summary_.rows <= options_.onnx_rows_max && FitsOnnx(schema_.tables, dense_.size());
    summary_.self_contained = schema_.self_contained;
  }

  Status WriteOnnxFile() {
    std::vector<NativeTable> tables;
    for (const ExportTable& table : schema_.tables) {
      if (!schema_.self_contained) break;
      ROOKERY_ASSIGN_OR_RETURN(
          NativeTable rows,
          NativeTable::Load(files_, directory_, manifest_, table.name, table.dim, table.rows));
      tables.push_back(std::move(rows));
    }
    ROOKERY_ASSIGN_OR_RETURN(const std::string bytes, WriteOnnx(schema_, *model_, dense_, tables));
    return AddText(schema_.self_contained ? kOnnxModelName : kOnnxDenseName, bytes);
  }

  // Scored by the predictor from the files just written, not from what is in memory here.
  Status WriteGolden() {
    if (options_.golden_files.empty()) return OkStatus();
    ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string> paths,
                             ExpandFiles(files_, options_.golden_files));
    const std::string path = JoinPath(directory_, kGoldenDataName);
    ROOKERY_RETURN_IF_ERROR(WriteGoldenData(files_, schema_.fitted, paths, kGoldenRows, path));
    ROOKERY_ASSIGN_OR_RETURN(const std::string data, ReadWholeFile(files_, path, kGoldenBytesMax));
    ROOKERY_RETURN_IF_ERROR(AddText(kGoldenDataName, data));
    ROOKERY_ASSIGN_OR_RETURN(const Batch batch, ReadExamples(&files_, schema_.fitted, path));
    ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<Predictor> predictor,
                             Predictor::Open(&files_, directory_));
    std::vector<float> scores(batch.examples * predictor->outputs());
    ROOKERY_RETURN_IF_ERROR(predictor->Score(batch, scores));
    ROOKERY_RETURN_IF_ERROR(AddText(kGoldenName, GoldenToJson(schema_.layout, batch, scores)));
    summary_.golden_rows = batch.examples;
    return WriteManifest();
  }

  Status Publish() {
    for (const ExportFile& file : manifest_.files) summary_.bytes += file.bytes;
    ROOKERY_RETURN_IF_ERROR(files_.SyncDirectory(directory_));
    const std::string old = target_ + ".old";
    ROOKERY_RETURN_IF_ERROR(files_.RemoveTree(old));
    if (files_.Exists(target_)) ROOKERY_RETURN_IF_ERROR(files_.Rename(target_, old));
    ROOKERY_RETURN_IF_ERROR(files_.Rename(directory_, target_));
    ROOKERY_RETURN_IF_ERROR(files_.SyncDirectory(DirectoryOf(target_)));
    return files_.RemoveTree(old);
  }

  Status Add(const StatusOr<ExportFile>& file) {
    ROOKERY_RETURN_IF_ERROR(file.status());
    manifest_.files.push_back(*file);
    return OkStatus();
  }
  Status AddText(std::string_view name, std::string_view text) {
    return Add(WriteExportFile(files_, directory_, name, text));
  }
  Status WriteManifest() {
    return WriteFileAtomically(files_, JoinPath(directory_, kExportManifestName),
                               ExportManifestToJson(manifest_));
  }

  // Constant after construction.
  FileSystem& files_;
  const CheckpointReader& checkpoint_;
  const ExportOptions& options_;
  const std::string target_;
  const std::string directory_;  // where it is written

  // Filled step by step by Run.
  ExportSchema schema_;
  std::unique_ptr<Model> model_;
  std::vector<float> dense_;
  ExportManifest manifest_;
  ExportSummary summary_;
};

}  // namespace

StatusOr<ExportSummary> ExportModel(FileSystem& files, const CheckpointReader& checkpoint,
                                    const ExportOptions& options) {
  return Exporter(&files, &checkpoint, &options).Run();
}

}  // namespace rookery
