#include "tests/sim/sim_disk.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "protocol/checkpoint_manifest.h"

namespace rookery::sim {
namespace {

constexpr const char* kCheckpoints = "run/checkpoints";

std::string NameOf(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace

void SimDisk::Begin(const DiskFaults& faults) {
  faults_ = faults;
  calls_ = 0;
  renamed_ = false;
  current_renamed_ = false;
}

bool SimDisk::writing_checkpoint() {
  const StatusOr<std::vector<std::string>> names = files_.List(kCheckpoints);
  return names.ok() && std::ranges::any_of(*names, [](const std::string& name) {
           return name.ends_with(".tmp") && name.starts_with("0");
         });
}

void SimDisk::NoteRename(const std::string& from, const std::string& to) {
  if (from.ends_with(".tmp") && DirectoryOf(to) == kCheckpoints && !to.ends_with(kCurrentName)) {
    renamed_ = true;
    named_ = NameOf(to);
  }
  if (to == JoinPath(kCheckpoints, kCurrentName)) {
    renamed_ = false;
    current_renamed_ = true;
  }
}

void SimDisk::NoteSync(const std::string& directory) {
  if (directory == kCheckpoints && std::exchange(current_renamed_, false)) published_ = named_;
}

class SimReader final : public SequentialFile {
 public:
  SimReader(SimFiles* files, std::string path, std::unique_ptr<SequentialFile> file)
      : files_(files), path_(std::move(path)), file_(std::move(file)) {}
  StatusOr<std::size_t> Read(std::span<std::byte> bytes) override {
    std::size_t count = 0;
    ROOKERY_RETURN_IF_ERROR(files_->Call(SimFiles::Effect::kReads, "read", path_, [&] {
      StatusOr<std::size_t> read = file_->Read(bytes);
      if (read.ok()) count = *read;
      return read.status();
    }));
    return count;
  }

 private:
  SimFiles* const files_;
  const std::string path_;
  const std::unique_ptr<SequentialFile> file_;
};

class SimWritable final : public WritableFile {
 public:
  SimWritable(SimFiles* files, std::string path, std::unique_ptr<WritableFile> file)
      : files_(files), path_(std::move(path)), file_(std::move(file)) {}
  Status Append(std::span<const std::byte> bytes) override {
    return Sticky(files_->Call(
        SimFiles::Effect::kWrites, "write", path_, [&] { return file_->Append(bytes); },
        [&] { (void)file_->Append(bytes.first(bytes.size() / 2)); }));
  }
  Status Sync() override {
    if (files_->disk_->faults_.ignore_sync) return OkStatus();
    return Sticky(
        files_->Call(SimFiles::Effect::kWrites, "sync", path_, [&] { return file_->Sync(); }));
  }
  Status Close() override {
    return files_->Call(SimFiles::Effect::kNames, "close", path_, [&] { return file_->Close(); });
  }

 private:
  Status Sticky(Status status) {
    if (failure_.ok()) failure_ = std::move(status);
    return failure_;
  }

  SimFiles* const files_;
  const std::string path_;
  const std::unique_ptr<WritableFile> file_;
  Status failure_;
};

void SimFiles::Die() {
  dead_ = true;
  if (die_) die_();
}

Status SimFiles::Call(Effect effect, std::string_view action, const std::string& path,
                      const std::function<Status()>& run, const std::function<void()>& half) {
  const auto fail = [&](std::string_view why) {
    return IoError(path, ": cannot ", action, ": ", why);
  };
  if (dead_) return fail("the process is dead");
  const std::uint64_t call = ++disk_->calls_;
  const DiskFaults& faults = disk_->faults_;
  SimWorld& world = *disk_->world_;
  if (effect != Effect::kReads) world.Note(StrCat(rank_, "  disk ", call, ": ", action, " ", path));
  if (call == faults.die_at_call && !faults.die_after) {
    if (half) half();
    Die();
    return fail("the process is dead");
  }
  if (call == faults.fail_call) {
    const bool short_write = effect == Effect::kWrites && half && faults.short_write;
    world.coverage.Hit(short_write ? Point::kShortWrite : Point::kDiskCallFailed);
    world.Note(StrCat(rank_, "  disk ", call, " fails"));
    if (half && faults.short_write) half();
    return fail("the simulated disk fails");
  }
  if (effect == Effect::kWrites && faults.full_from != 0 && call >= faults.full_from) {
    if (disk_->writing_checkpoint()) world.coverage.Hit(Point::kDiskFull);
    world.Note(StrCat(rank_, "  disk is full"));
    if (half) half();
    return fail("no space left on device");
  }
  Status status = run();
  const bool dies_now = faults.die_before_current && disk_->renamed_;
  if (call == faults.die_at_call || dies_now) Die();
  return status;
}

StatusOr<std::unique_ptr<SequentialFile>> SimFiles::OpenSequential(const std::string& path) {
  std::unique_ptr<SequentialFile> file;
  ROOKERY_RETURN_IF_ERROR(Call(Effect::kReads, "open", path, [&] {
    auto opened = disk_->files_.OpenSequential(path);
    if (opened.ok()) file = std::move(*opened);
    return opened.status();
  }));
  return std::unique_ptr<SequentialFile>(std::make_unique<SimReader>(this, path, std::move(file)));
}

StatusOr<std::unique_ptr<RandomAccessFile>> SimFiles::OpenRandomAccess(const std::string& path) {
  std::unique_ptr<RandomAccessFile> file;
  ROOKERY_RETURN_IF_ERROR(Call(Effect::kReads, "open", path, [&] {
    auto opened = disk_->files_.OpenRandomAccess(path);
    if (opened.ok()) file = std::move(*opened);
    return opened.status();
  }));
  return file;
}

StatusOr<std::unique_ptr<WritableFile>> SimFiles::Create(const std::string& path) {
  std::unique_ptr<WritableFile> file;
  ROOKERY_RETURN_IF_ERROR(Call(Effect::kNames, "create", path, [&] {
    auto made = disk_->files_.Create(path);
    if (made.ok()) file = std::move(*made);
    return made.status();
  }));
  return std::unique_ptr<WritableFile>(std::make_unique<SimWritable>(this, path, std::move(file)));
}

StatusOr<std::unique_ptr<WritableFile>> SimFiles::OpenAppend(const std::string& path) {
  std::unique_ptr<WritableFile> file;
  ROOKERY_RETURN_IF_ERROR(Call(Effect::kNames, "append to", path, [&] {
    auto made = disk_->files_.OpenAppend(path);
    if (made.ok()) file = std::move(*made);
    return made.status();
  }));
  return std::unique_ptr<WritableFile>(std::make_unique<SimWritable>(this, path, std::move(file)));
}

StatusOr<std::uint64_t> SimFiles::FileSize(const std::string& path) {
  std::uint64_t size = 0;
  ROOKERY_RETURN_IF_ERROR(Call(Effect::kReads, "take the size of", path, [&] {
    StatusOr<std::uint64_t> found = disk_->files_.FileSize(path);
    if (found.ok()) size = *found;
    return found.status();
  }));
  return size;
}

StatusOr<std::vector<std::string>> SimFiles::List(const std::string& directory) {
  std::vector<std::string> names;
  ROOKERY_RETURN_IF_ERROR(Call(Effect::kReads, "list", directory, [&] {
    auto found = disk_->files_.List(directory);
    if (found.ok()) names = std::move(*found);
    return found.status();
  }));
  return names;
}

StatusOr<std::vector<std::string>> SimFiles::Glob(const std::string& pattern) {
  return disk_->files_.Glob(pattern);
}

Status SimFiles::MakeDirectory(const std::string& path) {
  return Call(Effect::kNames, "make the directory", path, [&] {
    if (path.ends_with(".tmp") && disk_->begun_) disk_->begun_();
    return disk_->files_.MakeDirectory(path);
  });
}

Status SimFiles::Rename(const std::string& from, const std::string& to) {
  return Call(Effect::kNames, "rename", from, [&] {
    Status status = disk_->files_.Rename(from, to);
    if (status.ok()) disk_->NoteRename(from, to);
    return status;
  });
}

Status SimFiles::Remove(const std::string& path) {
  return Call(Effect::kNames, "remove", path, [&] { return disk_->files_.Remove(path); });
}

// A tree goes file by file: half of it may be left.
void SimFiles::RemoveSome(const std::string& path) {
  const StatusOr<std::vector<std::string>> names = disk_->files_.List(path);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    if (disk_->world_->OneIn(2)) (void)disk_->files_.Remove(JoinPath(path, name));
  }
}

Status SimFiles::RemoveTree(const std::string& path) {
  return Call(
      Effect::kNames, "remove the tree", path, [&] { return disk_->files_.RemoveTree(path); },
      [&] { RemoveSome(path); });
}

Status SimFiles::SyncDirectory(const std::string& path) {
  return Call(Effect::kNames, "sync the directory", path, [&] {
    Status status = disk_->files_.SyncDirectory(path);
    if (status.ok()) disk_->NoteSync(path);
    return status;
  });
}

}  // namespace rookery::sim
