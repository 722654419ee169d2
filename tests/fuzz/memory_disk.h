// Files in memory for the bodies of fuzz targets.
#pragma once

#include <string>
#include <string_view>

#include "common/check.h"
#include "io/memory_file_system.h"
#include "tests/fuzz/fuzz.h"

namespace rookery {

inline void PutFile(FileSystem& files, const std::string& path, std::string_view content) {
  StatusOr<std::unique_ptr<WritableFile>> file = files.Create(path);
  ROOKERY_CHECK(file.ok()) << file.status().message();
  ROOKERY_CHECK((*file)->Append(BytesOfText(content)).ok());
  ROOKERY_CHECK((*file)->Close().ok());
}

inline std::string TakeFile(FileSystem& files, const std::string& path) {
  StatusOr<std::string> content = ReadWholeFile(files, path, std::uint64_t{1} << 30U);
  ROOKERY_CHECK(content.ok()) << content.status().message();
  return *std::move(content);
}

}  // namespace rookery
