// Small files in memory and shorthand to read them, for the tests of data/.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/hash.h"
#include "data/input.h"
#include "io/compressed_stream.h"
#include "io/memory_file_system.h"

namespace rookery {

inline Column MakeColumn(std::string name, ColumnType type) {
  Column column;
  column.name = std::move(name);
  column.type = type;
  return column;
}

inline std::uint64_t KeyIn(std::string_view space, std::string_view value, std::uint64_t salt = 0) {
  return HashText(value, HashText(space, salt));
}

inline void WriteText(FileSystem& files, const std::string& path, std::string_view text,
                      Compression compression = Compression::kNone) {
  auto file = CreateCompressed(files, path, compression);
  ASSERT_TRUE(file.ok()) << file.status().ToString();
  ASSERT_TRUE((*file)->Append(std::as_bytes(std::span(text.data(), text.size()))).ok());
  ASSERT_TRUE((*file)->Close().ok());
}

// Fits the schema on the whole text and reads it in one run.
inline StatusOr<Batch> ReadText(const Schema& schema, std::string_view text,
                                bool label_required = true) {
  MemoryFileSystem files;
  WriteText(files, "in.txt", text);
  ROOKERY_ASSIGN_OR_RETURN(const Schema resolved, ResolveSchema(schema));
  const InputOptions options{{"in.txt"}, 1024, label_required};
  ROOKERY_ASSIGN_OR_RETURN(const FittedSchema fitted,
                           FitSchema(&files, resolved, options, 1U << 30U));
  ROOKERY_ASSIGN_OR_RETURN(RunResult run,
                           MakeInputReader(&files, &fitted, options)->Read({0, 0, 1, 1U << 20U}));
  return std::move(run.examples);
}

inline std::string ErrorOf(const Schema& schema, std::string_view text) {
  return ReadText(schema, text).status().ToString();
}

// The folder of the real data sets; empty when it is absent.
inline std::string RealData() {
  const char* named = std::getenv("ROOKERY_DATA");
  const std::filesystem::path folder =
      named != nullptr ? std::filesystem::path(named)
                       : std::filesystem::path(__FILE__).parent_path() / "../../../../shared/data";
  return std::filesystem::exists(folder / "README.md") ? folder.string() : std::string();
}

}  // namespace rookery
