#include "scheduler/file_collector.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rookery {

void FileCollector::Expect(std::string directory, std::vector<std::size_t> nodes) {
  directory_ = std::move(directory);
  nodes_ = std::move(nodes);
  written_.assign(nodes_.size(), std::nullopt);
  finished_.emplace(executor_);
  if (!failure_.ok()) Finish(failure_);
}

void FileCollector::OnWritten(std::size_t node, WrittenFiles written) {
  if (!finished_ || written.directory.empty() || written.directory != directory_) return;
  const auto found = std::ranges::find(nodes_, node);
  if (found == nodes_.end()) return;
  std::optional<WrittenFiles>& place = written_[static_cast<std::size_t>(found - nodes_.begin())];
  if (place) return;
  place = std::move(written);
  if (place->code != Code::kOk) Finish(Annotate(Status(place->code, place->message), name_(node)));
  const bool all = std::ranges::all_of(written_, [](const auto& each) { return each.has_value(); });
  if (all) Finish(OkStatus());
}

Task<StatusOr<CollectedFiles>> FileCollector::All() {
  Status status = co_await finished_->future();
  finished_.reset();
  if (!status.ok()) co_return status;
  CollectedFiles collected;
  for (std::optional<WrittenFiles>& written : written_) {
    std::ranges::move(written->files, std::back_inserter(collected.files));
    collected.rows_kept += written->rows_kept;
  }
  co_return collected;
}

void FileCollector::Finish(Status status) {
  if (finished_ && !finished_->done()) finished_->Set(std::move(status));
}

void FileCollector::Fail(const Status& failure) {
  if (failure_.ok()) failure_ = failure;
  Finish(failure);
}

}  // namespace rookery
