// ExportModel: turns one checkpoint into a directory that serving needs and nothing else.
//
//   MANIFEST.json       every other file with its size and XXH3-64
//   schema.json         model, columns, transforms, key spaces, tables: enough to score by hand
//   model.onnx          keys in, scores out; or, when the tables do not fit, dense.onnx: combined
//                       embeddings in, scores out
//   table-NAME.keys     } what Predictor reads; made for mapping into memory
//   table-NAME.rows     }
//   model.safetensors   dense parameters by name and all tables, no optimizer state
//   golden.data         some lines (or prepared examples) of the golden files, and
//   golden.json         the keys, numeric inputs and scores they must give
//   README.txt          how to score it
//
// docs/export_format.md describes every file. The directory is written as DIRECTORY.tmp and renamed
// when complete; tables stream through memory one bucket at a time, except those inside model.onnx.
//
// Owner    nothing kept. Threads: one.
// Errors   kInvalidInput: the model does not fit the checkpoint, or the directory is not empty.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"
#include "models/model.h"
#include "ps/checkpoint_reader.h"

namespace rookery {

struct ExportOptions {
  std::string directory;
  bool force = false;  // replace an existing directory that is not empty
  // What the job says; features, numeric and label_mean are taken from the checkpoint.
  ModelSpec model;
  // Patterns of files in the format of the training data, or of prepared files; their first rows
  // become the golden rows.
  // Empty: no golden rows, and VerifyExport compares checksums alone.
  std::vector<std::string> golden_files;
  std::uint64_t onnx_rows_max = 2'000'000;  // more rows in all tables together: dense.onnx
};

struct ExportSummary {
  bool self_contained = false;  // model.onnx, not dense.onnx
  std::uint64_t rows = 0;       // of all tables
  std::uint64_t bytes = 0;      // of all files
  std::uint64_t golden_rows = 0;
};

[[nodiscard]] StatusOr<ExportSummary> ExportModel(FileSystem& files,
                                                  const CheckpointReader& checkpoint,
                                                  const ExportOptions& options);

}  // namespace rookery
