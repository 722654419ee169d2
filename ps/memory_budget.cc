#include "ps/memory_budget.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/error.h"

namespace rookery {

MemoryBudget::MemoryBudget(MemoryLimit limit, ProcessBytes process_bytes)
    : limit_(limit), process_bytes_(std::move(process_bytes)) {
  if (process_bytes_) base_ = process_bytes_();
}

bool MemoryBudget::MayTake(std::uint64_t bytes) {
  if (stopped_) return false;
  if (limit_.bytes == 0) return true;
  const double soft = static_cast<double>(limit_.bytes) * limit_.soft;
  if (static_cast<double>(counted_ + other_ + bytes) <= soft) return true;
  stopped_ = true;
  must_end_ = must_end_ || counted_ + other_ + bytes > limit_.bytes;
  return false;
}

bool MemoryBudget::MayLoad(std::uint64_t bytes) const {
  return limit_.bytes == 0 || this->bytes() + bytes <= limit_.bytes;
}

bool MemoryBudget::MayKeep(std::uint64_t bytes) const {
  if (limit_.bytes == 0 || bytes == 0) return true;
  constexpr double kShare = 0.75;  // the rest is for messages
  const auto limit = static_cast<double>(limit_.bytes);
  const double taken = std::max(limit * limit_.soft, static_cast<double>(counted_ + other_));
  return static_cast<double>(kept_ + bytes) <= (limit - taken) * kShare;
}

void MemoryBudget::Count(std::uint64_t before, std::uint64_t after) {
  counted_ = counted_ - before + after;
  Check();
}

void MemoryBudget::CountKept(std::uint64_t before, std::uint64_t after) {
  kept_ = kept_ - before + after;
  Check();
}

void MemoryBudget::Observe() {
  if (!process_bytes_) return;
  const std::uint64_t known = base_ + counted_ + kept_;
  const std::uint64_t now = process_bytes_();
  other_ = now > known ? now - known : 0;
  Check();
}

void MemoryBudget::Check() {
  bytes_max_ = std::max(bytes_max_, bytes());
  if (limit_.bytes == 0 || bytes() <= limit_.bytes) return;
  stopped_ = true;
  must_end_ = true;
}

void MemoryBudget::OnRefused() {
  stopped_ = true;
  must_end_ = true;
  system_refused_ = true;
}

std::string MemoryBudget::Describe() const {
  const auto megabytes = [](double bytes) { return std::lround(bytes / 1e6); };
  const auto taken = megabytes(static_cast<double>(bytes()));
  if (system_refused_) return StrCat("the system gives no more memory after ", taken, " MB");
  const auto limit = static_cast<double>(limit_.bytes);
  return StrCat("cluster.memory_limit: ", taken, " MB of ", megabytes(limit),
                " MB are taken (rows may take ", megabytes(limit * limit_.soft), " MB)");
}

void MemoryBudget::Reset() {
  stopped_ = false;
  must_end_ = false;
  system_refused_ = false;
  Observe();
}

}  // namespace rookery
