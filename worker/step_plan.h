// StepPlan: what one batch needs of the tables: the unique keys of each table, in the order that
// servers want, and the way back from every key occurrence to its row.
//
// A planner is pure but for scratch memory that it reuses. Owner: one per stream of batches.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/batch.h"
#include "models/layers/embedding_combiner.h"
#include "models/model.h"
#include "ps/ps_client.h"

namespace rookery {

struct StepPlan {
  std::vector<TablePlan> tables;
  // positions[t][i]: for the i-th feature of table t, the row index of every key occurrence.
  std::vector<std::vector<std::vector<std::uint32_t>>> positions;
  std::vector<OccurrenceIndex> occurrences;  // [t]; only for training
};

class StepPlanner {
 public:
  // `tables` outlive the planner; combiners are per feature of the schema.
  StepPlanner(const std::vector<ModelTable>* tables, std::vector<Combiner> combiners,
              std::uint32_t servers, std::uint32_t buckets);

  // `plan` keeps its capacity from call to call.
  void Plan(const Batch& batch, bool for_training, StepPlan* plan);

  // The features of table t with their positions, for models/layers/embedding_combiner.
  [[nodiscard]] static std::vector<CombinedFeature> Combined(const ModelTable& table,
                                                             std::span<const Combiner> combiners,
                                                             const Batch& batch,
                                                             const StepPlan& plan, std::size_t t);

 private:
  struct Slot {
    std::uint64_t mixed = 0;
    std::uint32_t stamp = 0;  // of the call that filled it
    std::uint32_t unique = 0;
  };
  struct Unique {
    std::uint64_t mixed;
    std::uint32_t index;  // by first occurrence
  };
  void PlanTable(const Batch& batch, const ModelTable& table, TablePlan* plan,
                 std::vector<std::vector<std::uint32_t>>* positions);
  [[nodiscard]] std::uint32_t Insert(Key key, TablePlan* plan);
  void SortUnique(TablePlan* plan, std::vector<std::vector<std::uint32_t>>* positions);

  const std::vector<ModelTable>& tables_;
  const std::vector<Combiner> combiners_;
  const std::uint32_t servers_;
  const std::uint32_t buckets_;
  std::vector<Slot> slots_;
  std::vector<Unique> unique_;
  std::vector<Key> unsorted_;
  std::vector<std::uint32_t> rank_;
  std::uint32_t stamp_ = 0;
};

}  // namespace rookery
