#include "io/file_system.h"

#include <algorithm>

namespace rookery {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

Status TooLarge(const std::string& path, std::uint64_t bytes_max) {
  return {Code::kExhausted, StrCat(path, ": larger than the limit of ", bytes_max, " bytes")};
}

Status WriteAndSync(FileSystem& files, const std::string& path, std::string_view content) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, files.Create(path));
  ROOKERY_RETURN_IF_ERROR(file->Append(std::as_bytes(std::span(content))));
  ROOKERY_RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace

std::string JoinPath(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') path += '/';
  return path += name;
}

std::string DirectoryOf(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, std::max<std::size_t>(slash, 1)));
}

StatusOr<std::string> ReadWholeFile(FileSystem& files, const std::string& path,
                                    std::uint64_t bytes_max) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, files.OpenSequential(path));
  ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t size, files.FileSize(path));
  if (size > bytes_max) return TooLarge(path, bytes_max);
  // The size is only a hint: a pipe has none, and a log may grow while it is read.
  std::string content(static_cast<std::size_t>(size) + 1, '\0');
  std::size_t filled = 0;
  while (true) {
    if (filled == content.size()) content.resize(filled + kReadBytes);
    const std::span<char> room(content.data() + filled, content.size() - filled);
    ROOKERY_ASSIGN_OR_RETURN(const std::size_t count, file->Read(std::as_writable_bytes(room)));
    if (count == 0) break;
    filled += count;
    if (filled > bytes_max) return TooLarge(path, bytes_max);
  }
  content.resize(filled);
  return content;
}

Status WriteFileAtomically(FileSystem& files, const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp";
  Status written = WriteAndSync(files, temporary, content);
  if (written.ok()) written = files.Rename(temporary, path);
  if (!written.ok()) {
    [[maybe_unused]] const Status removed = files.Remove(temporary);  // the first error is told
    return written;
  }
  return files.SyncDirectory(DirectoryOf(path));
}

}  // namespace rookery
