#include "ps/slice_aggregator.h"

#include <algorithm>
#include <utility>

#include "common/check.h"
#include "common/hash.h"

namespace rookery {
namespace {

// The same floats of `body`, writable.
std::span<float> Writable(Buffer* body, std::span<const float> view) {
  if (view.empty()) return {};
  const auto offset = reinterpret_cast<const std::byte*>(view.data()) - body->body().data();
  ROOKERY_CHECK(offset >= 0 &&
                static_cast<std::size_t>(offset) + view.size_bytes() <= body->size());
  return {reinterpret_cast<float*>(body->body().data() + offset), view.size()};
}

void Divide(std::span<float> values, float divisor) {
  for (float& value : values) value /= divisor;
}

// One slice's keys of the table that is merged; `head` is MixKey of the next.
struct Cursor {
  const TableGradients* from;
  std::size_t next;
  std::uint64_t head;
};

const TableGradients* Find(const PushRequest& push, TableId table) {
  const auto found = std::find_if(push.tables.begin(), push.tables.end(),
                                  [table](const TableGradients& t) { return t.table == table; });
  return found == push.tables.end() || found->keys.empty() ? nullptr : &*found;
}

}  // namespace

StepGradients AverageInPlace(Buffer* body, const PushRequest& push) {
  StepGradients step;
  step.examples = push.examples;
  step.tables.reserve(push.tables.size());
  for (const TableGradients& table : push.tables) {
    step.tables.push_back(
        {table.table, table.keys, Writable(body, table.gradients), table.counts, table.pulled});
  }
  step.dense = Writable(body, push.dense);
  step.pulled_dense = push.pulled_dense;
  if (push.examples <= 1) return step;
  const auto examples = static_cast<float>(push.examples);
  for (const StepTable& table : step.tables) Divide(table.gradients, examples);
  Divide(step.dense, examples);
  return step;
}

SliceAggregator::SliceAggregator(std::uint32_t slices, Step first, const GradientNoise& noise,
                                 std::uint64_t dense_begin)
    : slices_(slices),
      noise_(noise),
      dense_begin_(dense_begin),
      current_(first),
      missing_(slices),
      parts_(slices),
      merged_(slices) {
  ROOKERY_CHECK(slices >= 1);
}

std::size_t SliceAggregator::KeysOf(TableId table) const {
  std::size_t keys = 0;
  for (const Part& part : parts_) {
    if (!part.present) continue;
    for (const TableGradients& of : part.push.tables)
      keys += of.table == table ? of.keys.size() : 0;
  }
  return keys;
}

void SliceAggregator::Reset(Step current) {
  current_ = current;
  missing_ = slices_;
  for (Part& part : parts_) part = Part{};
}

Status SliceAggregator::Check(const PushRequest& push) const {
  if (push.step != current_) {
    return Corrupt("push of step ", Raw(push.step), " while step ", Raw(current_),
                   " is collected (worker ", push.worker, ")");
  }
  if (Raw(push.slice) >= slices_) {
    return Corrupt("push of slice ", Raw(push.slice), " of ", slices_, " (worker ", push.worker,
                   ")");
  }
  if (parts_[Raw(push.slice)].present) {
    return Corrupt("slice ", Raw(push.slice), " of step ", Raw(current_), " came twice (worker ",
                   push.worker, ")");
  }
  for (const Part& part : parts_) {
    if (part.present && !part.push.dense.empty() && !push.dense.empty() &&
        part.push.dense.size() != push.dense.size()) {
      return Corrupt("push with ", push.dense.size(), " dense floats, another slice has ",
                     part.push.dense.size());
    }
  }
  return OkStatus();
}

Status SliceAggregator::Add(Buffer body, PushRequest push) {
  ROOKERY_RETURN_IF_ERROR(Check(push));
  Part& part = parts_[Raw(push.slice)];
  part = {true, std::move(body), std::move(push)};
  --missing_;
  return OkStatus();
}

StepGradients SliceAggregator::Merge() {
  ROOKERY_CHECK(missing_ == 0);
  std::swap(parts_, merged_);
  const Step merging = current_;
  Reset(Step{Raw(current_) + 1});
  if (slices_ == 1 && !noise_.on()) return AverageInPlace(&merged_[0].body, merged_[0].push);

  StepGradients step;
  std::vector<TableId> tables;
  for (const Part& part : merged_) {
    step.examples += part.push.examples;
    for (const TableGradients& table : part.push.tables) tables.push_back(table.table);
  }
  if (step.examples == 0) return step;
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  const float divisor = noise_.on() ? noise_.lot() : static_cast<float>(step.examples);
  sums_.resize(std::max(sums_.size(), tables.size()));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Sum& sum = sums_[i];
    MergeTable(tables[i], &sum);
    if (noise_.on()) noise_.AddToRows(merging, tables[i], sum.keys, sum.gradients);
    Divide(sum.gradients, divisor);
    step.tables.push_back({tables[i], sum.keys, sum.gradients, sum.counts, {}});
  }
  MergeDense();
  if (noise_.on()) noise_.AddToDense(merging, dense_begin_, dense_);
  Divide(dense_, divisor);
  step.dense = dense_;
  return step;
}

// A merge of the slices' ascending keys; equal keys are added in slice order, since `cursors` keeps
// that order.
void SliceAggregator::MergeTable(TableId table, Sum* sum) {
  std::vector<Cursor> cursors;
  std::size_t keys_max = 0;
  std::size_t dim = 0;
  bool counts = false;
  for (const Part& part : merged_) {
    const TableGradients* from = Find(part.push, table);
    if (from == nullptr) continue;
    cursors.push_back({from, 0, MixKey(from->keys[0])});
    keys_max += from->keys.size();
    dim = from->gradients.size() / from->keys.size();
    counts |= !from->counts.empty();
  }
  sum->keys.resize(keys_max);
  sum->gradients.resize(keys_max * dim);
  sum->counts.assign(counts ? keys_max : 0, 0);
  std::size_t count = 0;
  while (!cursors.empty()) {
    std::uint64_t lowest = cursors[0].head;
    for (const Cursor& cursor : cursors) lowest = std::min(lowest, cursor.head);
    float* const out = sum->gradients.data() + count * dim;
    bool first = true;
    bool ended = false;
    for (Cursor& cursor : cursors) {
      if (cursor.head != lowest) continue;
      const float* const g = cursor.from->gradients.data() + cursor.next * dim;
      if (first) {
        sum->keys[count] = cursor.from->keys[cursor.next];
        std::copy_n(g, dim, out);
      } else {
        for (std::size_t i = 0; i < dim; ++i) out[i] += g[i];
      }
      first = false;
      if (counts) sum->counts[count] += cursor.from->counts[cursor.next];
      if (++cursor.next < cursor.from->keys.size()) {
        cursor.head = MixKey(cursor.from->keys[cursor.next]);
      } else {
        ended = true;
      }
    }
    if (ended) {
      std::erase_if(cursors, [](const Cursor& c) { return c.next == c.from->keys.size(); });
    }
    ++count;
  }
  sum->keys.resize(count);
  sum->gradients.resize(count * dim);
  if (counts) sum->counts.resize(count);
}

void SliceAggregator::MergeDense() {
  dense_.clear();
  for (const Part& part : merged_) {
    const std::span<const float> from = part.push.dense;
    if (from.empty()) continue;
    if (dense_.empty()) {
      dense_.assign(from.begin(), from.end());
    } else {
      for (std::size_t i = 0; i < from.size(); ++i) dense_[i] += from[i];
    }
  }
}

}  // namespace rookery
