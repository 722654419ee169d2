#include "common/compute_pool.h"

namespace rookery {

ComputePool::ComputePool(std::size_t threads) {
  for (std::size_t thread = 1; thread < threads; ++thread) {
    helpers_.emplace_back([this, thread] { HelperLoop(thread); });
  }
}

ComputePool::~ComputePool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_ready_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void ComputePool::RunParts(std::size_t parts, Function function) {
  if (helpers_.empty() || parts <= 1) {
    for (std::size_t part = 0; part < parts; ++part) function(part, 0);
    return;
  }
  {
    std::lock_guard lock(mutex_);
    function_ = &function;
    parts_ = parts;
    next_part_ = 0;
    parts_done_ = 0;
    ++generation_;
  }
  work_ready_.notify_all();
  TakeParts(0);
  std::unique_lock lock(mutex_);
  work_done_.wait(lock, [this] { return parts_done_ == parts_; });
  function_ = nullptr;
}

void ComputePool::TakeParts(std::size_t thread) {
  while (true) {
    const Function* function = nullptr;
    std::size_t part = 0;
    {
      std::lock_guard lock(mutex_);
      if (function_ == nullptr || next_part_ == parts_) return;
      part = next_part_++;
      function = function_;
    }
    (*function)(part, thread);
    std::lock_guard lock(mutex_);
    if (++parts_done_ == parts_) work_done_.notify_all();
  }
}

void ComputePool::HelperLoop(std::size_t thread) {
  std::uint64_t seen = 0;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      work_ready_.wait(lock, [&] { return stopping_ || generation_ != seen; });
      if (stopping_) return;
      seen = generation_;
    }
    TakeParts(thread);
  }
}

}  // namespace rookery
