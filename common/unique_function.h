// UniqueFunction<R(A...)>: std::function for callables that can only be moved
// (std::move_only_function is C++23). The callable lies in a block of common/block_pool.h. Calling
// an empty one is a bug.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "common/block_pool.h"

namespace rookery {

template <class Signature>
class UniqueFunction;

template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, UniqueFunction>)
      UniqueFunction(F&& callable)  // NOLINT: implicit on purpose
      : target_(std::make_unique<Target<std::decay_t<F>>>(std::forward<F>(callable))) {}

  R operator()(Args... args) { return target_->Call(std::forward<Args>(args)...); }
  explicit operator bool() const { return target_ != nullptr; }

 private:
  struct Base : Pooled {
    virtual ~Base() = default;
    virtual R Call(Args&&... args) = 0;
  };
  template <class F>
  struct Target final : Base {
    explicit Target(F&& callable) : callable_(std::move(callable)) {}
    explicit Target(const F& callable) : callable_(callable) {}
    R Call(Args&&... args) override { return callable_(std::forward<Args>(args)...); }
    F callable_;
  };

  std::unique_ptr<Base> target_;
};

}  // namespace rookery
