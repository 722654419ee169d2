// SumModel::Describe: the same sum as a graph of named operations.
#include "models/graph.h"
#include "models/zoo/sum_model.h"

namespace rookery {
namespace {

using Value = GraphBuilder::Value;

// 1/2 sum_d ((sum_f v)^2 - sum_f v^2)
Value Interaction(GraphBuilder& graph, Value vectors, std::uint32_t groups) {
  const Value sums = graph.SumGroups(vectors, groups);
  const Value squares = graph.SumGroups(graph.Multiply(vectors, vectors), groups);
  const Value difference = graph.Add(graph.Multiply(sums, sums), graph.Scale(squares, -1.0F));
  return graph.Scale(graph.SumColumns(difference), 0.5F);
}

}  // namespace

void SumModel::Describe(GraphBuilder& graph) const {
  std::optional<Value> output;
  const auto add = [&](Value term) { output = output ? graph.Add(*output, term) : term; };
  std::vector<Value> tower_input;
  if (linear_) add(graph.Linear(graph.Numeric(), linear_->name, ""));
  for (std::uint32_t t = 0; t < options_.tables.size(); ++t) {
    const SumTable& table = options_.tables[t];
    const auto groups = static_cast<std::uint32_t>(table.groups());
    const auto width = static_cast<std::uint32_t>(table.width());
    const Value all = graph.Embeddings(t);
    if (table.first_order) {
      add(graph.SumColumns(width == 0 ? all
                                      : graph.GroupColumns(all, groups, width, table.table.dim)));
    }
    if (!table.interaction && !table.tower) continue;
    const Value vectors = table.first_order ? graph.GroupColumns(all, groups, 0, width) : all;
    if (table.interaction) add(Interaction(graph, vectors, groups));
    if (table.tower) tower_input.push_back(vectors);
  }
  if (tower_) {
    if (options_.numeric > 0) tower_input.push_back(graph.Numeric());
    add(tower_->Describe(graph,
                         tower_input.size() == 1 ? tower_input[0] : graph.Concat(tower_input)));
  }
  const Value sum = graph.AddParameter(*output, bias_.name);
  graph.Output(IsBinary(options_.loss) ? graph.Sigmoid(sum) : sum);
}

}  // namespace rookery
