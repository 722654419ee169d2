#include "io/read_ahead.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "common/check.h"
#include "common/trace.h"

namespace rookery {
namespace {

class ReadAheadFile final : public SequentialFile {
 public:
  ReadAheadFile(std::unique_ptr<SequentialFile> file, const ReadAheadOptions& options)
      : options_(options), file_(std::move(file)), ring_(options.buffers) {
    ROOKERY_CHECK(options.buffers > 0 && options.buffer_bytes > 0);
  }
  ReadAheadFile(const ReadAheadFile&) = delete;
  ReadAheadFile& operator=(const ReadAheadFile&) = delete;
  ~ReadAheadFile() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  StatusOr<std::size_t> Read(std::span<std::byte> bytes) override {
    if (!thread_.joinable()) {
      if (inline_bytes_ < options_.inline_bytes) return ReadInline(bytes);
      thread_ = std::thread([this] { FillBuffers(); });
    }
    if (bytes.empty()) return std::size_t{0};
    Buffer& buffer = ring_[taken_ % ring_.size()];
    if (!WaitForFilled()) return end_;
    const std::size_t count = std::min(bytes.size(), buffer.filled - position_);
    std::memcpy(bytes.data(), buffer.bytes.data() + position_, count);
    position_ += count;
    if (position_ == buffer.filled) GiveBack();
    return count;
  }

 private:
  struct Buffer {
    std::vector<std::byte> bytes;
    std::size_t filled = 0;
  };

  StatusOr<std::size_t> ReadInline(std::span<std::byte> bytes) {
    StatusOr<std::size_t> count = file_->Read(bytes);
    if (count.ok()) inline_bytes_ += *count;
    return count;
  }

  // False when no bytes will follow.
  bool WaitForFilled() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return filled_ > taken_ || ended_; });
    return filled_ > taken_;
  }
  void GiveBack() {
    position_ = 0;
    {
      const std::lock_guard lock(mutex_);
      ++taken_;
    }
    changed_.notify_all();
  }

  // The thread: until the end of the file, an error, or the destructor.
  void FillBuffers() {
    StatusOr<std::size_t> count = std::size_t{0};
    while (Buffer* const buffer = WaitForEmpty()) {
      const TraceSpan span("read ahead");
      buffer->bytes.resize(options_.buffer_bytes);
      count = Fill(buffer);
      const std::lock_guard lock(mutex_);
      if (buffer->filled > 0) ++filled_;
      ended_ = !count.ok() || *count == 0;
      if (ended_) end_ = std::move(count);
      changed_.notify_all();
    }
  }
  // Null when there is nothing more to do.
  Buffer* WaitForEmpty() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return filled_ - taken_ < ring_.size() || ended_ || stopping_; });
    return ended_ || stopping_ ? nullptr : &ring_[filled_ % ring_.size()];
  }
  // A whole buffer unless the file ends: few turns of the lock. What the last read said.
  StatusOr<std::size_t> Fill(Buffer* buffer) {
    buffer->filled = 0;
    StatusOr<std::size_t> count = std::size_t{0};
    do {
      count = file_->Read(std::span(buffer->bytes).subspan(buffer->filled));
      if (count.ok()) buffer->filled += *count;
    } while (count.ok() && *count > 0 && buffer->filled < buffer->bytes.size());
    return count;
  }

  const ReadAheadOptions options_;
  std::thread thread_;

  // The caller's before thread_ starts, then the thread's.
  const std::unique_ptr<SequentialFile> file_;

  // The caller's.
  std::size_t inline_bytes_ = 0;
  std::size_t position_ = 0;  // in the buffer taken_

  // Guarded by mutex_; the buffers [taken_, filled_) are the caller's, the next is the thread's.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Buffer> ring_;
  std::size_t filled_ = 0;
  std::size_t taken_ = 0;
  bool ended_ = false;
  bool stopping_ = false;
  StatusOr<std::size_t> end_ = std::size_t{0};  // what follows the last buffer
};

}  // namespace

std::unique_ptr<SequentialFile> ReadAhead(std::unique_ptr<SequentialFile> file,
                                          const ReadAheadOptions& options) {
  return std::make_unique<ReadAheadFile>(std::move(file), options);
}

}  // namespace rookery
