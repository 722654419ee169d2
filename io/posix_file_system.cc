#include "io/posix_file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "io/glob.h"
#include "io/posix_descriptor.h"
#include "io/posix_uncached_file.h"
#include "io/system_error.h"

namespace rookery {
namespace {

// The kernel moves at most 2 GiB per call; smaller pieces keep signals prompt.
constexpr std::size_t kPieceBytes = kWriteBytesMax;

// How much of a file is written before the device is told to begin.
constexpr off_t kWriteOutBytes = off_t{8} << 20;

StatusOr<struct stat> Describe(const Descriptor& descriptor, const std::string& path) {
  struct stat description {};
  if (fstat(descriptor.number(), &description) != 0) return SystemError(path, "stat", errno);
  if (S_ISDIR(description.st_mode)) return SystemError(path, "read", EISDIR);
  return description;
}

class PosixSequentialFile final : public SequentialFile {
 public:
  PosixSequentialFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  StatusOr<std::size_t> Read(std::span<std::byte> bytes) override {
    const std::size_t wanted = std::min(bytes.size(), kPieceBytes);
    while (true) {
      const ssize_t count = read(descriptor_.number(), bytes.data(), wanted);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return SystemError(path_, "read", errno);
    }
  }

 private:
  Descriptor descriptor_;
  std::string path_;
};

class PosixRandomAccessFile final : public RandomAccessFile {
 public:
  PosixRandomAccessFile(Descriptor descriptor, std::string path, std::uint64_t size)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), size_(size) {}

  Status ReadAt(std::uint64_t offset, std::span<std::byte> bytes) const override {
    if (offset > size_ || bytes.size() > size_ - offset) return EndsBefore(offset, bytes.size());
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t count =
          pread(descriptor_.number(), bytes.data() + done,
                std::min(bytes.size() - done, kPieceBytes), static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return SystemError(path_, StrCat("read at byte ", offset + done), errno);
      if (count == 0) return EndsBefore(offset, bytes.size());  // it was cut while open
      done += static_cast<std::size_t>(count);
    }
    return OkStatus();
  }
  std::uint64_t size() const override { return size_; }

 private:
  Status EndsBefore(std::uint64_t offset, std::size_t count) const {
    return Corrupt(path_, ": ends before the ", count, " bytes at byte ", offset, "; its size is ",
                   size_);
  }

  Descriptor descriptor_;
  std::string path_;
  std::uint64_t size_;
};

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Status Append(std::span<const std::byte> bytes) override {
    ROOKERY_RETURN_IF_ERROR(failure_);
    const int error = WriteAll(descriptor_, bytes);
    if (error != 0) return Fail("write", error);
    written_ += static_cast<off_t>(bytes.size());
    if (written_ - started_ >= kWriteOutBytes) StartWriteOut();
    return OkStatus();
  }
  Status Sync() override {
    ROOKERY_RETURN_IF_ERROR(failure_);
    // Not tried again after an error: the kernel may have dropped the pages.
    // EINVAL: a pipe or device, which keeps nothing.
    if (fdatasync(descriptor_.number()) == 0 || errno == EINVAL) return OkStatus();
    return Fail("sync", errno);
  }
  Status Close() override {
    ROOKERY_RETURN_IF_ERROR(failure_);
    const int error = descriptor_.Close();
    failure_ = SystemError(path_, "use", EBADF);  // what later calls are told
    return error == 0 ? OkStatus() : SystemError(path_, "close", error);
  }

 private:
  Status Fail(std::string_view action, int number) {
    failure_ = SystemError(path_, action, number);
    return failure_;
  }

  // The device works on a large file while its next part is made, so that Sync() has less to wait
  // for. A hint, which misses the end of a file that was not empty; errors are those of Sync().
  void StartWriteOut() {
    sync_file_range(descriptor_.number(), started_, written_ - started_, SYNC_FILE_RANGE_WRITE);
    started_ = written_;
  }

  Descriptor descriptor_;
  std::string path_;
  Status failure_;
  off_t written_ = 0;
  off_t started_ = 0;
};

}  // namespace

StatusOr<std::unique_ptr<SequentialFile>> PosixFileSystem::OpenSequential(const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, O_RDONLY, "open"));
  ROOKERY_RETURN_IF_ERROR(Describe(descriptor, path).status());
  posix_fadvise(descriptor.number(), 0, 0, POSIX_FADV_SEQUENTIAL);  // a hint; may fail on a pipe
  return std::unique_ptr<SequentialFile>(
      std::make_unique<PosixSequentialFile>(std::move(descriptor), path));
}

StatusOr<std::unique_ptr<RandomAccessFile>> PosixFileSystem::OpenRandomAccess(
    const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(Descriptor descriptor, OpenDescriptor(path, O_RDONLY, "open"));
  ROOKERY_ASSIGN_OR_RETURN(const struct stat description, Describe(descriptor, path));
  return std::unique_ptr<RandomAccessFile>(std::make_unique<PosixRandomAccessFile>(
      std::move(descriptor), path, static_cast<std::uint64_t>(description.st_size)));
}

StatusOr<std::unique_ptr<WritableFile>> PosixFileSystem::Create(const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(Descriptor descriptor,
                           OpenDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC, "create"));
  return std::unique_ptr<WritableFile>(
      std::make_unique<PosixWritableFile>(std::move(descriptor), path));
}

StatusOr<std::unique_ptr<WritableFile>> PosixFileSystem::CreateUncached(const std::string& path) {
  return CreateUncachedFile(path);
}

StatusOr<std::unique_ptr<WritableFile>> PosixFileSystem::OpenAppend(const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(Descriptor descriptor,
                           OpenDescriptor(path, O_WRONLY | O_CREAT | O_APPEND, "append to"));
  return std::unique_ptr<WritableFile>(
      std::make_unique<PosixWritableFile>(std::move(descriptor), path));
}

StatusOr<std::uint64_t> PosixFileSystem::FileSize(const std::string& path) {
  struct stat description {};
  if (stat(path.c_str(), &description) != 0) return SystemError(path, "stat", errno);
  if (S_ISDIR(description.st_mode)) return SystemError(path, "take the size", EISDIR);
  return static_cast<std::uint64_t>(description.st_size);
}

bool PosixFileSystem::Exists(const std::string& path) {
  struct stat description {};
  return stat(path.c_str(), &description) == 0;
}

StatusOr<std::vector<std::string>> PosixFileSystem::List(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  for (auto entry = std::filesystem::directory_iterator(directory, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return SystemError(directory, "list", error.value());
  std::sort(names.begin(), names.end());
  return names;
}

StatusOr<std::vector<std::string>> PosixFileSystem::Glob(const std::string& pattern) {
  return GlobFiles(*this, pattern);
}

Status PosixFileSystem::MakeDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return error ? SystemError(path, "make the directory", error.value()) : OkStatus();
}

Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) == 0) return OkStatus();
  return SystemError(from, StrCat("rename to ", to), errno);
}

Status PosixFileSystem::Remove(const std::string& path) {
  return unlink(path.c_str()) == 0 ? OkStatus() : SystemError(path, "remove", errno);
}

Status PosixFileSystem::RemoveTree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  return error ? SystemError(path, "remove the tree", error.value()) : OkStatus();
}

Status PosixFileSystem::SyncDirectory(const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(Descriptor descriptor,
                           OpenDescriptor(path, O_RDONLY | O_DIRECTORY, "open the directory"));
  // EINVAL: a file system that has no such operation and needs none.
  if (fsync(descriptor.number()) == 0 || errno == EINVAL) return OkStatus();
  return SystemError(path, "sync the directory", errno);
}

}  // namespace rookery
