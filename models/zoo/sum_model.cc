#include "models/zoo/sum_model.h"

#include <algorithm>
#include <cstring>

#include "common/check.h"
#include "common/limits.h"
#include "models/layers/fm_interaction.h"
#include "models/vector_math.h"

namespace rookery {

// Buffers of one thread.
struct SumModel::Buffers final : OutputBuffers {
  FloatBuffer tower_outputs;      // [B]
  FloatBuffer tower_input;        // [B, tower_inputs]
  FloatBuffer d_tower_input;      // [B, groups * width of the tower's table]
  std::vector<FloatBuffer> sums;  // [T], each [B, width], with interaction
  Tower::Scratch tower;
};

namespace {

FmShape ShapeOf(const SumTable& table) {
  return {table.groups(), table.table.dim, table.width()};
}

std::vector<ModelTable> ModelTablesOf(const SumModelOptions& options) {
  std::vector<ModelTable> tables;
  for (const SumTable& table : options.tables) tables.push_back(table.table);
  return tables;
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeSumModel(const SumModelOptions& options) {
  // Before anything is built: the widest product is what memory is asked for.
  std::uint64_t inputs = options.numeric;
  for (const SumTable& table : options.tables) {
    if (table.tower) inputs += table.groups() * table.width();
  }
  std::uint64_t floats = 0;
  if (options.tower) {
    for (const std::uint32_t width : options.tower->hidden) {
      floats += inputs * width;
      inputs = width;
    }
  }
  if (floats + options.numeric > kDenseFloatsMax) {
    return InvalidInput("the tower has ", floats, " weights; at most ", kDenseFloatsMax,
                        " are possible: fewer or narrower hidden layers, or a smaller dim");
  }
  return std::unique_ptr<Model>(std::make_unique<SumModel>(options));
}

SumModel::SumModel(const SumModelOptions& options)
    : ScoredModel(ModelTablesOf(options), options.loss), options_(options) {
  for (std::size_t t = 0; t < options.tables.size(); ++t) {
    const SumTable& table = options.tables[t];
    if (!table.tower) continue;
    ROOKERY_CHECK(!tower_table_) << "two tables for one tower";
    tower_table_ = t;
    tower_inputs_ = table.groups() * table.width();
    tower_direct_ = !table.first_order && options.numeric == 0;
  }
  bias_ = layout_.AddConstant("bias", 1, 1, StartOfOutput(options.loss, options.label_mean));
  if (options.numeric_linear && options.numeric > 0) {
    linear_ = layout_.AddConstant("linear.weight", options.numeric, 1, 0);
  }
  if (options.tower) {
    tower_inputs_ += options.numeric;
    tower_.emplace("tower", tower_inputs_, *options.tower, layout_);
  }
}

std::vector<InputRow> SumModel::InputRows(const DenseBlockSpec& block) const {
  std::vector<InputRow> rows;
  const bool of_tower = tower_ && block.name == tower_->input_weight().name;
  if (!of_tower && !(linear_ && block.name == linear_->name)) return rows;
  if (of_tower && tower_table_) {
    const SumTable& table = options_.tables[*tower_table_];
    for (const std::uint32_t feature : table.table.features) {
      for (std::uint32_t column = 0; column < table.width(); ++column) {
        rows.push_back({.kind = InputRow::Kind::kFeature, .index = feature, .column = column});
      }
    }
  }
  for (std::uint32_t i = 0; i < options_.numeric; ++i) {
    rows.push_back({.kind = InputRow::Kind::kNumber, .index = i});
  }
  return rows;
}

std::unique_ptr<Model::Scratch> SumModel::MakeScratch() const {
  auto buffers = std::make_unique<Buffers>();
  buffers->sums.resize(options_.tables.size());
  return buffers;
}

const float* SumModel::TowerInput(const ModelInput& input, const Buffers& buffers) const {
  return tower_direct_ ? input.embeddings[*tower_table_] : buffers.tower_input.data();
}

void SumModel::Terms(const ModelInput& input, const float* dense, Buffers& buffers,
                     float* outputs) const {
  const std::size_t numeric = options_.numeric;
  std::fill_n(outputs, input.examples, dense[bias_.offset]);
  if (linear_) {
    const float* weight = dense + linear_->offset;
    for (std::size_t b = 0; b < input.examples; ++b) {
      outputs[b] += Dot(input.numeric + b * numeric, weight, numeric);
    }
  }
  if (tower_ && !tower_direct_) {
    float* out = buffers.tower_input.Grow(input.examples * tower_inputs_);
    for (std::size_t b = 0; b < input.examples && numeric > 0; ++b) {
      std::memcpy(out + (b + 1) * tower_inputs_ - numeric, input.numeric + b * numeric,
                  numeric * sizeof(float));
    }
  }
  for (std::size_t t = 0; t < options_.tables.size(); ++t) TermsOf(t, input, buffers, outputs);
}

void SumModel::TermsOf(std::size_t t, const ModelInput& input, Buffers& buffers,
                       float* outputs) const {
  const SumTable& table = options_.tables[t];
  const std::size_t groups = table.groups();
  const std::size_t dim = table.table.dim;
  const std::size_t width = table.width();
  float* sums = table.interaction ? buffers.sums[t].Grow(input.examples * width) : nullptr;
  const bool copy = table.tower && !tower_direct_;
  for (std::size_t b = 0; b < input.examples; ++b) {
    const float* e = input.embeddings[t] + b * groups * dim;
    if (table.first_order) {
      outputs[b] += LaneSum(groups, [&](std::size_t f) { return e[f * dim + width]; });
    }
    if (table.interaction) outputs[b] += FmForward(ShapeOf(table), e, sums + b * width);
    if (copy) {
      float* out = buffers.tower_input.data() + b * tower_inputs_;
      for (std::size_t f = 0; f < groups; ++f) {
        std::memcpy(out + f * width, e + f * dim, width * sizeof(float));
      }
    }
  }
}

void SumModel::Infer(const ModelInput& input, const float* dense, Model::Scratch& scratch,
                     float* outputs) const {
  auto& buffers = static_cast<Buffers&>(scratch);
  Terms(input, dense, buffers, outputs);
  if (!tower_) return;
  float* tower_outputs = buffers.tower_outputs.Grow(input.examples);
  tower_->Predict(input.examples, dense, TowerInput(input, buffers), buffers.tower, tower_outputs);
  for (std::size_t b = 0; b < input.examples; ++b) outputs[b] += tower_outputs[b];
}

void SumModel::RoundWeights(std::span<const float> dense, Model::Scratch& scratch) const {
  if (tower_) tower_->RoundWeights(dense.data(), static_cast<Buffers&>(scratch).tower);
}

void SumModel::Forward(const ModelInput& input, const float* dense, const DropoutStream& dropout,
                       Model::Scratch& scratch, float* outputs) const {
  auto& buffers = static_cast<Buffers&>(scratch);
  Terms(input, dense, buffers, outputs);
  if (!tower_) return;
  float* tower_outputs = buffers.tower_outputs.Grow(input.examples);
  tower_->Forward(input.examples, dense, TowerInput(input, buffers), dropout, buffers.tower,
                  tower_outputs);
  for (std::size_t b = 0; b < input.examples; ++b) outputs[b] += tower_outputs[b];
}

void SumModel::Backward(const ModelInput& input, const float* dense, const float* d_outputs,
                        Model::Scratch& scratch, ModelGradients& gradients) const {
  auto& buffers = static_cast<Buffers&>(scratch);
  LinearGradients(input, d_outputs, gradients.dense);
  if (tower_) {
    const std::size_t columns = tower_inputs_ - options_.numeric;
    float* dx = tower_direct_ ? gradients.embeddings[*tower_table_]
                              : buffers.d_tower_input.Grow(input.examples * columns);
    tower_->Backward(input.examples, dense, TowerInput(input, buffers), d_outputs, buffers.tower,
                     gradients.dense, columns, dx);
  }
  for (std::size_t t = 0; t < options_.tables.size(); ++t) {
    EmbeddingGradients(t, input, d_outputs, buffers, gradients.embeddings[t]);
  }
}

void SumModel::LinearGradients(const ModelInput& input, const float* d_outputs,
                               float* gradients) const {
  gradients[bias_.offset] = Sum(d_outputs, input.examples);
  if (!linear_) return;
  float* weight = gradients + linear_->offset;
  std::fill_n(weight, options_.numeric, 0.0F);
  for (std::size_t b = 0; b < input.examples; ++b) {
    AddScaled(d_outputs[b], input.numeric + b * options_.numeric, options_.numeric, weight);
  }
}

void SumModel::EmbeddingGradients(std::size_t t, const ModelInput& input, const float* d_outputs,
                                  const Buffers& buffers, float* gradients) const {
  const SumTable& table = options_.tables[t];
  const std::size_t groups = table.groups();
  const std::size_t dim = table.table.dim;
  const std::size_t width = table.width();
  // A direct tower without interaction has already written everything.
  const bool in_place = table.tower && tower_direct_;
  const float* tower_gradient = !table.tower ? nullptr
                                : in_place   ? gradients
                                             : buffers.d_tower_input.data();
  for (std::size_t b = 0; b < input.examples; ++b) {
    const float dy = d_outputs[b];
    const std::size_t at = b * groups * dim;
    const float* base = table.tower ? tower_gradient + b * groups * width : nullptr;
    if (table.interaction) {
      FmBackward(ShapeOf(table), input.embeddings[t] + at, buffers.sums[t].data() + b * width, dy,
                 base, gradients + at);
    } else if (table.tower && !in_place) {
      for (std::size_t f = 0; f < groups; ++f) {
        std::memcpy(gradients + at + f * dim, base + f * width, width * sizeof(float));
      }
    }
    if (table.first_order) {
      for (std::size_t f = 0; f < groups; ++f) gradients[at + f * dim + width] = dy;
    }
  }
}

}  // namespace rookery
