#include "models/zoo/dlrm.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/limits.h"
#include "models/vector_math.h"
#include "models/zoo/spec_check.h"

namespace rookery {

// Buffers of one thread.
struct Dlrm::Buffers final : OutputBuffers {
  FloatBuffer bottom, d_bottom;        // [B, D]
  FloatBuffer top_input, d_top_input;  // [B, D + products]
  FloatBuffer vectors, d_vectors;      // [F + 1, D] of one example
  FloatBuffer work;
  Tower::Scratch bottom_tower, top_tower;
};

namespace {

std::uint64_t WeightsOf(std::uint64_t inputs, const TowerOptions& tower) {
  std::uint64_t floats = 0;
  for (const std::uint32_t width : tower.hidden) {
    floats += inputs * width;
    inputs = width;
  }
  return floats + inputs * tower.outputs;
}

DotShape DotsOf(const ModelTable& table) {
  return {table.features.size() + 1, table.dim};
}

// Before anything is built: the widest product is what memory is asked for.
Status CheckSize(const DlrmOptions& options) {
  const DotShape dots = DotsOf(options.table);
  const std::uint64_t floats = WeightsOf(options.numeric, options.bottom) +
                               WeightsOf(dots.dim + dots.products(), options.top);
  if (floats <= kDenseFloatsMax) return OkStatus();
  return InvalidInput("the towers have ", floats, " weights; at most ", kDenseFloatsMax,
                      " are possible: fewer or narrower layers, or fewer features");
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeDlrm(const ModelSpec& spec) {
  DlrmOptions options;
  options.numeric = spec.numeric;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.top, MakeTowerOptions(spec));
  if (spec.numeric == 0) {
    return InvalidInput(
        "model 'dlrm' has a tower over the numeric inputs and the data has none: declare a numeric "
        "column, or use model 'deepfm'");
  }
  ROOKERY_ASSIGN_OR_RETURN(std::vector<ModelTable> tables, MakeTables(spec, {{.name = "default"}}));
  options.table = std::move(tables[0]);
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.bottom", spec.bottom));
  options.bottom = {.hidden = spec.bottom,
                    .activation = options.top.activation,
                    .norm = options.top.norm,
                    .outputs = options.table.dim};
  ROOKERY_RETURN_IF_ERROR(CheckSize(options));
  return std::unique_ptr<Model>(std::make_unique<Dlrm>(options));
}

Dlrm::Dlrm(const DlrmOptions& options)
    : ScoredModel({options.table}, options.loss),
      numeric_(options.numeric),
      dots_(DotsOf(options.table)),
      top_inputs_(dots_.dim + dots_.products()),
      bottom_("bottom", options.numeric, options.bottom, layout_),
      bottom_bias_(layout_.AddConstant("bottom.output.bias", 1, dots_.dim, 0)),
      bias_(layout_.AddConstant("bias", 1, 1, StartOfOutput(options.loss, options.label_mean))),
      top_("top", top_inputs_, options.top, layout_) {}

std::vector<InputRow> Dlrm::InputRows(const DenseBlockSpec& block) const {
  using Kind = InputRow::Kind;
  std::vector<InputRow> rows;
  if (block.name == bottom_.input_weight().name) {
    for (std::uint32_t i = 0; i < numeric_; ++i)
      rows.push_back({.kind = Kind::kNumber, .index = i});
    return rows;
  }
  if (block.name != top_.input_weight().name) return rows;
  for (std::uint32_t d = 0; d < dots_.dim; ++d) rows.push_back({.kind = Kind::kHidden, .index = d});
  const std::vector<std::uint32_t>& features = tables()[0].features;
  for (std::size_t i = 0; i < features.size(); ++i) {  // vector i + 1
    rows.push_back({.kind = Kind::kHiddenPair, .index = features[i]});
    for (std::size_t j = 0; j < i; ++j) {
      rows.push_back({.kind = Kind::kPair, .index = features[i], .other = features[j]});
    }
  }
  return rows;
}

std::unique_ptr<Model::Scratch> Dlrm::MakeScratch() const {
  auto buffers = std::make_unique<Buffers>();
  buffers->vectors.Grow(dots_.vectors * dots_.dim);
  buffers->d_vectors.Grow(dots_.vectors * dots_.dim);
  buffers->work.Grow(DotWorkFloats(dots_));
  return buffers;
}

const float* Dlrm::Gather(const ModelInput& input, std::size_t example, const float* bottom,
                          Buffers& buffers) const {
  const std::size_t dim = dots_.dim;
  const std::size_t embeddings = (dots_.vectors - 1) * dim;
  float* vectors = buffers.vectors.data();
  std::memcpy(vectors, bottom, dim * sizeof(float));
  std::memcpy(vectors + dim, input.embeddings[0] + example * embeddings,
              embeddings * sizeof(float));
  return vectors;
}

void Dlrm::Interact(const ModelInput& input, const float* dense, Buffers& buffers) const {
  const std::size_t dim = dots_.dim;
  const float* bias = dense + bottom_bias_.offset;
  const float* bottom = buffers.bottom.data();
  float* out = buffers.top_input.Grow(input.examples * top_inputs_);
  for (std::size_t b = 0; b < input.examples; ++b, bottom += dim, out += top_inputs_) {
    for (std::size_t d = 0; d < dim; ++d) out[d] = bottom[d] + bias[d];
    DotForward(dots_, Gather(input, b, out, buffers), buffers.work.data(), out + dim);
  }
}

void Dlrm::InteractBackward(const ModelInput& input, Buffers& buffers,
                            ModelGradients& gradients) const {
  const std::size_t dim = dots_.dim;
  const std::size_t embeddings = (dots_.vectors - 1) * dim;
  const float* d_top = buffers.d_top_input.data();
  float* d_bottom = buffers.d_bottom.Grow(input.examples * dim);
  float* bias = gradients.dense + bottom_bias_.offset;
  float* d_vectors = buffers.d_vectors.data();
  std::fill_n(bias, dim, 0.0F);
  for (std::size_t b = 0; b < input.examples; ++b, d_top += top_inputs_, d_bottom += dim) {
    const float* bottom = buffers.top_input.data() + b * top_inputs_;
    DotBackward(dots_, Gather(input, b, bottom, buffers), d_top + dim, buffers.work.data(),
                d_vectors);
    for (std::size_t d = 0; d < dim; ++d) {
      d_bottom[d] = d_top[d] + d_vectors[d];
      bias[d] += d_bottom[d];
    }
    std::memcpy(gradients.embeddings[0] + b * embeddings, d_vectors + dim,
                embeddings * sizeof(float));
  }
}

void Dlrm::AddBias(std::size_t examples, const float* dense, float* outputs) const {
  for (std::size_t b = 0; b < examples; ++b) outputs[b] += dense[bias_.offset];
}

void Dlrm::Infer(const ModelInput& input, const float* dense, Model::Scratch& scratch,
                 float* outputs) const {
  auto& buffers = static_cast<Buffers&>(scratch);
  bottom_.Predict(input.examples, dense, input.numeric, buffers.bottom_tower,
                  buffers.bottom.Grow(input.examples * dots_.dim));
  Interact(input, dense, buffers);
  top_.Predict(input.examples, dense, buffers.top_input.data(), buffers.top_tower, outputs);
  AddBias(input.examples, dense, outputs);
}

void Dlrm::RoundWeights(std::span<const float> dense, Model::Scratch& scratch) const {
  auto& buffers = static_cast<Buffers&>(scratch);
  bottom_.RoundWeights(dense.data(), buffers.bottom_tower);
  top_.RoundWeights(dense.data(), buffers.top_tower);
}

void Dlrm::Forward(const ModelInput& input, const float* dense, const DropoutStream& dropout,
                   Model::Scratch& scratch, float* outputs) const {
  auto& buffers = static_cast<Buffers&>(scratch);
  bottom_.Forward(input.examples, dense, input.numeric, dropout, buffers.bottom_tower,
                  buffers.bottom.Grow(input.examples * dots_.dim));
  Interact(input, dense, buffers);
  top_.Forward(input.examples, dense, buffers.top_input.data(), dropout, buffers.top_tower,
               outputs);
  AddBias(input.examples, dense, outputs);
}

void Dlrm::Backward(const ModelInput& input, const float* dense, const float* d_outputs,
                    Model::Scratch& scratch, ModelGradients& gradients) const {
  auto& buffers = static_cast<Buffers&>(scratch);
  const std::size_t examples = input.examples;
  gradients.dense[bias_.offset] = Sum(d_outputs, examples);
  top_.Backward(examples, dense, buffers.top_input.data(), d_outputs, buffers.top_tower,
                gradients.dense, top_inputs_, buffers.d_top_input.Grow(examples * top_inputs_));
  InteractBackward(input, buffers, gradients);
  bottom_.Backward(examples, dense, input.numeric, buffers.d_bottom.data(), buffers.bottom_tower,
                   gradients.dense, 0, nullptr);
}

void Dlrm::Describe(GraphBuilder& graph) const {
  const GraphBuilder::Value bottom =
      graph.AddParameter(bottom_.Describe(graph, graph.Numeric()), bottom_bias_.name);
  const GraphBuilder::Value products = graph.PairProducts(
      graph.Concat({bottom, graph.Embeddings(0)}), static_cast<std::uint32_t>(dots_.vectors));
  const GraphBuilder::Value sum =
      graph.AddParameter(top_.Describe(graph, graph.Concat({bottom, products})), bias_.name);
  graph.Output(IsBinary(loss()) ? graph.Sigmoid(sum) : sum);
}

}  // namespace rookery
