// GrowBuffer: aligned numbers that grow on first use and are reused afterwards, so that the steady
// state allocates nothing. Contents are undefined after Grow. One thread at a time.
#pragma once

#include <cstddef>

#include "common/buffer.h"

namespace rookery {

template <class Number>
class GrowBuffer {
 public:
  // Room for at least `count` numbers.
  Number* Grow(std::size_t count) {
    if (count * sizeof(Number) > buffer_.size()) buffer_ = Buffer(count * sizeof(Number));
    return data();
  }
  [[nodiscard]] Number* data() { return reinterpret_cast<Number*>(buffer_.body().data()); }
  [[nodiscard]] const Number* data() const {
    return reinterpret_cast<const Number*>(buffer_.body().data());
  }

 private:
  Buffer buffer_;
};

using FloatBuffer = GrowBuffer<float>;

}  // namespace rookery
