#include "ps/checkpoint_diff.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "common/hash.h"
#include "protocol/checkpoint_manifest.h"
#include "protocol/table_spec_json.h"
#include "ps/bucket_scan.h"

namespace rookery {
namespace {

// The rows of a table one by one, ascending by MixKey: over buckets too, which are its top bits.
class RowCursor {
 public:
  static StatusOr<std::unique_ptr<RowCursor>> Open(const CheckpointReader& reader,
                                                   const TableSpec* table) {
    auto cursor = std::make_unique<RowCursor>();
    if (table == nullptr) return cursor;
    ROOKERY_ASSIGN_OR_RETURN(cursor->scan_, reader.ScanRows(*table, 0, reader.manifest().buckets));
    ROOKERY_RETURN_IF_ERROR(cursor->NextBucket());
    return cursor;
  }
  [[nodiscard]] bool done() const { return at_ == rows_.keys.size(); }
  [[nodiscard]] Key key() const { return rows_.keys[at_]; }
  [[nodiscard]] std::span<const float> row() const {
    const std::size_t row_floats = rows_.rows.size() / rows_.keys.size();
    return std::span(rows_.rows).subspan(at_ * row_floats, row_floats);
  }
  Status Advance() {
    if (++at_ < rows_.keys.size()) return OkStatus();
    return NextBucket();
  }

 private:
  Status NextBucket() {
    at_ = 0;
    rows_.keys.clear();
    return scan_->done() ? OkStatus() : scan_->Next(&rows_);
  }

