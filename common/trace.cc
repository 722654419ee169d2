#include "common/trace.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <vector>

#include "common/error.h"

namespace rookery {
namespace {

// Atomic, because a thread may still end a span while the trace is written.
struct Kept {
  std::atomic<const char*> name{nullptr};
  std::atomic<std::uint64_t> begin_ns{0}, end_ns{0};
  std::atomic<bool> wait{false};
};

struct ThreadSpans {
  std::string thread;
  std::unique_ptr<Kept[]> ring = std::make_unique<Kept[]>(kTraceSpansMax);
  std::atomic<std::uint64_t> count{0};  // also of those lost
};

struct Traced {
  std::mutex mutex;
  std::vector<std::shared_ptr<ThreadSpans>> threads;  // also of those that have ended
};

Traced& AllThreads() {
  static Traced traced;
  return traced;
}

ThreadSpans& OfThisThread() {
  thread_local const std::shared_ptr<ThreadSpans> spans = [] {
    auto made = std::make_shared<ThreadSpans>();
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    made->thread = name.data();
    const std::lock_guard lock(AllThreads().mutex);
    AllThreads().threads.push_back(made);
    return made;
  }();
  return *spans;
}

// Microseconds with all digits of the nanoseconds.
std::string Micros(std::uint64_t nanoseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%llu.%03llu",
                static_cast<unsigned long long>(nanoseconds / 1000),
                static_cast<unsigned long long>(nanoseconds % 1000));
  return text.data();
}

std::string Named(const char* what, std::uint32_t process, std::size_t thread,
                  const std::string& name) {
  return StrCat(R"({"name": ")", what, R"(", "ph": "M", "pid": )", process, R"(, "tid": )", thread,
                R"(, "args": {"name": ")", name, "\"}}");
}

void AppendSpan(const Kept& span, std::uint32_t process, std::size_t thread, std::uint64_t id,
                std::string* json) {
  const std::string name = span.name.load(std::memory_order_relaxed);
  const std::uint64_t begin = span.begin_ns.load(std::memory_order_relaxed);
  const std::uint64_t end = std::max(begin, span.end_ns.load(std::memory_order_relaxed));
  const std::string head = StrCat(",\n", R"({"name": ")", name, R"(", "cat": "rookery", "pid": )",
                                  process, R"(, "tid": )", thread, R"(, "ts": )");
  if (span.wait.load(std::memory_order_relaxed)) {
    *json += StrCat(head, Micros(begin), R"(, "ph": "b", "id": )", id, "}");
    *json += StrCat(head, Micros(end), R"(, "ph": "e", "id": )", id, "}");
  } else {
    *json += StrCat(head, Micros(begin), R"(, "ph": "X", "dur": )", Micros(end - begin), "}");
  }
}

}  // namespace

namespace trace_internal {

std::uint64_t NowNs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
}

void Keep(const char* name, std::uint64_t begin_ns, bool wait) {
  ThreadSpans& spans = OfThisThread();
  const std::uint64_t index = spans.count.load(std::memory_order_relaxed);
  Kept& kept = spans.ring[index % kTraceSpansMax];
  kept.name.store(name, std::memory_order_relaxed);
  kept.begin_ns.store(begin_ns, std::memory_order_relaxed);
  kept.end_ns.store(NowNs(), std::memory_order_relaxed);
  kept.wait.store(wait, std::memory_order_relaxed);
  spans.count.store(index + 1, std::memory_order_release);
}

}  // namespace trace_internal

void StartTrace() {
  const std::lock_guard lock(AllThreads().mutex);
  for (const auto& spans : AllThreads().threads) spans->count.store(0);
  trace_internal::tracing = true;
}

std::string TraceJson(std::uint32_t process, const std::string& process_name) {
  trace_internal::tracing = false;
  const std::lock_guard lock(AllThreads().mutex);
  std::string json = "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n";
  json += Named("process_name", process, 0, process_name);
  std::uint64_t id = 0;
  for (std::size_t thread = 0; thread < AllThreads().threads.size(); ++thread) {
    const ThreadSpans& spans = *AllThreads().threads[thread];
    const std::uint64_t count = spans.count.load(std::memory_order_acquire);
    if (count == 0) continue;
    json += ",\n" + Named("thread_name", process, thread + 1, spans.thread);
    for (std::uint64_t i = count - std::min<std::uint64_t>(count, kTraceSpansMax); i < count; ++i) {
      AppendSpan(spans.ring[i % kTraceSpansMax], process, thread + 1, ++id, &json);
    }
  }
  return json + "\n]}\n";
}

}  // namespace rookery
