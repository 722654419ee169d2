#include "models/zoo/popularity.h"

#include <algorithm>

#include "models/zoo/scored_model.h"
#include "models/zoo/spec_check.h"

namespace rookery {
namespace {

class Popularity final : public ScoredModel {
 public:
  explicit Popularity(std::vector<ModelTable> tables)
      : ScoredModel(std::move(tables), Loss::kBce) {}

  [[nodiscard]] std::unique_ptr<Model::Scratch> MakeScratch() const override {
    return std::make_unique<OutputBuffers>();
  }
  void Describe(GraphBuilder& graph) const override {
    graph.Output(graph.Sigmoid(graph.Scale(graph.SumColumns(graph.Embeddings(0)), 0)));
  }
  [[nodiscard]] std::size_t ranking_width() const override { return 1; }
  void RankingQueries(const ModelInput& /*input*/, std::span<const float> /*dense*/,
                      Model::Scratch& /*scratch*/, std::span<float> queries) const override {
    std::ranges::fill(queries, 0.0F);
  }
  void RankingItems(const ModelInput& input, std::span<const float> /*dense*/,
                    Model::Scratch& /*scratch*/, std::span<float> items) const override {
    for (std::size_t b = 0; b < input.examples; ++b) {
      items[2 * b] = 0;
      items[2 * b + 1] = input.weights[b];
    }
  }

 private:
  void Infer(const ModelInput& input, const float* /*dense*/, Model::Scratch& /*scratch*/,
             float* outputs) const override {
    std::fill_n(outputs, input.examples, 0.0F);
  }
  void Forward(const ModelInput& input, const float* dense, const DropoutStream& /*dropout*/,
               Model::Scratch& scratch, float* outputs) const override {
    Infer(input, dense, scratch, outputs);
  }
  void Backward(const ModelInput& input, const float* /*dense*/, const float* /*d_outputs*/,
                Model::Scratch& /*scratch*/, ModelGradients& gradients) const override {
    const std::size_t features = tables()[0].features.size();
    std::fill_n(gradients.embeddings[0], input.examples * features, 0.0F);
  }
};

}  // namespace

StatusOr<std::unique_ptr<Model>> MakePopularity(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(
      std::vector<ModelTable> tables,
      MakeTables(spec, {{.name = "default", .fixed_dim = true, .zero_columns = 1}}));
  return std::unique_ptr<Model>(std::make_unique<Popularity>(std::move(tables)));
}

}  // namespace rookery
