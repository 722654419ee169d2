#include "ps/checkpoint_saver.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ps/yield.h"

namespace rookery {
namespace {

// What is copied between two requests: so many buckets, or slices of large ones.
constexpr Duration kTurn = std::chrono::milliseconds(4);
constexpr std::size_t kTurnSlices = 4;

// What order.directory is called once it is published.
std::string PublishedName(std::string directory) {
  constexpr std::string_view kUnfinished = ".tmp";
  if (directory.ends_with(kUnfinished)) directory.resize(directory.size() - kUnfinished.size());
  return directory;
}

Status NoMemory(const Table& table) {
  return {Code::kExhausted, StrCat("table '", table.spec().name,
                                   "': no memory to keep rows that change while they are written")};
}

}  // namespace

CheckpointSaver::CheckpointSaver(const PsOptions* options, Executor* home, Executor* background,
                                 FileSystem* files, Shard* shard, std::function<bool()> on_copied)
    : options_(*options),
      home_(home),
      background_(background),
      files_(files),
      shard_(shard),
      on_copied_(std::move(on_copied)) {}

void CheckpointSaver::OnLoaded(const std::string& directory) {
  if (!options_.track_changes) return;
  for (std::size_t i = 0; i < shard_->tables(); ++i) shard_->table(i).TrackChanges();
  base_ = directory;
  cut_.clear();
}

// The order tells by its base what became of the last cut.
void CheckpointSaver::SettleBase(const Order& order) {
  if (cut_.empty()) return;
  const bool published = cut_ == JoinPath(DirectoryOf(order.directory), order.base);
  for (std::size_t i = 0; i < shard_->tables(); ++i) {
    if (published) {
      shard_->table(i).ConfirmCut();
    } else {
      shard_->table(i).RestoreCut();
    }
  }
  if (published) base_ = cut_;
  cut_.clear();
}

Status CheckpointSaver::Cut(const Order& order, OrderResult* result) {
  if (saving_) return Internal(order.directory, ": ordered while ", directory_, " is written");
  saving_ = true;
  written_ = WrittenFiles();
  directory_ = order.directory;
  updates_ = shard_->updates();
  may_copy_at_ = home_->Now();
  if (options_.track_changes) {
    SettleBase(order);
    // A base that nobody named is of no use, and counting from this cut takes fewer rows.
    if (base_.empty()) {
      for (std::size_t i = 0; i < shard_->tables(); ++i) shard_->table(i).TrackChanges();
    }
  }
  const bool adds = !order.base.empty() && !base_.empty() &&
                    base_ == JoinPath(DirectoryOf(order.directory), order.base);
  for (std::size_t i = 0; i < shard_->tables(); ++i) {
    Table& table = shard_->table(i);
    table.BeginCapture(adds && table.MayLeaveOut());
  }
  if (options_.track_changes) cut_ = PublishedName(order.directory);
  result->updates = updates_;
  result->adds_to_base = adds;
  return OkStatus();
}

Task<> CheckpointSaver::Save() {
  Status status = co_await WriteTables();
  for (std::size_t i = 0; i < shard_->tables(); ++i) {
    Table& table = shard_->table(i);
    if (table.capture() != nullptr) written_.rows_kept += table.capture()->rows_kept();
    table.EndCapture();
  }
  for (Buffer& buffer : buffers_) buffer = Buffer();
  written_.code = status.code();
  written_.message = status.message();
  written_.directory = directory_;
  saving_ = false;
  OnCopied();
}

void CheckpointSaver::OnCopied() {
  requests_wait_ = on_copied_ && on_copied_();
}

Task<Status> CheckpointSaver::WriteTables() {
  for (std::size_t i = 0; i < shard_->tables(); ++i) {
    Status status = co_await WriteTable(&shard_->table(i));
    if (!status.ok()) co_return status;
  }
  co_return OkStatus();
}

Task<Status> CheckpointSaver::WriteTable(Table* table) {
  auto writer = co_await RunOn(background_, home_, [this, table] {
    const RowsCompression compression =
        options_.checkpoint_compress ? RowsCompression::kWhereItHelps : RowsCompression::kNone;
    return TableRowsWriter::Create(*files_, directory_, table, options_.index, options_.buckets,
                                   updates_, compression);
  });
  if (!writer.ok()) co_return writer.status();
  Status status = co_await WriteBuckets(table, writer->get());
  for (Buffer& buffer : buffers_) {  // `writer` is in use until then
    Status added = co_await Added(&buffer);
    if (status.ok()) status = added;
  }
  if (!status.ok()) co_return status;
  auto file = co_await RunOn(background_, home_, [w = writer->get()] { return w->Finish(); });
  if (!file.ok()) co_return file.status();
  written_.files.push_back(std::move(*file));
  co_return OkStatus();
}

Task<Status> CheckpointSaver::WriteBuckets(Table* table, TableRowsWriter* writer) {
  std::size_t turn = 0;
  while (!table->capture()->done()) {
    Buffer& buffer = buffers_[turn];
    Status status = co_await Added(&buffer);
    if (!status.ok()) co_return status;
    const std::uint32_t bucket = table->capture()->bucket();
    status = co_await CopyBucket(table, &buffer.rows);
    if (!status.ok()) co_return status;
    if (buffer.rows.keys.empty()) continue;
    const std::uint64_t bytes = buffer.rows.rows.size() * sizeof(float);
    AddInBackground(writer, bucket, &buffer);
    turn = (turn + 1) % kBuffers;
    status = co_await KeepRate(bytes);
    if (!status.ok()) co_return status;
  }
  co_return OkStatus();
}

Task<Status> CheckpointSaver::CopyBucket(Table* table, BucketRows* rows) {
  rows->Clear();
  while (true) {
    if (turn_slices_ >= kTurnSlices || home_->Now() - turn_began_ >= kTurn) {
      co_await Yield{home_};
      turn_slices_ = 0;
      turn_began_ = home_->Now();
    }
    if (stopping_) co_return Status(Code::kAborted, "given up, this side is closing");
    const bool ended = table->CaptureSome(rows);
    ++turn_slices_;
    if (table->capture()->lost()) co_return NoMemory(*table);
    if (!ended) continue;
    OnCopied();
    co_return OkStatus();
  }
}

void CheckpointSaver::AddInBackground(TableRowsWriter* writer, std::uint32_t bucket,
                                      Buffer* buffer) {
  const Promise<Status>& added = buffer->added.emplace(home_);
  background_->Post([writer, bucket, rows = &buffer->rows, home = home_, added] {
    home->Post([added, status = writer->Add(bucket, rows)] { added.Set(status); });
  });
}

Task<Status> CheckpointSaver::Added(Buffer* buffer) {
  if (!buffer->added) co_return OkStatus();
  Status status = co_await buffer->added->future();
  buffer->added.reset();
  co_return status;
}

Task<Status> CheckpointSaver::KeepRate(std::uint64_t bytes) {
  constexpr Duration kLook = std::chrono::milliseconds(50);  // for the end
  if (options_.checkpoint_rate == 0 || requests_wait_) co_return OkStatus();
  const double seconds = static_cast<double>(bytes) / static_cast<double>(options_.checkpoint_rate);
  may_copy_at_ = std::max(may_copy_at_, home_->Now() - kLook) +
                 std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  while (!stopping_ && !requests_wait_ && home_->Now() < may_copy_at_) {
    co_await Delay(home_, std::min<Duration>(kLook, may_copy_at_ - home_->Now()));
    OnCopied();
  }
  co_return OkStatus();
}

}  // namespace rookery
