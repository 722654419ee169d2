#include <cmath>
#include <iomanip>
#include <iostream>

#include "io/posix_file_system.h"
#include "launch/checkpoint_path.h"
#include "launch/commands.h"
#include "ps/checkpoint_reader.h"

namespace rookery {
namespace {

// Of the weights of one table, or of the dense parameters.
struct Norms {
  std::uint64_t rows = 0;
  std::uint64_t floats_per_row = 0;  // weights and state
  double square_sum = 0;
  double norm_max = 0;

  void Add(std::span<const float> weights) {
    double square = 0;
    for (const float weight : weights) square += static_cast<double>(weight) * weight;
    ++rows;
    square_sum += square;
    norm_max = std::max(norm_max, std::sqrt(square));
  }
  // Root of the mean square of the rows' 2-norms.
  [[nodiscard]] double Mean() const {
    return rows == 0 ? 0 : std::sqrt(square_sum / static_cast<double>(rows));
  }
};

StatusOr<Norms> NormsOf(const CheckpointReader& reader, const TableSpec& table) {
  Norms norms;
  const auto add = [&](std::span<const Key> keys, std::span<const float> rows) -> Status {
    if (keys.empty()) return OkStatus();
    const std::size_t width = rows.size() / keys.size();
    norms.floats_per_row = width;
    for (std::size_t i = 0; i < keys.size(); ++i) norms.Add(rows.subspan(i * width, table.dim));
    return OkStatus();
  };
  ROOKERY_RETURN_IF_ERROR(reader.ReadRows(table, 0, reader.manifest().buckets, add));
  return norms;
}

// Of the whole chain.
std::uint64_t BytesOf(const CheckpointReader& reader, const std::string& table) {
  std::uint64_t bytes = 0;
  for (const auto& [path, file] : reader.Files()) bytes += file->table == table ? file->bytes : 0;
  return bytes;
}

void PrintHead(const CheckpointReader& reader) {
  const CheckpointManifest& manifest = reader.manifest();
  std::cout << "checkpoint  " << reader.directory() << "\n"
            << "written by  rookery " << manifest.rookery_version << ", " << manifest.shards
            << (manifest.shards == 1 ? " server" : " servers") << "\n"
            << "step        " << manifest.step << " (" << manifest.updates << " updates)\n";
  if (!manifest.base.empty()) {
    std::cout << "adds to     " << manifest.base << " (a chain of " << reader.chain().size()
              << " checkpoints)\n";
  }
}

Status PrintTables(const CheckpointReader& reader) {
  std::cout << std::left << std::setw(20) << "table" << std::right << std::setw(6) << "dim"
            << std::setw(14) << "rows" << std::setw(8) << "floats" << std::setw(16) << "file bytes"
            << std::setw(12) << "norm rms" << std::setw(12) << "norm max"
            << "\n";
  for (const TableSpec& table : reader.manifest().tables) {
    ROOKERY_ASSIGN_OR_RETURN(const Norms norms, NormsOf(reader, table));
    std::cout << std::left << std::setw(20) << table.name << std::right << std::setw(6) << table.dim
              << std::setw(14) << norms.rows << std::setw(8) << norms.floats_per_row
              << std::setw(16) << BytesOf(reader, table.name) << std::setw(12)
              << std::setprecision(5) << norms.Mean() << std::setw(12) << norms.norm_max << "\n";
  }
  return OkStatus();
}

Status PrintDense(const CheckpointReader& reader) {
  const DenseSpec& spec = reader.manifest().dense;
  ROOKERY_ASSIGN_OR_RETURN(const DenseState state, reader.ReadDense());
  std::cout << "dense       " << spec.size() << " floats\n";
  for (const DenseBlockSpec& block : spec.blocks) {
    Norms norms;
    norms.Add(std::span(state.weights).subspan(block.offset, block.size()));
    std::cout << "  " << std::left << std::setw(24) << block.name << std::right << block.rows
              << " x " << block.columns << ", norm " << norms.norm_max << "\n";
  }
  return OkStatus();
}

Status Inspect(const InspectArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(const std::string path, FindCheckpoint(files, arguments.path));
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(&files, path));
  if (arguments.verify) {
    ROOKERY_RETURN_IF_ERROR(reader->VerifyAll());
    std::cout << "verified    every byte of " << reader->Files().size() << " files\n";
  }
  if (arguments.digest) {
    ROOKERY_ASSIGN_OR_RETURN(const std::string digest, CheckpointDigest(*reader));
    std::cout << "digest      " << digest << "\n";
  }
  if (arguments.verify || arguments.digest) return OkStatus();
  PrintHead(*reader);
  ROOKERY_RETURN_IF_ERROR(PrintTables(*reader));
  return PrintDense(*reader);
}

}  // namespace

int RunInspect(const InspectArguments& arguments) {
  return ReportStatus(Inspect(arguments));
}

}  // namespace rookery
