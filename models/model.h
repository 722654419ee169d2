// Model: declares the rows and dense parameters it needs, then computes. Pure: it never fetches,
// keeps no state between calls and gives the same bits for the same input.
//
// Embedding rows reach a model already combined: models/layers/embedding_combiner turns the rows of
// a feature's keys into one vector per example before, and its gradient into row gradients after.
// Only of a sequence (a list with combiner "none") a model gets every row.
//
//   B examples of one part, T tables, F_t features that read table t, D_t its dim, N numeric
//   inputs, P dense floats, K labels and scores of an example. Every matrix is row-major.
//
// Owner    models are made by MakeModel, immutable, shared by compute threads.
// Threads  const methods from any thread, each with a Scratch of its own.
// Errors   MakeModel refuses a spec that does not fit (kInvalidInput); methods have only caller
// bugs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/block_pool.h"
#include "common/error.h"
#include "common/random.h"
#include "common/types.h"
#include "models/bf16.h"
#include "protocol/table_spec.h"

namespace rookery {

class GraphBuilder;  // models/graph.h

// One of several labels that a model learns.
struct LabelShape {
  std::string name;
  float mean = 0;         // of the training data: start of its output's bias
  float loss_weight = 1;  // in the sum over labels
};

struct FeatureShape {
  std::string name;
  std::vector<std::string> tables;  // as the schema says; empty: every table of the model
  bool sequence = false;            // a list whose rows are not combined
};

// What the job says about the model ([model] in the job file) and what the data gives.
struct ModelSpec {
  std::string name = "deepfm";  // a name of models/model_registry.cc
  std::uint32_t dim = 16;       // of embeddings, without the model's first-order columns
  std::map<std::string, std::uint32_t> table_dims;  // overrides `dim` for one table
  std::vector<std::uint32_t> hidden;                // tower widths, without the final 1
  std::vector<std::uint32_t> bottom = {64};         // dlrm: widths of the tower over numeric inputs
  std::uint32_t cross_layers = 3;                   // models/model_options.cc says what these are
  std::uint32_t cross_rank = 0;
  std::string structure = "parallel";
  std::vector<std::uint32_t> cin = {100, 100};
  std::uint32_t attention_layers = 3;
  std::uint32_t attention_heads = 2;
  std::uint32_t attention_width = 32;
  std::string bilinear = "all";
  std::uint32_t senet_reduction = 3;
  std::vector<std::uint32_t> second_hidden;
  std::uint32_t fusion_heads = 1;
  std::string first_gate, second_gate;
  std::vector<std::uint32_t> gate_hidden = {400};
  std::string target;
  std::vector<std::uint32_t> attention_hidden = {80, 40};
  std::string cell = "gru";
  std::string direction = "forward";
  std::string item_loss = "bce";
  std::string item_rows = "shared";
  std::uint32_t feed_forward = 0;
  std::uint32_t window = 5;
  std::uint32_t horizontal_filters = 16;
  std::uint32_t vertical_filters = 4;
  std::uint32_t masked_percent = 20;
  std::uint32_t latent = 64;
  std::uint32_t kl_percent = 20;
  std::uint32_t pretrain_steps = 0;
  std::uint32_t pretrain_percent = 1;
  std::uint32_t experts = 4;
  std::uint32_t task_experts = 2;
  std::uint32_t levels = 1;
  std::vector<std::uint32_t> task_hidden = {32};
  std::uint32_t max_length = 50;       // of a history; the data's
  std::string activation = "relu";     // one of layers/activation.h
  float dropout = 0;                   // after each hidden layer; probability of zero
  std::string norm = "none";           // none | batch | layer, before the activation
  std::string loss = "bce";            // one of losses/loss.h
  Dtype dtype = Dtype::kFp32;          // of the tower's products in training
  std::vector<FeatureShape> features;  // in schema order
  std::uint32_t numeric = 0;           // N
  float label_mean = 0;                // of the training data: start of the output bias
  std::vector<LabelShape> labels;      // where there are several: all, the first as above
};

struct ModelTable {
  std::string name;
  std::uint32_t dim = 1;  // D_t, zero_columns included
  std::uint32_t zero_columns = 0;
  std::vector<std::uint32_t> features;  // indices into ModelSpec::features, F_t of them, ascending
  std::vector<std::uint32_t> sequences = {};  // the same, of those that are sequences
  // Of `sequences` the one whose items are told from all items of the catalog: a step of training
  // has the rows of all of these as well (ModelInput::catalog). Of one table at most.
  std::optional<std::uint32_t> told_from_catalog = {};

