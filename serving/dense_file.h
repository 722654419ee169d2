// model.safetensors of an export: the dense parameters by name and every table's keys and rows.
//
//   table.NAME.keys   I64 [R]       the 64 bits of each key
//   table.NAME.rows   F32 [R, dim]  in the order of the keys
//   BLOCK             F32 [rows, columns] for every dense block
//   metadata          format_version, model, dense_xxh3: XXH3-64 of all dense floats in block order
//
// Threads  one. Errors: kCorrupt names the file and the tensor.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"
#include "serving/export_manifest.h"
#include "serving/schema_file.h"

namespace rookery {

// The table files must be there already: they are copied. dense is [P].
[[nodiscard]] StatusOr<ExportFile> WriteModelTensors(FileSystem& files,
                                                     const std::string& directory,
                                                     const ExportSchema& schema,
                                                     std::span<const DenseBlockSpec> blocks,
                                                     std::span<const float> dense);

// The dense vector [P], put together from the tensors named by `blocks`; finite.
[[nodiscard]] StatusOr<std::vector<float>> ReadDenseTensors(FileSystem& files,
                                                            const std::string& directory,
                                                            std::span<const DenseBlockSpec> blocks);

}  // namespace rookery
