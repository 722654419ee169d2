// A checkpoint made by hand, for the tests of serving/: columns of every kind, rows for the keys of
// its own data, weights that are a function of (table, key, column).
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "data/input.h"
#include "io/file_system.h"
#include "models/model.h"
#include "ps/checkpoint_reader.h"
#include "ps/checkpoint_writer.h"
#include "ps/rows_file.h"
#include "serving/schema_file.h"

namespace rookery {

inline Column SmallColumn(std::string name, ColumnType type) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  return column;
}

inline Schema SmallCsvSchema(Combiner combiner = Combiner::kMean) {
  Schema schema;
  schema.salt = 77;
  schema.missing = {"?"};
  schema.columns = {
      SmallColumn("y", ColumnType::kLabel),          SmallColumn("age", ColumnType::kNumeric),
      SmallColumn("city", ColumnType::kCategorical), SmallColumn("tags", ColumnType::kList),
      SmallColumn("pay", ColumnType::kNumeric),      SmallColumn("job", ColumnType::kCategorical)};
  schema.columns[1].transform = NumericTransform::kStandard;
  schema.columns[3].combiner = combiner;
  schema.columns[4].transform = NumericTransform::kLog;
  BucketFeature bucket;
  bucket.name = "age_bucket";
  bucket.column = "age";
  bucket.buckets = 4;
  schema.buckets = {bucket};
  Cross cross;
  cross.name = "city_x_age";
  cross.parts = {"city", "age_bucket"};
  schema.crosses = {cross};
  return schema;
}

inline std::string SmallCsvText(int lines = 90) {
  std::string text;
  for (int i = 0; i < lines; ++i) {
    const std::string age = i % 7 == 3 ? "?" : std::to_string(18 + i * 5 % 60);
    std::string tags;
    for (int t = 0; t < i % 4; ++t) tags += (t > 0 ? "|t" : "t") + std::to_string((i + t) % 9);
    text += std::to_string(i % 3 == 0 ? 1 : 0) + "," + age + ",city" + std::to_string(i % 11) +
            "," + tags + "," + std::to_string(i * i - 40) + ",job" + std::to_string(i % 5) + "\n";
  }
  return text;
}

// libsvm with columns: pairs with weights of their own.
inline Schema SmallPairsSchema() {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  schema.columns = {SmallColumn("user", ColumnType::kCategorical),
                    SmallColumn("item", ColumnType::kCategorical)};
  return schema;
}

inline std::string SmallPairsText() {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += std::to_string(i % 2 == 0 ? 1 : -1) + " " + std::to_string(i % 9) + ":1 " +
            std::to_string(20 + i % 13) + ":" + std::to_string(0.25 * (i % 5)) + "\n";
  }
  return text;
}

inline Schema SmallLibsvmSchema() {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  return schema;
}

inline ModelSpec SmallModel(std::string name, std::string norm = "none") {
  ModelSpec model;
  model.name = std::move(name);
  model.dim = 4;
  model.hidden = {8, 6};
  model.bottom = {5};
  if (model.name == "dlrm") model.activation = "tanh";  // with relu a small top may be silent
  model.norm = std::move(norm);
  model.pretrain_steps = 5;  // dbn: with parameters that scores do not need
  return model;
}

// A number of about [-0.5, 0.5].
inline float SmallWeight(std::string_view what, std::uint64_t key, std::size_t column) {
  const std::uint64_t bits = HashText(what, MixKey(key) + column);
  return static_cast<float>(static_cast<double>(bits >> 11U) / 9007199254740992.0 - 0.5);
}

// Writes data.txt and checkpoint/ into `directory`, and reads the checkpoint.
class SmallCheckpoint {
 public:
  SmallCheckpoint(FileSystem* file_system, std::string base, const Schema& schema,
                  const std::string& text, ModelSpec spec)
      : files(*file_system), directory(std::move(base)), model_spec(std::move(spec)) {
    Write(schema, text);
  }

  [[nodiscard]] std::string data() const { return directory + "/data.txt"; }

  FileSystem& files;
  const std::string directory;
  ModelSpec model_spec;
  FittedSchema fitted;
  std::unique_ptr<Model> model;
  std::vector<float> dense;
  Batch batch;                                                    // of data.txt
  std::map<std::string, std::map<Key, std::vector<float>>> rows;  // by table; weights
  std::unique_ptr<CheckpointReader> reader;