  // Features, then sequences.
  [[nodiscard]] std::size_t inputs() const { return features.size() + sequences.size(); }
  [[nodiscard]] std::uint32_t input(std::size_t i) const {
    return i < features.size() ? features[i] : sequences[i - features.size()];
  }
};

// The rows of one sequence: example b has those from offsets[b] - offsets[0] on, S in all.
struct SequenceInput {
  const float* rows = nullptr;             // [S, D_t]
  const std::uint32_t* offsets = nullptr;  // [B + 1]
};

// The rows of all items of the catalog, the same for every part of a step.
struct CatalogRows {
  static constexpr std::uint32_t kNowhere = 0xffffffffU;
  const float* rows = nullptr;            // [I, D_t]
  std::size_t items = 0;                  // I; 0: the model did not ask for them, or predicts
  const std::uint32_t* places = nullptr;  // [S], of ModelTable::told_from_catalog: which row is an
                                          // element's item; kNowhere: none
};

// What one row of a dense weight is multiplied by. Equal in two models: the same input.
struct InputRow {
  enum class Kind : std::uint8_t {
    kFeature,     // column `column` of the combined vector of feature `index`
    kNumber,      // numeric input `index`
    kHidden,      // output `index` of a tower over the numeric inputs
    kPair,        // the dot product of the vectors of the features `index` and `other`
    kHiddenPair,  // of the vector of feature `index` and the output of that tower
  };
  Kind kind = Kind::kFeature;
  std::uint32_t index = 0;  // features and numbers as in ModelSpec
  std::uint32_t other = 0;
  std::uint32_t column = 0;
};

struct ModelInput {
  std::size_t examples = 0;                    // B
  PooledVector<const float*> embeddings;       // [T], each [B, F_t * D_t]
  const float* numeric = nullptr;              // [B, N]
  const float* labels = nullptr;               // [B, K], NaN: none; nullptr in Predict
  const float* weights = nullptr;              // [B]; nullptr: all 1
  PooledVector<SequenceInput> sequences = {};  // those of table 0, then of table 1, ...
  CatalogRows catalog = {};
};

struct ModelGradients {
  PooledVector<float*> embeddings;      // [T], each [B, F_t * D_t], overwritten
  float* dense = nullptr;               // [P], overwritten
  PooledVector<float*> sequences = {};  // as in ModelInput, each [S, D_t], overwritten
  float* catalog = nullptr;             // [I, D_t], added to: it is of several parts
};

// Names the random stream of dropout; the same for the same part of the same slice and step.
struct DropoutStream {
  std::uint64_t seed = 0;
  Step step{};
  Slice slice{};
  std::uint32_t part = 0;
};

class Model {
 public:
  // Buffers of one thread, grown on first use and reused.
  class Scratch {
   public:
    virtual ~Scratch() = default;
  };

  virtual ~Model() = default;
  [[nodiscard]] virtual const std::vector<ModelTable>& tables() const = 0;
  [[nodiscard]] virtual const std::vector<DenseBlockSpec>& dense_blocks() const = 0;  // sum = P
  // Of a dense block whose rows belong to inputs, one for each row; else empty.
  [[nodiscard]] virtual std::vector<InputRow> InputRows(const DenseBlockSpec& /*block*/) const {
    return {};
  }
  [[nodiscard]] virtual std::unique_ptr<Scratch> MakeScratch() const = 0;
  [[nodiscard]] virtual std::size_t outputs() const { return 1; }  // K

  // Scores are probabilities for binary losses, values otherwise. scores is [B, K].
  virtual void Predict(const ModelInput& input, std::span<const float> dense, Scratch& scratch,
                       std::span<float> scores) const = 0;
  // From now on Predict with this scratch and the same `dense` multiplies towers in bf16, by
  // weights that are rounded here once. Nothing for a model without a tower.
  virtual void RoundWeights(std::span<const float> /*dense*/, Scratch& /*scratch*/) const {}
  // Forward and backward. Gradients are of the *sum* over examples of weight * loss, with several
  // labels over those that there are, each with its loss_weight; the caller
  // divides by the number of examples of the whole step. Returns that sum of losses.
  virtual double ForwardBackward(const ModelInput& input, std::span<const float> dense,
                                 const DropoutStream& dropout, Scratch& scratch,
                                 std::span<float> scores, ModelGradients& gradients) const = 0;
  // Whether an example's loss and gradient depend on the other examples that are computed with it,
  // batch norm aside (DenseBlockSpec::statistic_rate).
  [[nodiscard]] virtual bool mixes_examples() const { return false; }
  // Of a model that ranks all items for a user: an item's score is the dot product of two vectors
  // of this many floats (W), plus a number of the item. 0: the model does not rank.
  [[nodiscard]] virtual std::size_t ranking_width() const { return 0; }
  // queries [B, W], of the examples' users; items [B, W + 1], of the examples' items, the number
  // last. What is not asked for may be zero in the input; weights[b] is how many users have the
  // item. REQUIRES: W > 0.
  virtual void RankingQueries(const ModelInput& /*input*/, std::span<const float> /*dense*/,
                              Scratch& /*scratch*/, std::span<float> /*queries*/) const {}
  virtual void RankingItems(const ModelInput& /*input*/, std::span<const float> /*dense*/,
                            Scratch& /*scratch*/, std::span<float> /*items*/) const {}
  // Describes Predict as a graph of named operations, for exports.
  virtual void Describe(GraphBuilder& graph) const = 0;
};

// models/model_registry.cc. An unknown name, activation, norm or loss lists the known ones.
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeModel(const ModelSpec& spec);
[[nodiscard]] std::vector<std::string> ModelNames();
// A model of lists item, negative and history (data/sequence.h kNextItem).
[[nodiscard]] bool LearnsNextItem(std::string_view model);
// A model whose examples' weights in training say how many users have the item.
[[nodiscard]] bool WantsItemCounts(std::string_view model);
// A model of next items that tells an item from all others, and has no use for negatives.
[[nodiscard]] bool LearnsFromCatalog(const ModelSpec& spec);

// [P] floats: the start values of the dense parameters, a pure function of (blocks, seed).
[[nodiscard]] std::vector<float> InitialDense(std::span<const DenseBlockSpec> blocks,
                                              std::uint64_t seed);

}  // namespace rookery
