// Task<T>: a coroutine that starts when awaited; the control flow of every role.
//
// Owner    a Task owns its coroutine frame until it is awaited or spawned.
// Threads  one coroutine and all it awaits live on one Executor; nothing here locks.
// Errors   T is usually Status or StatusOr<U>. An exception that leaves a coroutine ends the
// process.
//
// Spawn(task) runs a Task<void> to its first suspension and lets it own itself.
// Promise<T>/Future<T>: a value that arrives later. Set() resumes the waiter in a task of its own
// on the executor, so a waiter never runs inside the code that set the value.
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "common/block_pool.h"
#include "common/check.h"
#include "common/executor.h"

namespace rookery {

template <class T>
class Task;

namespace task_internal {

struct PromiseBase : Pooled {
  std::coroutine_handle<> waiter = std::noop_coroutine();

  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) const noexcept {
      return self.promise().waiter;
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct TaskPromise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
};

template <>
struct TaskPromise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
};

}  // namespace task_internal

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = task_internal::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().waiter = waiter;
    return handle_;
  }
  T await_resume() {
    if constexpr (!std::is_void_v<T>) return std::move(*handle_.promise().value);
  }

 private:
  Handle handle_;
};

template <class T>
Task<T> task_internal::TaskPromise<T>::get_return_object() {
  return Task<T>(Task<T>::Handle::from_promise(*this));
}
inline Task<void> task_internal::TaskPromise<void>::get_return_object() {
  return Task<void>(Task<void>::Handle::from_promise(*this));
}

namespace task_internal {

struct Detached {
  struct promise_type : Pooled {
    Detached get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

inline Detached RunDetached(Task<void> task) {
  co_await task;
}

template <class T>
struct FutureState {
  explicit FutureState(Executor* home) : executor(home) {}
  Executor* executor;
  std::optional<T> value;
  std::coroutine_handle<> waiter;
};

}  // namespace task_internal

inline void Spawn(Task<void> task) {
  task_internal::RunDetached(std::move(task));
}

// One waiter at most; awaited at most once.
template <class T>
class [[nodiscard]] Future {
 public:
  using State = task_internal::FutureState<T>;
  explicit Future(std::shared_ptr<State> state) : state_(std::move(state)) {}

  [[nodiscard]] bool await_ready() const noexcept { return state_->value.has_value(); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { state_->waiter = waiter; }
  T await_resume() { return std::move(*state_->value); }

 private:
  std::shared_ptr<State> state_;
};

// Copies share one value. Set() is called at most once, on the executor.
template <class T>
class Promise {
 public:
  explicit Promise(Executor* executor)
      : state_(MakePooled<task_internal::FutureState<T>>(executor)) {}

  [[nodiscard]] Future<T> future() const { return Future<T>(state_); }
  [[nodiscard]] bool done() const { return state_->value.has_value(); }
  void Set(T value) const {
    ROOKERY_CHECK(!done());
    state_->value.emplace(std::move(value));
    if (!state_->waiter) return;
    state_->executor->Post([state = state_] { state->waiter.resume(); });
  }

 private:
  std::shared_ptr<task_internal::FutureState<T>> state_;
};

// co_await Delay(executor, duration): resumes on `executor` not before `duration` has passed.
inline auto Delay(Executor* executor, Duration duration) {
  struct Awaiter {
    Executor* executor;
    Duration duration;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) const {
      executor->PostAt(executor->Now() + duration, [waiter] { waiter.resume(); });
    }
    void await_resume() const noexcept {}
  };
  return Awaiter{executor, duration};
}

// co_await RunOn(work, home, function): runs `function` on executor `work`, resumes on `home` with
// its result. For what blocks or computes long; `home` stays free meanwhile.
template <class F>
auto RunOn(Executor* work, Executor* home, F function) {
  using T = std::invoke_result_t<F>;
  struct Awaiter {
    Executor* work;
    Executor* home;
    F function;
    std::optional<T> result{};
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      work->Post([this, waiter] {
        result.emplace(function());
        home->Post([waiter] { waiter.resume(); });
      });
    }
    T await_resume() { return std::move(*result); }
  };
  return Awaiter{work, home, std::move(function)};
}

}  // namespace rookery
