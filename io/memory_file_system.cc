#include "io/memory_file_system.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "io/glob.h"
#include "io/memory_node.h"

namespace rookery {
namespace {

std::vector<std::string> Components(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.emplace_back(part);
    }
  }
  return parts;
}

}  // namespace

MemoryFileSystem::MemoryFileSystem() : root_(std::make_shared<Node>()) {
  root_->is_directory = true;
}
MemoryFileSystem::~MemoryFileSystem() = default;

void MemoryFileSystem::Crash(CrashNames names) {
  const std::lock_guard lock(mutex_);
  root_->Crash(names);
  ++crashes_;
  fail_at_ = 0;
  stop_at_ = 0;
}

void MemoryFileSystem::FailAt(std::uint64_t call) {
  const std::lock_guard lock(mutex_);
  fail_at_ = calls_ + call;
}

void MemoryFileSystem::StopAt(std::uint64_t call) {
  const std::lock_guard lock(mutex_);
  stop_at_ = calls_ + call;
}

std::uint64_t MemoryFileSystem::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

Status MemoryFileSystem::BeginCall(std::string_view path, std::string_view action) {
  ++calls_;
  if (calls_ != fail_at_ && (stop_at_ == 0 || calls_ < stop_at_)) return OkStatus();
  return IoError(path, ": cannot ", action, ": the test's disk fails at call ", calls_);
}

MemoryFileSystem::NodePtr MemoryFileSystem::Find(std::string_view path) const {
  NodePtr node = root_;
  for (const std::string& part : Components(path)) {
    const auto child = node->children.find(part);
    if (child == node->children.end()) return nullptr;
    node = child->second;
  }
  return node;
}

MemoryFileSystem::Place MemoryFileSystem::Locate(std::string_view path) const {
  const std::vector<std::string> parts = Components(path);
  if (parts.empty()) return {nullptr, "", root_};
  NodePtr directory = root_;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto child = directory->children.find(parts[i]);
    if (child == directory->children.end()) return {nullptr, parts.back(), nullptr};
    directory = child->second;
  }
  const auto child = directory->children.find(parts.back());
  NodePtr node = child == directory->children.end() ? nullptr : child->second;
  return {std::move(directory), parts.back(), std::move(node)};
}

StatusOr<MemoryFileSystem::NodePtr> MemoryFileSystem::FindFile(const std::string& path,
                                                               std::string_view action) const {
  NodePtr node = Find(path);
  if (node == nullptr) return SystemError(path, action, ENOENT);
  if (node->is_directory) return SystemError(path, action, EISDIR);
  return node;
}

StatusOr<MemoryFileSystem::NodePtr> MemoryFileSystem::FindDirectory(const std::string& path,
                                                                    std::string_view action) const {
  NodePtr node = Find(path);
  if (node == nullptr) return SystemError(path, action, ENOENT);
  if (!node->is_directory) return SystemError(path, action, ENOTDIR);
  return node;
}

StatusOr<MemoryFileSystem::NodePtr> MemoryFileSystem::FindOrMakeFile(const std::string& path,
                                                                     std::string_view action) {
  Place place = Locate(path);
  if (place.node != nullptr) return FindFile(path, action);
  if (place.directory == nullptr) return SystemError(path, action, ENOENT);
  if (!place.directory->is_directory) return SystemError(path, action, ENOTDIR);
  place.node = std::make_shared<Node>();
  place.directory->children[place.name] = place.node;
  return place.node;
}

StatusOr<std::unique_ptr<SequentialFile>> MemoryFileSystem::OpenSequential(
    const std::string& path) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(path, "open"));
  ROOKERY_ASSIGN_OR_RETURN(NodePtr node, FindFile(path, "open"));
  return std::unique_ptr<SequentialFile>(std::make_unique<Reader>(this, std::move(node), path));
}

StatusOr<std::unique_ptr<RandomAccessFile>> MemoryFileSystem::OpenRandomAccess(
    const std::string& path) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(path, "open"));
  ROOKERY_ASSIGN_OR_RETURN(NodePtr node, FindFile(path, "open"));
  return std::unique_ptr<RandomAccessFile>(
      std::make_unique<RandomReader>(this, std::move(node), path));
}

StatusOr<std::unique_ptr<WritableFile>> MemoryFileSystem::Create(const std::string& path) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(path, "create"));
  ROOKERY_ASSIGN_OR_RETURN(NodePtr node, FindOrMakeFile(path, "create"));
  node->bytes.clear();
  node->truncated = true;
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(this, std::move(node), path));
}

