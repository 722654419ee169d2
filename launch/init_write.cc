#include "launch/init_write.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "common/hash.h"
#include "models/model.h"
#include "ps/bucket_scan.h"
#include "ps/checkpoint_writer.h"
#include "ps/reset_state.h"
#include "ps/rows_file.h"
#include "ps/updater.h"

namespace rookery {
namespace {

// Rows of one table as another updater wants them, bucket by bucket of the new number of buckets.
class RowsConverter {
 public:
  RowsConverter(const TableInit& table, std::uint32_t buckets, std::uint64_t updates,
                RowsFileWriter* writer)
      : table_(table),
        buckets_(buckets),
        updates_(updates),
        from_(RowsFormOf(*table.from, buckets)),
        to_(RowsFormOf(*table.to, buckets)),
        old_updater_(MakeUpdater(table.from->updater)),
        writer_(writer) {}

  Status Add(std::span<const Key> keys, std::span<const float> rows) {
    old_rows_.assign(rows.begin(), rows.end());
    const std::size_t stride = from_.shape.row_floats;
    pointers_.clear();
    for (std::size_t i = 0; i < keys.size(); ++i) pointers_.push_back(&old_rows_[i * stride]);
    old_updater_->CatchUp(pointers_, table_.from->dim, updates_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const std::uint32_t bucket = Raw(BucketOf(keys[i], buckets_));
      if (bucket != bucket_) ROOKERY_RETURN_IF_ERROR(Flush());
      bucket_ = bucket;
      out_.keys.push_back(keys[i]);
      AppendRow({pointers_[i], stride});
    }
    return OkStatus();
  }
  Status Flush() {
    ROOKERY_RETURN_IF_ERROR(writer_->AddBucket(bucket_, out_));
    out_.keys.clear();
    out_.rows.clear();
    return OkStatus();
  }

 private:
  void AppendRow(std::span<const float> old) {
    const std::size_t dim = table_.to->dim;
    const std::size_t begin = out_.rows.size();
    out_.rows.resize(begin + to_.shape.row_floats);
    const std::span<float> row = std::span(out_.rows).subspan(begin);
    const std::span<float> state = row.subspan(dim, to_.shape.row_floats - to_.opaque - dim);
    std::ranges::copy(old.first(dim), row.begin());
    if (table_.state) {
      std::ranges::copy(old.subspan(dim, state.size()), state.begin());
    } else {
      ResetState(table_.to->updater, row.first(dim), updates_, state);
    }
    // The last step that was applied to it.
    if (to_.opaque != 0) row.back() = std::bit_cast<float>(static_cast<std::uint32_t>(updates_));
  }

  const TableInit& table_;
  const std::uint32_t buckets_;
  const std::uint64_t updates_;
  const RowsForm from_;
  const RowsForm to_;
  const std::unique_ptr<Updater> old_updater_;
  RowsFileWriter* const writer_;

  std::uint32_t bucket_ = 0;
  BucketRows out_;
  std::vector<float> old_rows_;  // scratch
  std::vector<float*> pointers_;
};

std::size_t StatesOf(UpdaterSpec spec) {
  spec.catch_up = false;
  return MakeUpdater(spec)->StateFloats(1);
}

// Biases are not regularised (ps/dense_table.h).
UpdaterSpec UpdaterOf(const DenseSpec& dense, const DenseBlockSpec& block) {
  UpdaterSpec spec = dense.updater;
  spec.catch_up = false;
  if (block.name.ends_with(".bias")) spec.l1 = spec.l2 = 0;
  return spec;
}

// The state of `weights` begins anew, kind after kind.
void ResetBlock(const UpdaterSpec& spec, const DenseBlockSpec& block, std::uint64_t t,
                DenseState* dense) {
  const auto size = static_cast<std::size_t>(block.size());
  const std::size_t total = dense->weights.size();
  std::vector<float> state(StatesOf(spec) * size);
  ResetState(spec, std::span(dense->weights).subspan(block.offset, size), t, state);
  for (std::size_t k = 0; k * size < state.size(); ++k) {
    std::copy_n(&state[k * size], size, &dense->state[k * total + block.offset]);
  }
}

// Copies the rows that are taken, in one of the vectors: `to` and `from` begin at its blocks.
void CopyRows(const DenseBlockInit& block, std::span<const float> from, std::span<float> to) {
  const std::size_t columns = block.to->columns;
  for (std::size_t row = 0; row < block.rows.size(); ++row) {
    if (block.rows[row] == kFreshRow) continue;
    std::copy_n(&from[block.from->offset + block.rows[row] * columns], columns,
                &to[block.to->offset + row * columns]);
  }
}

}  // namespace

StatusOr<CheckpointFile> WriteInitRows(FileSystem& files, const std::string& directory,
                                       const CheckpointReader& from, const TableInit& table,
                                       std::uint32_t buckets) {
  const std::string name = RowsFileName(table.name, 0);
  const RowsForm form = RowsFormOf(*table.to, buckets);
  ROOKERY_ASSIGN_OR_RETURN(const auto writer,
                           RowsFileWriter::Create(files, JoinPath(directory, name), form.shape));
  if (table.rows) {
    RowsConverter converter(table, buckets, from.manifest().updates, writer.get());
    const auto add = [&](std::span<const Key> keys, std::span<const float> rows) {
      return converter.Add(keys, rows);
    };
    ROOKERY_RETURN_IF_ERROR(from.ReadRows(*table.from, 0, from.manifest().buckets, add));
    ROOKERY_RETURN_IF_ERROR(converter.Flush());
  }
  ROOKERY_ASSIGN_OR_RETURN(const FileDigest digest, writer->Finish());
  return CheckpointFile{name, digest.bytes, digest.hash, table.name, 0, writer->rows()};
}

StatusOr<CheckpointFile> WriteInitDense(FileSystem& files, const std::string& directory,
                                        const CheckpointReader& from, const InitPlan& plan,
                                        const DenseSpec& dense) {
  DenseState old;
  const DenseSpec& old_spec = from.manifest().dense;
  if (old_spec.size() > 0) {
    ROOKERY_ASSIGN_OR_RETURN(old, from.ReadDense());
    if (old.state.size() != StatesOf(old_spec.updater) * old.weights.size()) {
      return Corrupt(JoinPath(from.directory(), kDenseName), ": ", old.state.size(),
                     " state floats for ", old.weights.size(), " weights");
    }
  }
  DenseState made;
  made.weights = InitialDense(dense.blocks, dense.seed);
  made.state.resize(StatesOf(dense.updater) * made.weights.size());
  made.step = plan.dense_state ? old.step : 0;
  for (const DenseBlockInit& block : plan.blocks) {
    if (!block.to) continue;
    if (block.taken() > 0) CopyRows(block, old.weights, made.weights);
    ResetBlock(UpdaterOf(dense, *block.to), *block.to, made.step + 1, &made);
    for (std::size_t k = 0; plan.dense_state && block.taken() > 0 && k < StatesOf(dense.updater);
         ++k) {
      CopyRows(block, std::span(old.state).subspan(k * old.weights.size(), old.weights.size()),
               std::span(made.state).subspan(k * made.weights.size(), made.weights.size()));
    }
  }
  return WriteDense(files, directory, made);
}

}  // namespace rookery
