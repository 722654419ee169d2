// The part of Table that checkpoints are written from.
#include "common/check.h"
#include "common/fault_hooks.h"
#include "ps/table.h"

namespace rookery {

void Table::BeginCapture(bool changed_only) {
  ROOKERY_CHECK(!changed_only || MayLeaveOut()) << spec_.name;
  recent_.Forget();  // those kept from here on have their numbers
  if (changed_) changed_->Cut(store_.size());
  if (kept_ == nullptr || !kept_->Suits(store_.size())) {
    kept_ = std::make_unique<KeptRows>(row_floats_, end_bucket_ - first_bucket_, store_.size());
  }
  capture_ = std::make_unique<RowCapture>(
      &store_, row_floats_, RowCapture::Range{first_bucket_, end_bucket_, bucket_bits_},
      changed_only ? &changed_->before_cut() : nullptr, kept_.get());
  CountKept();
}

bool Table::CaptureSome(BucketRows* out) {
  ROOKERY_CHECK(capture_ != nullptr && !capture_->done()) << spec_.name;
  const bool ended = capture_->CopySome(buckets_[capture_->bucket() - first_bucket_], out);
  if (capture_->done()) ReleaseKept();
  CountKept();
  return ended;
}

void Table::EndCapture() {
  capture_.reset();
  if (kept_ != nullptr) ReleaseKept();
  CountKept();
}

// The system gives memory slowly, so some of it waits for the next capture where there is enough.
void Table::ReleaseKept() {
  constexpr std::uint64_t kPartOfTable = 4;
  const bool limited = budget_ != nullptr && budget_->limit().bytes > 0;
  if (limited || kept_->bytes() > bytes() / kPartOfTable) {
    kept_.reset();
  } else {
    kept_->DropAll();
  }
}

std::uint64_t Table::BytesToKeep(std::size_t keys) const {
  return capture_ == nullptr ? 0 : capture_->BytesToKeep(keys);
}

void Table::BeforeChange(std::span<const Key> keys, std::span<const std::uint32_t> numbers) {
  if (capture_ != nullptr && !capture_->done()) {
    capture_->BeforeChange(keys, numbers);
    CountKept();
  }
  if (changed_ && !ROOKERY_FAULT(forget_change)) changed_->Mark(numbers);
}

void Table::CatchUpCopied(BucketRows* rows, std::uint64_t t) const {
  if (!updater_->catches_up()) return;
  std::vector<float*> each(rows->keys.size());
  for (std::size_t i = 0; i < each.size(); ++i) each[i] = rows->rows.data() + i * row_floats_;
  updater_->CatchUp(each, spec_.dim, t);
}

void Table::TrackChanges() {
  recent_.Forget();
  if (!changed_) changed_.emplace();
  changed_->Begin(store_.size());
}

void Table::ConfirmCut() {
  if (changed_) changed_->Confirm();
}

void Table::RestoreCut() {
  if (changed_) changed_->Restore();
}

}  // namespace rookery
