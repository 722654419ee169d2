#include <iomanip>
#include <iostream>

#include "common/json.h"
#include "io/posix_file_system.h"
#include "launch/checkpoint_path.h"
#include "launch/commands.h"
#include "ps/checkpoint_diff.h"

namespace rookery {
namespace {

JsonArray ToJson(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

Json ToJson(const TableDiff& table) {
  return JsonObject{{"name", table.name},
                    {"in_a", table.in_a},
                    {"in_b", table.in_b},
                    {"rows_a", table.rows_a},
                    {"rows_b", table.rows_b},
                    {"added", table.added},
                    {"removed", table.removed},
                    {"changed", table.changed},
                    {"change_norm", table.change.norm},
                    {"change_largest", table.change.largest},
                    {"largest_key", table.largest_key},
                    {"options", ToJson(table.options)}};
}

Json ToJson(const DenseBlockDiff& block) {
  return JsonObject{{"name", block.name},
                    {"shape_a", block.shape_a},
                    {"shape_b", block.shape_b},
                    {"changed", block.changed},
                    {"change_norm", block.change.norm},
                    {"change_largest", block.change.largest},
                    {"largest_index", block.largest_index}};
}

Json SideToJson(const CheckpointReader& reader) {
  const CheckpointManifest& manifest = reader.manifest();
  return JsonObject{
      {"path", reader.directory()}, {"step", manifest.step}, {"updates", manifest.updates}};
}

Json ToJson(const CheckpointReader& a, const CheckpointReader& b, const CheckpointDiff& diff) {
  JsonArray tables;
  for (const TableDiff& table : diff.tables) tables.push_back(ToJson(table));
  JsonArray blocks;
  for (const DenseBlockDiff& block : diff.blocks) blocks.push_back(ToJson(block));
  return JsonObject{{"a", SideToJson(a)},
                    {"b", SideToJson(b)},
                    {"same", diff.same()},
                    {"tables", std::move(tables)},
                    {"dense", std::move(blocks)},
                    {"dense_options", ToJson(diff.dense_options)},
                    {"dense_state_same", diff.dense_state_same},
                    {"features_same", diff.features_same}};
}

void PrintSide(const char* name, const CheckpointReader& reader) {
  std::cout << name << "  " << reader.directory() << "  step " << reader.manifest().step << " ("
            << reader.manifest().updates << " updates)\n";
}

void PrintTables(const CheckpointDiff& diff) {
  std::cout << std::left << std::setw(20) << "table" << std::right;
  for (const char* title : {"rows A", "rows B", "added", "removed", "changed", "norm", "largest"}) {
    std::cout << std::setw(12) << title;
  }
  std::cout << "  of key\n";
  for (const TableDiff& table : diff.tables) {
    std::cout << std::left << std::setw(20) << table.name << std::right << std::setw(12)
              << table.rows_a << std::setw(12) << table.rows_b << std::setw(12) << table.added
              << std::setw(12) << table.removed << std::setw(12) << table.changed << std::setw(12)
              << std::setprecision(5) << table.change.norm << std::setw(12) << table.change.largest
              << "  ";
    if (table.change.largest > 0) std::cout << table.largest_key;
    std::cout << "\n";
    if (!table.in_a) std::cout << "  only B has this table\n";
    if (!table.in_b) std::cout << "  only A has this table\n";
    for (const std::string& option : table.options) std::cout << "  " << option << "\n";
  }
}

void PrintDense(const CheckpointDiff& diff) {
  for (const DenseBlockDiff& block : diff.blocks) {
    std::cout << "dense " << std::left << std::setw(24) << block.name << std::right;
    if (block.shape_a.empty() || block.shape_b.empty()) {
      std::cout << (block.shape_a.empty() ? "only in B, " : "only in A, ")
                << (block.shape_a.empty() ? block.shape_b : block.shape_a) << "\n";
    } else if (block.shape_a != block.shape_b) {
      std::cout << block.shape_a << " -> " << block.shape_b << "\n";
    } else {
      std::cout << block.shape_a << ", " << block.changed << " changed, norm "
                << std::setprecision(5) << block.change.norm << ", largest " << block.change.largest
                << "\n";
    }
  }
  for (const std::string& option : diff.dense_options) std::cout << "  " << option << "\n";
  if (!diff.dense_state_same) std::cout << "the updater state of the dense parameters differs\n";
  if (!diff.features_same) std::cout << "features.json differs\n";
  if (diff.same()) std::cout << "they are the same\n";
}

Status Diff(const DiffArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(const std::string path_a, FindCheckpoint(files, arguments.a));
  ROOKERY_ASSIGN_OR_RETURN(const std::string path_b, FindCheckpoint(files, arguments.b));
  ROOKERY_ASSIGN_OR_RETURN(const auto a, CheckpointReader::Open(&files, path_a));
  ROOKERY_ASSIGN_OR_RETURN(const auto b, CheckpointReader::Open(&files, path_b));
  ROOKERY_ASSIGN_OR_RETURN(const CheckpointDiff diff, DiffCheckpoints(*a, *b));
  if (arguments.json) {
    std::cout << WriteJsonPretty(ToJson(*a, *b, diff));
    return OkStatus();
  }
  PrintSide("A", *a);
  PrintSide("B", *b);
  PrintTables(diff);
  PrintDense(diff);
  return OkStatus();
}

}  // namespace

int RunDiff(const DiffArguments& arguments) {
  return ReportStatus(Diff(arguments));
}

}  // namespace rookery
