// The part of Table that decides whether a row may be made.
#include <algorithm>
#include <cstring>

#include "ps/table.h"

namespace rookery {
namespace {

std::string Megabytes(std::uint64_t bytes) {
  return StrCat((bytes + (1U << 20U) - 1) >> 20U, " MB");
}

}  // namespace

std::uint64_t Table::bytes() const {
  return store_.bytes() + arena_.bytes() + buckets_.size() * sizeof(KeyIndex) + recent_.bytes();
}

void Table::Count() {
  if (budget_ == nullptr) return;
  const std::uint64_t now = bytes();
  budget_->Count(counted_, now);
  counted_ = now;
}

void Table::CountKept() {
  if (budget_ == nullptr) return;
  const std::uint64_t now =
      (capture_ == nullptr ? 0 : capture_->bytes()) + (kept_ == nullptr ? 0 : kept_->bytes());
  if (now == counted_kept_) return;
  budget_->CountKept(counted_kept_, now);
  counted_kept_ = now;
}

std::uint64_t Table::BytesToAdd(std::uint64_t mixed) {
  const KeyIndex& index = IndexFor(mixed);
  const std::uint64_t lines = index.BytesToReserve(std::uint64_t{index.size()} + 1);
  return store_.BytesToAppend() + (lines == 0 ? 0 : arena_.BytesToAllocate(lines));
}

float* Table::AdmitRow(std::uint64_t mixed) {
  if (budget_ == nullptr) return AddRow(mixed);
  if (!budget_->admits()) return nullptr;
  const std::uint64_t more = BytesToAdd(mixed);
  if (more > 0 && !budget_->MayTake(more)) return nullptr;
  float* const row = AddRow(mixed);
  if (row == nullptr) budget_->OnRefused();
  if (more > 0) Count();
  return row;
}

void Table::Apply(std::span<float* const> rows, std::span<const float> gradients, UpdateStep step) {
  const std::size_t dim = spec_.dim;
  const bool all =
      budget_ == nullptr || budget_->admits() || std::ranges::find(rows, nullptr) == rows.end();
  if (all) return updater_->Apply(rows, gradients, dim, step);
  present_.clear();
  present_gradients_.resize(gradients.size());
  float* to = present_gradients_.data();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] == nullptr) continue;
    present_.push_back(rows[i]);
    to = std::copy_n(gradients.data() + i * dim, dim, to);
  }
  unadmitted_ += rows.size() - present_.size();
  const std::span<const float> kept(present_gradients_.data(), to);
  if (!present_.empty()) updater_->Apply(present_, kept, dim, step);
}

Status Table::CheckLoad(const KeyIndex& index, std::uint64_t rows) const {
  if (budget_ == nullptr) return OkStatus();
  const std::uint64_t lines = index.BytesToReserve(index.size() + rows);
  const std::uint64_t more = store_.BytesOf(store_.size() + rows) - store_.bytes() +
                             (lines == 0 ? 0 : arena_.BytesToAllocate(lines));
  if (budget_->MayLoad(more)) return OkStatus();
  return {Code::kExhausted,
          StrCat("table '", spec_.name, "': the rows of the checkpoint do not fit in ",
                 Megabytes(budget_->limit().bytes), " (cluster.memory_limit): ", this->rows(),
                 " of them took ", Megabytes(budget_->bytes()),
                 "; more servers or a larger limit would help")};
}

Status Table::NoMemory() const {
  return {Code::kExhausted,
          StrCat("table '", spec_.name, "': no memory for another row after ", rows(), " rows in ",
                 Megabytes(bytes()), "; more servers or a smaller dim would help")};
}

}  // namespace rookery
