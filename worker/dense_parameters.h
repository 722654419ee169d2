// DenseParameters: the dense parameters as one worker sees them, in either placement.
//
//   allreduce  the worker holds all of them with updater state and applies the summed gradient, as
//              every other worker does with the same bits
//   server     the worker holds a copy that each pull refreshes
//
// Owner: the worker's node. Threads: its executor, while nothing else runs on the pool.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/compute_pool.h"
#include "common/error.h"
#include "ps/dense_table.h"
#include "ps/gradient_noise.h"

namespace rookery {

class DenseParameters {
 public:
  // `initial` [P] are the start values. `pool` outlives the object; updates run on its threads.
  DenseParameters(const DenseSpec& spec, std::vector<float> initial, bool on_server,
                  ComputePool* pool);

  [[nodiscard]] bool on_server() const { return on_server_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::span<const float> values() const;
  // Where a pull writes: [P] when the parameters are on servers, else empty.
  [[nodiscard]] std::span<float> pull_target();

  // allreduce only: what a step's sum gets before Apply(). Nothing when `noise` is off.
  void AddNoise(const GradientNoise& noise, Step step, std::span<float> sum);
  // allreduce only. `sum` is divided by `examples`, in place. A non-finite gradient is
  // refused as a whole (the step counts, nothing moves).
  [[nodiscard]] Status Apply(std::span<float> sum, double examples);
  [[nodiscard]] DenseState State() const;
  [[nodiscard]] Status Restore(const DenseState& state);

 private:
  const bool on_server_;
  const std::size_t size_;
  ComputePool& pool_;
  std::optional<DenseTable> table_;  // allreduce
  std::vector<float> copy_;          // server
  std::uint64_t updates_ = 0;
};

}  // namespace rookery
