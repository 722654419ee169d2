// Private to memory_file_system.cc: its tree of nodes and the three kinds of open file.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "io/memory_file_system.h"
#include "io/system_error.h"

namespace rookery {

struct MemoryFileSystem::Node {
  bool is_directory = false;
  // A file: what readers see, and what a crash leaves. A truncation is not durable before Sync.
  std::string bytes;
  std::string durable_bytes;
  bool truncated = false;  // durable_bytes is no longer a prefix of bytes
  // A directory.
  std::map<std::string, NodePtr> children;
  std::map<std::string, NodePtr> durable_children;

  void Sync() {
    if (std::exchange(truncated, false)) durable_bytes.clear();
    durable_bytes.append(bytes, durable_bytes.size());
  }
  void Crash(CrashNames names) {
    bytes = durable_bytes;
    truncated = false;
    if (names == CrashNames::kOnlySynced) children = durable_children;
    durable_children = children;
    for (auto& [name, child] : children) child->Crash(names);
  }
  [[nodiscard]] bool Holds(const Node* other) const {
    return this == other || std::any_of(children.begin(), children.end(), [&](const auto& child) {
             return child.second->Holds(other);
           });
  }
};

// What the three kinds of open file share.
class MemoryFileSystem::OpenFile {
 public:
  OpenFile(MemoryFileSystem* files, NodePtr node, std::string path)
      : files_(files), node_(std::move(node)), path_(std::move(path)), crashes_(files->crashes_) {}

 protected:
  [[nodiscard]] std::unique_lock<std::mutex> Lock() const {
    return std::unique_lock(files_->mutex_);
  }
  Status Begin(std::string_view action) const {
    ROOKERY_RETURN_IF_ERROR(files_->BeginCall(path_, action));
    return crashes_ == files_->crashes_ ? OkStatus() : SystemError(path_, action, EBADF);
  }

  MemoryFileSystem* const files_;  // outlives this
  const NodePtr node_;
  const std::string path_;
  const std::uint64_t crashes_;  // of files_ when this was opened
};

class MemoryFileSystem::Reader final : public SequentialFile, private OpenFile {
 public:
  using OpenFile::OpenFile;
  StatusOr<std::size_t> Read(std::span<std::byte> bytes) override {
    const auto lock = Lock();
    ROOKERY_RETURN_IF_ERROR(Begin("read"));
    position_ = std::min(position_, node_->bytes.size());
    const std::size_t count = std::min(bytes.size(), node_->bytes.size() - position_);
    if (count > 0) std::memcpy(bytes.data(), node_->bytes.data() + position_, count);
    position_ += count;
    return count;
  }

 private:
  std::size_t position_ = 0;
};

class MemoryFileSystem::RandomReader final : public RandomAccessFile, private OpenFile {
 public:
  RandomReader(MemoryFileSystem* files, NodePtr node, std::string path)
      : OpenFile(files, std::move(node), std::move(path)), size_(node_->bytes.size()) {}
  Status ReadAt(std::uint64_t offset, std::span<std::byte> bytes) const override {
    const auto lock = Lock();
    ROOKERY_RETURN_IF_ERROR(Begin(StrCat("read at byte ", offset)));
    const std::size_t size = node_->bytes.size();
    if (offset > size || bytes.size() > size - offset) {
      return Corrupt(path_, ": ends before the ", bytes.size(), " bytes at byte ", offset,
                     "; its size is ", size);
    }
    if (!bytes.empty()) std::memcpy(bytes.data(), node_->bytes.data() + offset, bytes.size());
    return OkStatus();
  }
  std::uint64_t size() const override { return size_; }

 private:
  std::uint64_t size_;
};

class MemoryFileSystem::Writer final : public WritableFile, private OpenFile {
 public:
  using OpenFile::OpenFile;
  Status Append(std::span<const std::byte> bytes) override {
    const auto lock = Lock();
    ROOKERY_RETURN_IF_ERROR(failure_);
    failure_ = BeginOpen("write");
    const std::size_t count = failure_.ok() ? bytes.size() : bytes.size() / 2;
    if (crashes_ == files_->crashes_ && !closed_) {
      node_->bytes.append(reinterpret_cast<const char*>(bytes.data()), count);
    }
    return failure_;
  }
  Status Sync() override {
    const auto lock = Lock();
    ROOKERY_RETURN_IF_ERROR(failure_);
    failure_ = BeginOpen("sync");
    if (failure_.ok()) node_->Sync();
    return failure_;
  }
  Status Close() override {
    const auto lock = Lock();
    ROOKERY_RETURN_IF_ERROR(failure_);
    ROOKERY_RETURN_IF_ERROR(BeginOpen("close"));
    closed_ = true;
    return OkStatus();
  }

 private:
  Status BeginOpen(std::string_view action) const {
    ROOKERY_RETURN_IF_ERROR(Begin(action));
    return closed_ ? SystemError(path_, action, EBADF) : OkStatus();
  }

  Status failure_;  // sticky, as in io/posix_file_system.h
  bool closed_ = false;
};

}  // namespace rookery
