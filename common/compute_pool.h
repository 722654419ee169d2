// ComputePool: runs the equal parts of one computation on several cores. The result must not depend
// on the number of threads: parts write to places of their own and are joined in part order.
//
// Owner    one per worker or server; made by the composition root.
// Threads  Run() is called by one thread at a time, takes part in the work and returns when all
//          parts are done. A pool of 1 thread runs everything inline.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace rookery {

class ComputePool {
 public:
  explicit ComputePool(std::size_t threads);
  ~ComputePool();
  ComputePool(const ComputePool&) = delete;
  ComputePool& operator=(const ComputePool&) = delete;

  [[nodiscard]] std::size_t threads() const { return helpers_.size() + 1; }
  // Calls function(part, thread) once for each part in [0, parts); thread in [0, threads()).
  template <class F>
  void Run(std::size_t parts, const F& function) {
    RunParts(parts, {&function, [](const void* f, std::size_t part, std::size_t thread) {
                       (*static_cast<const F*>(f))(part, thread);
                     }});
  }

 private:
  // The caller's function, which lives until all parts are done; nothing is copied or allocated.
  struct Function {
    const void* object = nullptr;
    void (*call)(const void* object, std::size_t part, std::size_t thread) = nullptr;
    void operator()(std::size_t part, std::size_t thread) const { call(object, part, thread); }
  };
  void RunParts(std::size_t parts, Function function);
  void HelperLoop(std::size_t thread);
  void TakeParts(std::size_t thread);

  std::vector<std::thread> helpers_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable work_ready_;
  std::condition_variable work_done_;
  const Function* function_ = nullptr;
  std::size_t parts_ = 0;
  std::size_t next_part_ = 0;
  std::size_t parts_done_ = 0;
  std::uint64_t generation_ = 0;
  bool stopping_ = false;
};

}  // namespace rookery
