// LossWatch: tells a training loss that diverges, and which checkpoint was taken before it did.
//
// Examples are gathered to windows of at least window_examples. The job has diverged when a
// window's mean loss is not finite, or more than `factor` times the lowest of any window before. A
// checkpoint counts as healthy once a whole window after it was fine: what was saved may already
// have been on its way up. Pure. Owner: the scheduler's node. Threads: its executor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rookery {

struct LossWatchOptions {
  double factor = 0;  // 0: only a loss that is not finite counts
  std::uint64_t window_examples = 1;
};

class LossWatch {
 public:
  explicit LossWatch(LossWatchOptions options) : options_(options) {}

  // More examples were trained. True from the end of a window that diverged, until Forget.
  bool Add(std::uint64_t examples, double loss_sum);
  // A checkpoint's cut was taken; a window begins anew behind it.
  void NoteCheckpoint(std::string name);
  // The weights are those of another checkpoint again.
  void Forget();

  [[nodiscard]] bool diverged() const { return diverged_; }
  // "the loss of 40,960 examples was 12.81, 28 times the lowest (.4512)". REQUIRES: diverged().
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] const std::string& healthy_checkpoint() const { return healthy_; }  // "": none

 private:
  void EndWindow();

  const LossWatchOptions options_;
  std::uint64_t examples_ = 0;  // of the window
  double loss_sum_ = 0;
  std::optional<double> lowest_;
  bool diverged_ = false;
  std::string reason_;
  std::string newest_;
  std::string healthy_;
};

}  // namespace rookery
