#include "worker/gradient_watch.h"

#include <bit>
#include <optional>
#include <set>
#include <utility>

#include "common/float_scan.h"

namespace rookery {
namespace {

// Buffers hold sums, servers judge means.
float LimitOf(const PreparedSlice& slice) {
  return kGradientMax * static_cast<float>(slice.batch.examples);
}

}  // namespace

GradientWatch::GradientWatch(const Model* model, std::vector<std::string> features,
                             WorkerProgress* progress)
    : model_(*model), features_(std::move(features)), progress_(*progress) {}

bool GradientWatch::Suspects(const PreparedSlice& slice, const SliceBuffers& buffers) {
  return buffers.largest_row_gradient_bits > std::bit_cast<std::uint32_t>(LimitOf(slice));
}

void GradientWatch::Warn(const PreparedSlice& slice, const SliceBuffers& buffers,
                         std::uint64_t step, const std::string& where) {
  const float limit = LimitOf(slice);
  std::size_t found = 0;
  for (std::size_t t = 0; t < slice.plan.tables.size(); ++t) {
    const TablePlan& plan = slice.plan.tables[t];
    for (std::size_t row = 0; row < plan.keys.size(); ++row) {
      if (found == kPerSlice || warned_ == kPerJob) return;
      const auto gradient = std::span(buffers.row_gradients[t]).subspan(row * plan.dim, plan.dim);
      const std::size_t element = FirstBeyond(gradient, limit);
      if (element == gradient.size()) continue;
      progress_.Warn(StrCat("step ", step, ": table '", model_.tables()[t].name, "' key ",
                            plan.keys[row], " (", FeaturesOf(slice, t, row), "): gradient element ",
                            element, " is ", gradient[element], "; read from ", where));
      ++found;
      ++warned_;
    }
  }
}

void GradientWatch::LeftOut(std::size_t examples, std::uint64_t step, const std::string& where) {
  progress_.CountRefused(examples);
  if (warned_ == kPerJob) return;
  progress_.Warn(StrCat("step ", step, ": the gradient of ", examples,
                        examples == 1 ? " example is" : " examples is",
                        " not finite; left out; read from ", where));
  ++warned_;
}

std::string GradientWatch::FeaturesOf(const PreparedSlice& slice, std::size_t table,
                                      std::size_t row) const {
  const OccurrenceIndex& index = slice.plan.occurrences[table];
  std::set<std::string> names;
  std::set<std::uint32_t> examples;
  for (std::uint32_t i = index.offsets[row]; i < index.offsets[row + 1]; ++i) {
    const ModelTable& shape = model_.tables()[table];
    const std::optional<StepPlanner::Owner> owner =
        StepPlanner::OwnerOf(shape, slice.batch, index.entries[i].vector);
    if (!owner) continue;
    names.insert(features_[shape.input(owner->input)]);
    examples.insert(owner->example);
  }
  if (names.empty()) return "an item of the catalog";
  std::string text = names.size() == 1 ? "feature " : "features ";
  for (const std::string& name : names) text += StrCat(text.back() == ' ' ? "" : ", ", name);
  return StrCat(text, " of ", examples.size(), examples.size() == 1 ? " example" : " examples");
}

}  // namespace rookery
