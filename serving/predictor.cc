#include "serving/predictor.h"

#include <cmath>
#include <utility>

#include "common/check.h"
#include "common/limits.h"
#include "serving/dense_file.h"
#include "serving/export_manifest.h"

namespace rookery {
namespace {

constexpr std::uint64_t kSchemaBytesMax = std::uint64_t{256} << 20U;

static_assert(kNoTableRow == kNoRow, "positions go to the combiner as they are");

Status CheckTables(const std::string& path, const ExportSchema& schema, const Model& model) {
  const std::vector<ModelTable>& tables = model.tables();
  if (tables.size() != schema.tables.size()) {
    return Corrupt(path, ": has ", schema.tables.size(), " tables, its model ", tables.size());
  }
  for (std::size_t t = 0; t < tables.size(); ++t) {
    if (tables[t].name == schema.tables[t].name && tables[t].dim == schema.tables[t].dim) continue;
    return Corrupt(path, ": table ", schema.tables[t].name, " of dim ", schema.tables[t].dim,
                   ", its model has ", tables[t].name, " of dim ", tables[t].dim);
  }
  return OkStatus();
}

Status CheckShape(const ExportSchema& schema, const Batch& batch) {
  if (batch.features.size() == schema.layout.features.size() &&
      batch.numeric_width == schema.layout.numeric.size()) {
    return OkStatus();
  }
  return InvalidInput("a batch of ", batch.features.size(), " features and ", batch.numeric_width,
                      " numeric inputs; the export takes ", schema.layout.features.size(), " and ",
                      schema.layout.numeric.size());
}

}  // namespace

StatusOr<std::unique_ptr<Predictor>> Predictor::Open(FileSystem* files, std::string directory,
                                                     Dtype dtype) {
  ROOKERY_ASSIGN_OR_RETURN(const ExportManifest manifest, ReadExportManifest(*files, directory));
  ROOKERY_ASSIGN_OR_RETURN(
      const std::string json,
      ReadExportFile(*files, directory, manifest, kExportSchemaName, kSchemaBytesMax));
  const std::string schema_path = JoinPath(directory, kExportSchemaName);
  std::unique_ptr<Predictor> predictor(new Predictor);
  ROOKERY_ASSIGN_OR_RETURN(predictor->schema_, ExportSchemaFromJson(json, schema_path));
  const ExportSchema& schema = predictor->schema_;
  StatusOr<std::unique_ptr<Model>> model = MakeModel(schema.model);
  if (!model.ok()) return Corrupt(schema_path, ": ", model.status().message());
  predictor->model_ = *std::move(model);
  ROOKERY_RETURN_IF_ERROR(CheckTables(schema_path, schema, *predictor->model_));
  ROOKERY_ASSIGN_OR_RETURN(predictor->dense_,
                           ReadDenseTensors(*files, directory, predictor->model_->dense_blocks()));
  for (const ExportTable& table : schema.tables) {
    ROOKERY_ASSIGN_OR_RETURN(
        NativeTable rows,
        NativeTable::Load(*files, directory, manifest, table.name, table.dim, table.rows));
    predictor->tables_.push_back(std::move(rows));
  }
  predictor->directory_ = std::move(directory);
  predictor->scratch_ = predictor->model_->MakeScratch();
  if (dtype == Dtype::kBf16) {
    predictor->model_->RoundWeights(predictor->dense_, *predictor->scratch_);
  }
  predictor->vectors_.resize(schema.tables.size());
  return predictor;
}

void Predictor::AddVectors(const Batch& batch, std::size_t table) {
  const ModelTable& spec = model_->tables()[table];
  const NativeTable& rows = tables_[table];
  keys_.clear();
  for (std::size_t i = 0; i < spec.inputs(); ++i) {
    const std::vector<Key>& keys = batch.features[spec.input(i)].keys;
    keys_.insert(keys_.end(), keys.begin(), keys.end());
  }
  positions_.resize(keys_.size());
  rows.Find(keys_, positions_.data());
  features_.clear();
  std::span<const std::uint32_t> left = positions_;
  for (const std::uint32_t feature : spec.features) {
    const FeatureColumn& column = batch.features[feature];
    features_.push_back(
        {&column, schema_.layout.features[feature].combiner, left.first(column.keys.size())});
    left = left.subspan(column.keys.size());
  }
  std::vector<float>& vectors = vectors_[table];
  const std::size_t combined = batch.examples * features_.size();
  vectors.resize((combined + left.size()) * spec.dim);
  CombineForward(features_, rows.rows(), spec.dim, 0, batch.examples, vectors.data());
  CopyOccurrences(left, rows.rows(), spec.dim, 0, left.size(),
                  vectors.data() + combined * spec.dim);
  input_.embeddings.push_back(vectors.data());
  const float* next = vectors.data() + combined * spec.dim;
  for (const std::uint32_t sequence : spec.sequences) {
    const FeatureColumn& column = batch.features[sequence];
    input_.sequences.push_back({next, column.offsets.data()});
    next += column.keys.size() * spec.dim;
  }
}

Status Predictor::Score(const Batch& batch, std::span<float> scores) {
  ROOKERY_CHECK(scores.size() == batch.examples * outputs());
  ROOKERY_RETURN_IF_ERROR(CheckShape(schema_, batch));
  if (batch.examples == 0) return OkStatus();
  input_.examples = batch.examples;
  input_.numeric = batch.numeric.data();
  input_.embeddings.clear();
  input_.sequences.clear();
  for (std::size_t table = 0; table < tables_.size(); ++table) AddVectors(batch, table);
  model_->Predict(input_, dense_, *scratch_, scores);
  return OkStatus();
}

}  // namespace rookery
