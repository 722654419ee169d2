// Trace: spans of time by thread, for `rookery train --profile`. The text is Chrome's trace event
// format, which Perfetto and chrome://tracing open.
//
//   { const TraceSpan span("plan"); ... }
//
// The one thing here that belongs to the whole process, like its log: a span costs one relaxed load
// while nobody traces. Each thread keeps its last kTraceSpansMax spans, oldest lost first.
//
// Owner    spans belong to their scope; what is kept, to the process. Names are string literals.
// Threads  StartTrace and TraceJson: one thread, when no other is inside a span that it wants to
//          see whole; all else from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace rookery {

inline constexpr std::size_t kTraceSpansMax = std::size_t{1} << 16U;  // of each thread

// From now on spans are kept; those of an earlier trace are forgotten.
void StartTrace();
// Ends the trace. `process` (a rank) and its name are what viewers group threads by; times are
// those of the host's steady clock, so the traces of its ranks fit together.
[[nodiscard]] std::string TraceJson(std::uint32_t process, const std::string& process_name);

namespace trace_internal {
inline std::atomic<bool> tracing{false};
[[nodiscard]] std::uint64_t NowNs();
void Keep(const char* name, std::uint64_t begin_ns, bool wait);
}  // namespace trace_internal

// What a thread does between making and end; spans of a thread lie inside one another.
class TraceSpan {
 public:
  explicit TraceSpan(const char* name) : name_(name) {
    if (trace_internal::tracing.load(std::memory_order_relaxed))
      begin_ns_ = trace_internal::NowNs();
  }
  ~TraceSpan() { End(); }
  TraceSpan(const TraceSpan&) = delete;
  TraceSpan& operator=(const TraceSpan&) = delete;

  // Ends this span and begins the next.
  void Next(const char* name) {
    if (begin_ns_ == 0) return;
    End();
    name_ = name;
    begin_ns_ = trace_internal::NowNs();
  }

 private:
  void End() const {
    if (begin_ns_ != 0) trace_internal::Keep(name_, begin_ns_, false);
  }

  const char* name_;
  std::uint64_t begin_ns_ = 0;
};

// What a coroutine waits for: it may overlap anything and end on another thread.
class TraceWait {
 public:
  explicit TraceWait(const char* name) : name_(name) {
    if (trace_internal::tracing.load(std::memory_order_relaxed))
      begin_ns_ = trace_internal::NowNs();
  }
  ~TraceWait() {
    if (begin_ns_ != 0) trace_internal::Keep(name_, begin_ns_, true);
  }
  TraceWait(const TraceWait&) = delete;
  TraceWait& operator=(const TraceWait&) = delete;

 private:
  const char* name_;
  std::uint64_t begin_ns_ = 0;
};

}  // namespace rookery