StatusOr<std::unique_ptr<WritableFile>> MemoryFileSystem::OpenAppend(const std::string& path) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(path, "append to"));
  ROOKERY_ASSIGN_OR_RETURN(NodePtr node, FindOrMakeFile(path, "append to"));
  return std::unique_ptr<WritableFile>(std::make_unique<Writer>(this, std::move(node), path));
}

StatusOr<std::uint64_t> MemoryFileSystem::FileSize(const std::string& path) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(path, "take the size"));
  ROOKERY_ASSIGN_OR_RETURN(const NodePtr node, FindFile(path, "take the size"));
  return std::uint64_t{node->bytes.size()};
}

bool MemoryFileSystem::Exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return Find(path) != nullptr;
}

StatusOr<std::vector<std::string>> MemoryFileSystem::List(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(directory, "list"));
  ROOKERY_ASSIGN_OR_RETURN(const NodePtr node, FindDirectory(directory, "list"));
  std::vector<std::string> names;
  for (const auto& [name, child] : node->children) names.push_back(name);
  return names;
}

StatusOr<std::vector<std::string>> MemoryFileSystem::Glob(const std::string& pattern) {
  return GlobFiles(*this, pattern);
}

Status MemoryFileSystem::MakeDirectory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(path, "make the directory"));
  NodePtr node = root_;
  for (const std::string& part : Components(path)) {
    NodePtr& child = node->children[part];
    if (child == nullptr) {
      child = std::make_shared<Node>();
      child->is_directory = true;
    }
    if (!child->is_directory) return SystemError(path, "make the directory", ENOTDIR);
    node = child;
  }
  return OkStatus();
}

Status MemoryFileSystem::Rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const std::string action = StrCat("rename to ", to);
  ROOKERY_RETURN_IF_ERROR(BeginCall(from, action));
  const Place source = Locate(from);
  const Place target = Locate(to);
  if (source.node == nullptr) return SystemError(from, action, ENOENT);
  if (source.directory == nullptr) return SystemError(from, action, EBUSY);  // the root
  if (target.directory == nullptr) return SystemError(from, action, ENOENT);
  if (!target.directory->is_directory) return SystemError(from, action, ENOTDIR);
  if (source.node == target.node) return OkStatus();
  if (source.node->Holds(target.directory.get())) return SystemError(from, action, EINVAL);
  if (target.node != nullptr) {
    if (target.node->is_directory && !source.node->is_directory) {
      return SystemError(from, action, EISDIR);
    }
    if (!target.node->is_directory && source.node->is_directory) {
      return SystemError(from, action, ENOTDIR);
    }
    if (!target.node->children.empty()) return SystemError(from, action, ENOTEMPTY);
  }
  target.directory->children[target.name] = source.node;
  source.directory->children.erase(source.name);
  return OkStatus();
}

Status MemoryFileSystem::Remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(path, "remove"));
  ROOKERY_RETURN_IF_ERROR(FindFile(path, "remove").status());
  const Place place = Locate(path);
  place.directory->children.erase(place.name);
  return OkStatus();
}

Status MemoryFileSystem::RemoveTree(const std::string& path) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(path, "remove the tree"));
  const Place place = Locate(path);
  if (place.node == root_) return SystemError(path, "remove the tree", EBUSY);
  if (place.node != nullptr) place.directory->children.erase(place.name);
  return OkStatus();
}

Status MemoryFileSystem::SyncDirectory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  ROOKERY_RETURN_IF_ERROR(BeginCall(path, "sync the directory"));
  ROOKERY_ASSIGN_OR_RETURN(const NodePtr node, FindDirectory(path, "sync the directory"));
  node->durable_children = node->children;
  return OkStatus();
}

Status MemoryFileSystem::FlipBit(const std::string& path, std::uint64_t bit) {
  const std::lock_guard lock(mutex_);
  ROOKERY_ASSIGN_OR_RETURN(const NodePtr node, FindFile(path, "flip a bit"));
  const std::uint64_t byte = bit / 8;
  if (byte >= node->bytes.size()) return SystemError(path, StrCat("flip bit ", bit), ERANGE);
  const auto mask = static_cast<char>(1U << (bit % 8));
  node->bytes[byte] = static_cast<char>(node->bytes[byte] ^ mask);
  if (byte < node->durable_bytes.size() && !node->truncated) {
    node->durable_bytes[byte] = node->bytes[byte];
  }
  return OkStatus();
}

}  // namespace rookery
