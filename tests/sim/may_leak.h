// MayLeak: while it lives, what is allocated may be left behind. For roles that are destroyed where
// they stand, as when a process ends: their suspended coroutines have no owner any more. All other
// runs give everything back, and the leak sanitizer watches that.
// Owner: the scope. Threads: one.
#pragma once

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace rookery::sim {

class MayLeak {
 public:
  explicit MayLeak([[maybe_unused]] bool may) {
#ifdef __SANITIZE_ADDRESS__
    may_ = may;
    if (may_) __lsan_disable();
#endif
  }
  ~MayLeak() {
#ifdef __SANITIZE_ADDRESS__
    if (may_) __lsan_enable();
#endif
  }
  MayLeak(const MayLeak&) = delete;
  MayLeak& operator=(const MayLeak&) = delete;

 private:
#ifdef __SANITIZE_ADDRESS__
  bool may_ = false;
#endif
};

}  // namespace rookery::sim
