// FloatBuffer: aligned floats that grow on first use and are reused afterwards, so that the steady
// state allocates nothing. Contents are undefined after Grow. One thread at a time.
#pragma once

#include <cstddef>

#include "common/buffer.h"

namespace rookery {

class FloatBuffer {
 public:
  // Room for at least `count` floats.
  float* Grow(std::size_t count) {
    if (count * sizeof(float) > buffer_.size()) buffer_ = Buffer(count * sizeof(float));
    return data();
  }
  [[nodiscard]] float* data() { return reinterpret_cast<float*>(buffer_.body().data()); }
  [[nodiscard]] const float* data() const {
    return reinterpret_cast<const float*>(buffer_.body().data());
  }

 private:
  Buffer buffer_;
};

}  // namespace rookery
