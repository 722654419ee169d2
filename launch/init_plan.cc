#include "launch/init_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "launch/init_features.h"

namespace rookery {
namespace {

// Collects what would be lost without leave, and which names a policy may speak of.
class Losses {
 public:
  explicit Losses(const InitPolicies* policies) : policies_(*policies) {}

  void Know(const std::string& target) { known_.insert(target); }
  // `what` is lost unless TARGET=action was said.
  template <class... What>
  void Need(const std::string& target, std::string_view action, const What&... what) {
    Know(target);
    if (policies_.Allows(target, action)) return;
    text_ += StrCat("\n  ", what..., ": --init-policy ", target, "=", action);
  }
  [[nodiscard]] Status Finish(const std::string& path) const {
    for (const auto& [target, action] : policies_.actions()) {
      if (known_.contains(target)) continue;
      return InvalidInput("--init-policy ", target, "=", action, ": neither the job nor ", path,
                          " has it");
    }
    if (text_.empty()) return OkStatus();
    return InvalidInput(path,
                        ": not all of it would be taken. Change the job, or allow each:", text_);
  }

 private:
  const InitPolicies& policies_;
  std::set<std::string> known_;
  std::string text_;
};

template <class T, class Name>
const T* Find(const std::vector<T>& all, const std::string& name, Name T::*member) {
  const auto found = std::ranges::find(all, name, member);
  return found == all.end() ? nullptr : &*found;
}

void PlanFeatures(const InitSource& source, const FittedSchema& fitted, Losses* losses,
                  InitPlan* plan) {
  plan->features = DiffFeatures(source.fitted, fitted);
  for (const Schema* schema : {&source.fitted.schema, &fitted.schema}) {
    for (const std::string& name : InputNames(*schema)) losses->Know("feature." + name);
  }
  for (const FeatureInit& feature : plan->features) {
    const std::string target = "feature." + feature.name;
    if (feature.change == FeatureInit::Change::kDropped) {
      losses->Need(target, "drop", "feature '", feature.name, "' is not in the job");
    } else if (feature.change == FeatureInit::Change::kChanged) {
      losses->Need(target, "changed", "feature '", feature.name, "': ", feature.why);
    }
  }
}

bool SameRows(const TableSpec& a, const TableSpec& b) {
  return a.dim == b.dim && a.zero_columns == b.zero_columns;
}

void PlanTables(const InitSource& source, const std::vector<TableSpec>& tables, Losses* losses,
                InitPlan* plan) {
  for (const TableSpec& to : tables) {
    const std::string target = "table." + to.name;
    losses->Know(target);
    losses->Know(target + ".updater");
    TableInit init{to.name, {}, to, false, false};
    if (const TableSpec* from = Find(source.manifest.tables, to.name, &TableSpec::name)) {
      init.from = *from;
      init.rows = SameRows(*from, to);
      init.state = init.rows && from->updater.kind == to.updater.kind;
      if (!init.rows) {
        losses->Need(target, "reset", "table '", to.name, "' has rows of ", from->dim, " weights (",
                     from->zero_columns, " of them first-order), the job's ", to.dim, " (",
                     to.zero_columns, ")");
      } else if (!init.state) {
        losses->Need(target + ".updater", "reset-state", "table '", to.name,
                     "' has the state of another updater");
      }
    }
    plan->tables.push_back(std::move(init));
  }
  for (const TableSpec& from : source.manifest.tables) {
    if (Find(tables, from.name, &TableSpec::name) != nullptr) continue;
    losses->Need("table." + from.name, "drop", "table '", from.name, "' is not in the job");
    plan->tables.push_back({from.name, from, {}, false, false});
  }
}

// What each row of a dense block belongs to, in words that mean the same in both models.
class RowNames {
 public:
  RowNames(const Job& job, const Schema& schema) : layout_(LayoutOf(schema)) {
    Job other = job;
    other.data.schema = schema;
    StatusOr<WorkerModel> made = MakeWorkerModelOf(other, {});
    if (made.ok()) model_ = std::move(made->model);
  }
  // Empty when nothing is known.
  [[nodiscard]] std::vector<std::string> Of(const DenseBlockSpec& block) const {
    if (model_ == nullptr) return {};
    const DenseBlockSpec* own = Find(model_->dense_blocks(), block.name, &DenseBlockSpec::name);
    if (own == nullptr || own->rows != block.rows || own->columns != block.columns) return {};
    std::vector<std::string> names;
    for (const InputRow& row : model_->InputRows(*own)) names.push_back(NameOf(row));
    return names;
  }

 private:
  [[nodiscard]] std::string NameOf(const InputRow& row) const {
    switch (row.kind) {
      case InputRow::Kind::kFeature:
        return StrCat("feature ", layout_.features[row.index].name, " ", row.column);
      case InputRow::Kind::kNumber:
        return StrCat("number ", layout_.numeric[row.index]);
      case InputRow::Kind::kHidden:
        return StrCat("hidden ", row.index);
      case InputRow::Kind::kHiddenPair:
        return StrCat("hidden pair ", layout_.features[row.index].name);
      case InputRow::Kind::kPair:
        break;
    }
    const auto [first, second] =
        std::minmax(layout_.features[row.index].name, layout_.features[row.other].name);
    return StrCat("pair ", first, "\n", second);
  }

