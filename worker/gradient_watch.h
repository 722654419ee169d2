// GradientWatch: says what is behind the rows' gradients that the servers are going to refuse:
// table, key, features, and where in the input. The first few of a job; the servers count all. Of
// examples that are left out because their gradient is not finite it says where they are, and
// counts.
//
// Owner    the worker's node. Threads: its executor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "worker/step_compute.h"
#include "worker/worker_progress.h"

namespace rookery {

class GradientWatch {
 public:
  // `features`: names, in schema order. `model` and `progress` outlive this.
  GradientWatch(const Model* model, std::vector<std::string> features, WorkerProgress* progress);

  // Whether a gradient of the slice is not finite, or too large once it is a mean.
  [[nodiscard]] static bool Suspects(const PreparedSlice& slice, const SliceBuffers& buffers);
  // Warns of some keys of the slice. REQUIRES: Suspects(slice, buffers). `where`: "FILE, chunks 3
  // to 6".
  void Warn(const PreparedSlice& slice, const SliceBuffers& buffers, std::uint64_t step,
            const std::string& where);
  // Counts and warns of examples that a clipper left out.
  void LeftOut(std::size_t examples, std::uint64_t step, const std::string& where);

 private:
  static constexpr std::size_t kPerSlice = 3;
  static constexpr std::size_t kPerJob = 30;

  [[nodiscard]] std::string FeaturesOf(const PreparedSlice& slice, std::size_t table,
                                       std::size_t row) const;

  const Model& model_;
  const std::vector<std::string> features_;
  WorkerProgress& progress_;
  std::size_t warned_ = 0;
};

}  // namespace rookery
