// StepPlan: what one batch needs of the tables: the unique keys of each table, in the order that
// servers want, and the way back from every key occurrence to its row.
//
// A planner is pure but for scratch memory that it reuses: in the steady state it allocates
// nothing. One sort of a table's occurrences (worker/occurrence_sort.h) gives all of it.
//
// Owner    one per stream of batches. Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/batch.h"
#include "models/layers/embedding_combiner.h"
#include "models/model.h"
#include "ps/ps_client.h"
#include "worker/occurrence_sort.h"

namespace rookery {

// Of a training step whose model tells items from the whole catalog
// (ModelTable::told_from_catalog).
struct CatalogPlan {
  std::vector<std::uint32_t> rows;    // [I], in the order of the catalog: row indices
  std::vector<std::uint32_t> places;  // CatalogRows::places
};

struct StepPlan {
  std::vector<TablePlan> tables;
  // positions[t][i]: for the i-th feature or sequence (ModelTable::input) of table t, the row index
  // of every key occurrence.
  std::vector<std::vector<std::vector<std::uint32_t>>> positions;
  // [t]; only for training. Behind the vectors of a table's sequences are those of the catalog.
  std::vector<OccurrenceIndex> occurrences;
  CatalogPlan catalog;  // empty unless the model asks for it
};

// What plans for training have beside.
struct PlanExtras {
  std::span<const Key> catalog = {};  // the keys of all items, for StepPlan::catalog
  bool counts = false;                // TablePlan::counts
};

// A batch and its plan.
struct PreparedSlice {
  const Batch& batch;
  const StepPlan& plan;
};

class StepPlanner {
 public:
  // `tables` and the catalog outlive the planner; combiners are per feature of the schema.
  StepPlanner(const std::vector<ModelTable>* tables, std::vector<Combiner> combiners,
              std::uint32_t servers, std::uint32_t buckets, const PlanExtras& extras = {});

  // `plan` keeps its capacity from call to call.
  void Plan(const Batch& batch, bool for_training, StepPlan* plan);

  // Whose an OccurrenceIndex's vector is: an input of the table, and an example of the batch.
  struct Owner {
    std::uint32_t input = 0;  // ModelTable::input
    std::uint32_t example = 0;
  };
  // Nothing of a vector that is the catalog's.
  [[nodiscard]] static std::optional<Owner> OwnerOf(const ModelTable& table, const Batch& batch,
                                                    std::uint32_t vector);
  // The features of table t with their positions, for models/layers/embedding_combiner.
  [[nodiscard]] static PooledVector<CombinedFeature> Combined(const ModelTable& table,
                                                              std::span<const Combiner> combiners,
                                                              const Batch& batch,
                                                              const StepPlan& plan, std::size_t t);

 private:
  using Entry = OccurrenceIndex::Entry;
  using Positions = std::vector<std::vector<std::uint32_t>>;

  // `catalog`: nullptr when the table's rows of it are not needed.
  void PlanTable(const Batch& batch, const ModelTable& table, TablePlan* plan, Positions* positions,
                 CatalogPlan* catalog);
  void FindPlaces(const ModelTable& table, const Positions& positions, CatalogPlan* catalog);
  // Keys, positions and the rows' bounds from the sorted occurrences. False when different keys
  // were mixed up.
  [[nodiscard]] bool Number(TablePlan* plan);
  void CountOccurrences(TablePlan* plan) const;
  void IndexOccurrences(const Batch& batch, const ModelTable& table, OccurrenceIndex* index);
  void FindVectors(const Batch& batch, const ModelTable& table);

  const std::vector<ModelTable>& tables_;
  const std::vector<Combiner> combiners_;
  const std::uint32_t servers_;
  const std::uint32_t buckets_;
  const std::span<const Key> catalog_;
  const bool counts_;

  OccurrenceSort sort_;
  std::vector<std::span<const Key>> keys_;  // of the table's features, then of the catalog
  std::vector<std::uint32_t*> rows_;        // the same for positions
  std::vector<std::uint32_t> row_ends_;     // of each unique key's occurrences
  std::vector<std::uint32_t> places_;       // of each unique key, in the catalog
  // Which vector (OccurrenceIndex) each occurrence of an input goes into: first + place * step, or
  // as listed when it is more than a copy.
  struct Vectors {
    std::size_t first = 0, step = 0;
    std::vector<Entry> listed;
  };
  std::vector<Vectors> vectors_;  // as keys_
};

}  // namespace rookery