  FeatureLayout layout_;
  std::unique_ptr<Model> model_;
};

// Whether a row of a dropped input is the only kind of row that is left behind: its feature has a
// policy of its own.
bool OnlyDropped(const std::vector<std::string>& left, const InitPlan& plan) {
  std::set<std::string> dropped;
  for (const FeatureInit& feature : plan.features) {
    if (feature.change != FeatureInit::Change::kNew) dropped.insert(feature.name);
  }
  return std::ranges::all_of(left, [&](const std::string& row) {
    return std::ranges::any_of(dropped, [&](const std::string& name) {
      return row == "number " + name || row == "hidden pair " + name ||
             row.starts_with(StrCat("feature ", name, " ")) ||
             row.starts_with(StrCat("pair ", name, "\n")) ||
             (row.starts_with("pair ") && row.ends_with("\n" + name));
    });
  });
}

// False when rows would be lost whose inputs are still there, or are not known.
bool MatchRows(const RowNames& old_names, const RowNames& new_names, const InitPlan& plan,
               DenseBlockInit* block) {
  block->rows.assign(block->to->rows, kFreshRow);
  const std::vector<std::string> before = old_names.Of(*block->from);
  const std::vector<std::string> after = new_names.Of(*block->to);
  if (block->from->columns != block->to->columns) return false;
  if (before.empty() || after.empty()) {
    if (block->from->rows != block->to->rows || before.size() != after.size()) return false;
    for (std::uint32_t row = 0; row < block->to->rows; ++row) block->rows[row] = row;
    return true;
  }
  std::map<std::string, std::uint32_t> places;
  for (std::uint32_t row = 0; row < before.size(); ++row) places.emplace(before[row], row);
  for (std::uint32_t row = 0; row < after.size(); ++row) {
    const auto found = places.find(after[row]);
    if (found == places.end()) continue;
    block->rows[row] = found->second;
    places.erase(found);
  }
  std::vector<std::string> left;
  for (const auto& [name, row] : places) left.push_back(name);
  return OnlyDropped(left, plan);
}

std::string ShapeOf(const DenseBlockSpec& block) {
  return StrCat(block.rows, " x ", block.columns);
}

void PlanDense(const InitSource& source, const JobPlan& job_plan, const FittedSchema& fitted,
               const DenseSpec& dense, Losses* losses, InitPlan* plan) {
  const RowNames old_names(job_plan.job, source.fitted.schema);
  const RowNames new_names(job_plan.job, fitted.schema);
  const DenseSpec& old = source.manifest.dense;
  for (const DenseBlockSpec& to : dense.blocks) {
    const std::string target = "dense." + to.name;
    losses->Know(target);
    DenseBlockInit block{to.name, {}, to, std::vector<std::uint32_t>(to.rows, kFreshRow)};
    if (const DenseBlockSpec* from = Find(old.blocks, to.name, &DenseBlockSpec::name)) {
      block.from = *from;
      if (!MatchRows(old_names, new_names, *plan, &block)) {
        block.rows.assign(to.rows, kFreshRow);
        losses->Need(target, "reset", "dense block '", to.name, "' is ", ShapeOf(*from),
                     ", the model's ", ShapeOf(to),
                     ", and not all of its rows belong to inputs that are known");
      }
    }
    plan->blocks.push_back(std::move(block));
  }
  for (const DenseBlockSpec& from : old.blocks) {
    if (Find(dense.blocks, from.name, &DenseBlockSpec::name) != nullptr) continue;
    losses->Need("dense." + from.name, "drop", "dense block '", from.name, "' is not in the model");
    plan->blocks.push_back({from.name, from, {}, {}});
  }
  losses->Know("dense.updater");
  plan->dense_state = old.updater.kind == dense.updater.kind;
  if (!plan->dense_state && old.size() > 0) {
    losses->Need("dense.updater", "reset-state",
                 "the dense parameters have the state of another updater");
  }
}

}  // namespace

std::uint32_t DenseBlockInit::taken() const {
  return static_cast<std::uint32_t>(rows.size()) -
         static_cast<std::uint32_t>(std::ranges::count(rows, kFreshRow));
}

StatusOr<InitPlan> MakeInitPlan(const InitSource& source, const JobPlan& plan,
                                const FittedSchema& fitted, const DenseSpec& dense,
                                const InitPolicies& policies) {
  InitPlan init;
  Losses losses(&policies);
  PlanFeatures(source, fitted, &losses, &init);
  PlanTables(source, plan.tables, &losses, &init);
  PlanDense(source, plan, fitted, dense, &losses, &init);
  ROOKERY_RETURN_IF_ERROR(losses.Finish(source.path));
  return init;
}

}  // namespace rookery