 private:
  void Write(const Schema& schema, const std::string& text) {
    const std::string path = directory + "/checkpoint";
    ASSERT_TRUE(files.MakeDirectory(path).ok());
    ASSERT_TRUE(WriteFileAtomically(files, data(), text).ok());
    StatusOr<Schema> resolved = ResolveSchema(schema);
    ASSERT_TRUE(resolved.ok()) << resolved.status().ToString();
    InputOptions input;
    input.files = {data()};
    StatusOr<FittedSchema> fit = FitSchema(&files, *resolved, input, 1000);
    ASSERT_TRUE(fit.ok()) << fit.status().ToString();
    fitted = *fit;
    StatusOr<RunResult> run = MakeInputReader(&files, &fitted, input)->Read({.count = 100});
    ASSERT_TRUE(run.ok()) << run.status().ToString();
    batch = run->examples;
    FillModelSpec(fitted, &model_spec);
    StatusOr<std::unique_ptr<Model>> made = MakeModel(model_spec);
    ASSERT_TRUE(made.ok()) << made.status().ToString();
    model = *std::move(made);
    ASSERT_NO_FATAL_FAILURE(WriteFiles(path));
    StatusOr<std::unique_ptr<CheckpointReader>> opened = CheckpointReader::Open(&files, path);
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    reader = *std::move(opened);
  }

  void WriteFiles(const std::string& path) {
    CheckpointManifest manifest;
    manifest.rookery_version = "0.0.0";
    manifest.step = manifest.updates = 5;
    manifest.dense.blocks = model->dense_blocks();
    for (const DenseBlockSpec& block : model->dense_blocks()) {
      const float base = block.statistic_rate > 0 ? 0.6F : 0.0F;  // a variance is positive
      for (std::size_t i = 0; i < block.size(); ++i) {
        dense.push_back(base + SmallWeight(block.name, i, 0));
      }
    }
    StatusOr<CheckpointFile> file = WriteDense(files, path, DenseState{5, dense, {}});
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    manifest.files.push_back(*file);
    const std::string features = FittedSchemaToJson(fitted);
    for (const auto& [name, content] :
         {std::pair(kFeaturesName, features), std::pair(kInputName, std::string("x"))}) {
      ASSERT_TRUE(WriteFileAtomically(files, path + "/" + std::string(name), content).ok());
      manifest.files.push_back({std::string(name), content.size(), HashText(content), "", 0, 0});
    }
    for (std::size_t t = 0; t < model->tables().size(); ++t) {
      TableSpec spec;
      spec.id = TableId{static_cast<std::uint32_t>(t)};
      spec.name = model->tables()[t].name;
      spec.dim = model->tables()[t].dim;
      spec.zero_columns = model->tables()[t].zero_columns;
      manifest.tables.push_back(spec);
      ASSERT_NO_FATAL_FAILURE(WriteRowsOf(path, model->tables()[t], spec, &manifest));
    }
    ASSERT_TRUE(WriteFileAtomically(files, path + "/MANIFEST.json", ManifestToJson(manifest)).ok());
  }

  void WriteRowsOf(const std::string& path, const ModelTable& table, const TableSpec& spec,
                   CheckpointManifest* manifest) {
    std::map<std::uint64_t, Key> ordered;  // by MixKey
    for (std::size_t i = 0; i < table.inputs(); ++i) {
      for (const Key key : batch.features[table.input(i)].keys) ordered[MixKey(key)] = key;
    }
    // Adagrad: as many state floats as weights; they must not reach the export.
    const std::uint32_t row_floats = 2 * spec.dim;
    const std::string name = RowsFileName(spec.name, 0);
    auto writer = RowsFileWriter::Create(files, path + "/" + name, {manifest->buckets, row_floats});
    ASSERT_TRUE(writer.ok()) << writer.status().ToString();
    std::map<std::uint32_t, BucketRows> buckets;
    for (const auto& [mixed, key] : ordered) {
      BucketRows& bucket = buckets[Raw(BucketOf(key, manifest->buckets))];
      bucket.keys.push_back(key);
      for (std::size_t d = 0; d < row_floats; ++d) {
        const float value = d < spec.dim ? SmallWeight(spec.name, key, d) : 1000.0F;
        bucket.rows.push_back(value);
        if (d < spec.dim) rows[spec.name][key].push_back(value);
      }
    }
    for (const auto& [bucket, content] : buckets) {
      ASSERT_TRUE((*writer)->AddBucket(bucket, content).ok());
    }
    StatusOr<FileDigest> digest = (*writer)->Finish();
    ASSERT_TRUE(digest.ok()) << digest.status().ToString();
    manifest->files.push_back({name, digest->bytes, digest->hash, spec.name, 0, ordered.size()});
  }
};

}  // namespace rookery