  std::unique_ptr<BucketScan> scan_;
  BucketRows rows_;
  std::size_t at_ = 0;
};

bool SameBits(std::span<const float> a, std::span<const float> b) {
  if (a.empty() || b.empty()) return a.size() == b.size();
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

// Returns the index of the largest difference; norm is of squares until the end.
std::size_t AddChange(std::span<const float> a, std::span<const float> b, WeightChange* change) {
  double largest = -1;
  std::size_t index = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const double difference = static_cast<double>(b[i]) - a[i];
    change->norm += difference * difference;
    if (std::abs(difference) > largest) {
      largest = std::abs(difference);
      index = i;
    }
  }
  change->largest = std::max(change->largest, largest);
  return index;
}

// Members that differ, "path: a -> b".
void DiffJson(const std::string& path, const Json& a, const Json& b,
              std::vector<std::string>* differences) {
  if (a == b) return;
  if (!a.is_object() || !b.is_object()) {
    const auto text = [](const Json& json) {
      return json.is_string() ? std::string(json.get_string()) : WriteJson(json);
    };
    differences->push_back(StrCat(path, ": ", text(a), " -> ", text(b)));
    return;
  }
  for (const auto& member : a.get_object()) {
    const std::string name(member.key());
    if (path.empty() && (name == "id" || name == "name" || name == "blocks")) continue;
    if (!b.get_object().contains(name)) continue;
    DiffJson(path.empty() ? name : StrCat(path, ".", name), member.value(), b.get_object().at(name),
             differences);
  }
}

// A row's floats that are compared bit by bit: the last step of an updater that catches up is not.
std::size_t ComparedFloats(const TableSpec& a, const TableSpec& b) {
  if (a.dim != b.dim || a.updater.kind != b.updater.kind ||
      a.updater.catch_up != b.updater.catch_up) {
    return std::min(a.dim, b.dim);
  }
  const RowsForm form = RowsFormOf(a, 2);
  return form.shape.row_floats - form.opaque;
}

Status DiffRows(const CheckpointReader& a, const TableSpec* spec_a, const CheckpointReader& b,
                const TableSpec* spec_b, TableDiff* diff) {
  ROOKERY_ASSIGN_OR_RETURN(const auto from, RowCursor::Open(a, spec_a));
  ROOKERY_ASSIGN_OR_RETURN(const auto to, RowCursor::Open(b, spec_b));
  const bool both = spec_a != nullptr && spec_b != nullptr;
  const std::size_t weights = both ? std::min(spec_a->dim, spec_b->dim) : 0;
  const std::size_t compared = both ? ComparedFloats(*spec_a, *spec_b) : 0;
  while (!from->done() || !to->done()) {
    const bool only_a = to->done() || (!from->done() && MixKey(from->key()) < MixKey(to->key()));
    const bool only_b = !only_a && (from->done() || from->key() != to->key());
    if (!only_a && !only_b && !SameBits(from->row().first(compared), to->row().first(compared))) {
      ++diff->changed;
      const double before = diff->change.largest;
      AddChange(from->row().first(weights), to->row().first(weights), &diff->change);
      if (diff->change.largest > before) diff->largest_key = to->key();
    }
    diff->removed += only_a ? 1 : 0;
    diff->added += only_b ? 1 : 0;
    if (!only_b) {
      ++diff->rows_a;
      ROOKERY_RETURN_IF_ERROR(from->Advance());
    }
    if (!only_a) {
      ++diff->rows_b;
      ROOKERY_RETURN_IF_ERROR(to->Advance());
    }
  }
  diff->change.norm = std::sqrt(diff->change.norm);
  return OkStatus();
}

const TableSpec* FindTable(const CheckpointReader& reader, const std::string& name) {
  const std::vector<TableSpec>& tables = reader.manifest().tables;
  const auto found = std::ranges::find(tables, name, &TableSpec::name);
  return found == tables.end() ? nullptr : &*found;
}

StatusOr<TableDiff> DiffTable(const CheckpointReader& a, const CheckpointReader& b,
                              const std::string& name) {
  TableDiff diff;
  diff.name = name;
  const TableSpec* spec_a = FindTable(a, name);
  const TableSpec* spec_b = FindTable(b, name);
  diff.in_a = spec_a != nullptr;
  diff.in_b = spec_b != nullptr;
  if (diff.in_a && diff.in_b) {
    DiffJson("", TableSpecToJson(*spec_a, kCheckpointFormatVersion),
             TableSpecToJson(*spec_b, kCheckpointFormatVersion), &diff.options);
  }
  ROOKERY_RETURN_IF_ERROR(DiffRows(a, spec_a, b, spec_b, &diff));
  return diff;
}

StatusOr<std::vector<TableDiff>> DiffTables(const CheckpointReader& a, const CheckpointReader& b) {
  std::vector<TableDiff> tables;
  for (const CheckpointReader* side : {&a, &b}) {
    for (const TableSpec& spec : side->manifest().tables) {
      if (side == &b && FindTable(a, spec.name) != nullptr) continue;
      ROOKERY_ASSIGN_OR_RETURN(TableDiff diff, DiffTable(a, b, spec.name));
      tables.push_back(std::move(diff));
    }
  }
  return tables;
}

const DenseBlockSpec* FindBlock(const DenseSpec& spec, const std::string& name) {
  const auto found = std::ranges::find(spec.blocks, name, &DenseBlockSpec::name);
  return found == spec.blocks.end() ? nullptr : &*found;
}

std::string ShapeOf(const DenseBlockSpec* block) {
  return block == nullptr ? "" : StrCat(block->rows, " x ", block->columns);
}

DenseBlockDiff DiffBlock(const DenseBlockSpec* a, std::span<const float> dense_a,
                         const DenseBlockSpec* b, std::span<const float> dense_b) {
  DenseBlockDiff diff;
  diff.name = a != nullptr ? a->name : b->name;
  diff.shape_a = ShapeOf(a);
  diff.shape_b = ShapeOf(b);
  if (diff.shape_a != diff.shape_b) return diff;
  const auto from = dense_a.subspan(a->offset, a->size());
  const auto to = dense_b.subspan(b->offset, b->size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    diff.changed += SameBits(from.subspan(i, 1), to.subspan(i, 1)) ? 0U : 1U;
  }
  diff.largest_index = AddChange(from, to, &diff.change);
  diff.change.norm = std::sqrt(diff.change.norm);
  return diff;
}

StatusOr<DenseState> DenseOf(const CheckpointReader& reader) {
  if (reader.manifest().dense.size() == 0) return DenseState{};
  return reader.ReadDense();
}

Status DiffDense(const CheckpointReader& a, const CheckpointReader& b, CheckpointDiff* diff) {
  const DenseSpec& spec_a = a.manifest().dense;
  const DenseSpec& spec_b = b.manifest().dense;
  ROOKERY_ASSIGN_OR_RETURN(const DenseState dense_a, DenseOf(a));
  ROOKERY_ASSIGN_OR_RETURN(const DenseState dense_b, DenseOf(b));
  for (const DenseBlockSpec& block : spec_a.blocks) {
    diff->blocks.push_back(
        DiffBlock(&block, dense_a.weights, FindBlock(spec_b, block.name), dense_b.weights));
  }
  for (const DenseBlockSpec& block : spec_b.blocks) {
    if (FindBlock(spec_a, block.name) != nullptr) continue;
    diff->blocks.push_back(DiffBlock(nullptr, {}, &block, dense_b.weights));
  }
  DiffJson("", DenseSpecToJson(spec_a, kCheckpointFormatVersion),
           DenseSpecToJson(spec_b, kCheckpointFormatVersion), &diff->dense_options);
  diff->dense_state_same = SameBits(dense_a.state, dense_b.state);
  return OkStatus();
}

// Of a checkpoint that has none: an empty text.
StatusOr<std::string> FeaturesOf(const CheckpointReader& reader) {
  const auto& files = reader.manifest().files;
  if (std::ranges::find(files, kFeaturesName, &CheckpointFile::name) == files.end()) {
    return std::string();
  }
  return reader.ReadText(kFeaturesName);
}

}  // namespace

bool CheckpointDiff::same() const {
  const auto is_same = [](const auto& part) { return part.same(); };
  return std::ranges::all_of(tables, is_same) && std::ranges::all_of(blocks, is_same) &&
         dense_options.empty() && dense_state_same && features_same;
}

StatusOr<CheckpointDiff> DiffCheckpoints(const CheckpointReader& a, const CheckpointReader& b) {
  CheckpointDiff diff;
  ROOKERY_ASSIGN_OR_RETURN(diff.tables, DiffTables(a, b));
  ROOKERY_RETURN_IF_ERROR(DiffDense(a, b, &diff));
  ROOKERY_ASSIGN_OR_RETURN(const std::string features_a, FeaturesOf(a));
  ROOKERY_ASSIGN_OR_RETURN(const std::string features_b, FeaturesOf(b));
  diff.features_same = features_a == features_b;
  return diff;
}

}  // namespace rookery
