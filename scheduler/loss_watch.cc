#include "scheduler/loss_watch.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/error.h"

namespace rookery {

bool LossWatch::Add(std::uint64_t examples, double loss_sum) {
  examples_ += examples;
  loss_sum_ += loss_sum;
  const bool whole = examples_ >= options_.window_examples || !std::isfinite(loss_sum_);
  if (examples_ > 0 && whole && !diverged_) EndWindow();
  return diverged_;
}

void LossWatch::EndWindow() {
  const double loss = loss_sum_ / static_cast<double>(examples_);
  const std::string of = StrCat("the loss of ", examples_, " examples was ", loss);
  if (!std::isfinite(loss)) {
    diverged_ = true;
    reason_ = of;
  } else if (options_.factor > 0 && lowest_ && loss > options_.factor * *lowest_) {
    diverged_ = true;
    reason_ = StrCat(of, ", more than ", options_.factor, " times the lowest (", *lowest_, ")");
  } else {
    lowest_ = lowest_ ? std::min(*lowest_, loss) : loss;
    healthy_ = newest_;
  }
  examples_ = 0;
  loss_sum_ = 0;
}

void LossWatch::NoteCheckpoint(std::string name) {
  newest_ = std::move(name);
  examples_ = 0;
  loss_sum_ = 0;
}

void LossWatch::Forget() {
  diverged_ = false;
  reason_.clear();
  newest_ = healthy_;
  examples_ = 0;
  loss_sum_ = 0;
}

}  // namespace rookery
