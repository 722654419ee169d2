#include "worker/step_compute.h"

#include <algorithm>
#include <numeric>

#include "common/float_scan.h"
#include "common/trace.h"

namespace rookery {
namespace {

// Work that has no natural parts is cut into this many pieces a thread.
constexpr std::size_t kPiecesPerThread = 4;

}  // namespace

StepCompute::StepCompute(const Model* model, std::vector<Combiner> combiners, ComputePool* pool,
                         std::uint32_t part_examples, std::uint64_t seed, double clip_norm)
    : model_(*model),
      combiners_(std::move(combiners)),
      pool_(*pool),
      part_examples_(part_examples),
      seed_(seed),
      features_(model->tables().size()) {
  for (std::size_t t = 0; t < model->tables().size(); ++t) {
    if (model->tables()[t].told_from_catalog) catalog_table_ = t;
  }
  for (const DenseBlockSpec& block : model->dense_blocks()) dense_floats_ += block.size();
  for (std::size_t thread = 0; thread < pool_.threads(); ++thread) {
    scratch_.push_back(model->MakeScratch());
  }
  if (clip_norm > 0) clipper_.emplace(model, clip_norm, pool_.threads());
}

std::size_t StepCompute::Parts(const Batch& batch) const {
  return (batch.examples + part_examples_ - 1) / part_examples_;
}

StepCompute::Part StepCompute::PartOf(const Batch& batch, std::size_t part) const {
  const std::size_t begin = part * part_examples_;
  return {begin, std::min(begin + part_examples_, batch.examples)};
}

void StepCompute::Prepare(const PreparedSlice& slice, bool training, SliceBuffers* buffers) {
  const std::size_t tables = model_.tables().size();
  const std::size_t examples = slice.batch.examples;
  buffers->vectors.resize(tables);
  buffers->vector_gradients.resize(tables);
  buffers->row_gradients.resize(tables);
  sequence_vectors_.resize(tables);
  catalog_floats_ = 0;
  for (std::size_t t = 0; t < tables; ++t) {
    const ModelTable& table = model_.tables()[t];
    features_[t] = StepPlanner::Combined(table, combiners_, slice.batch, slice.plan, t);
    std::size_t vectors = examples * table.features.size();
    sequence_vectors_[t].clear();
    for (const std::uint32_t sequence : table.sequences) {
      sequence_vectors_[t].push_back(vectors);
      vectors += slice.batch.features[sequence].keys.size();
    }
    if (t == catalog_table_) {
      catalog_vector_ = vectors;
      catalog_floats_ = slice.plan.catalog.rows.size() * table.dim;
      vectors += slice.plan.catalog.rows.size();
    }
    buffers->vectors[t].resize(vectors * table.dim);
    if (!training) continue;
    buffers->vector_gradients[t].resize(vectors * table.dim);
    buffers->row_gradients[t].resize(slice.plan.tables[t].keys.size() * table.dim);
  }
  buffers->scores.resize(examples * model_.outputs());
  if (!training) return;
  buffers->part_dense.resize(Parts(slice.batch) * dense_floats_);
  buffers->part_loss.assign(Parts(slice.batch), 0);
  if (clipper_) buffers->part_left_out.assign(Parts(slice.batch), 0);
  buffers->dense_gradient.resize(std::max(buffers->dense_gradient.size(), dense_floats_));
}

std::size_t StepCompute::FirstVector(std::size_t t, Part part) const {
  return part.begin * model_.tables()[t].features.size();
}

void StepCompute::Combine(const PreparedSlice& slice, Part part, SliceBuffers* buffers) {
  const TraceSpan span("gather");
  for (std::size_t t = 0; t < features_.size(); ++t) {
    const ModelTable& table = model_.tables()[t];
    float* vectors = buffers->vectors[t].data();
    CombineForward(features_[t], buffers->rows[t], table.dim, part.begin, part.end,
                   vectors + FirstVector(t, part) * table.dim);
    for (std::size_t s = 0; s < table.sequences.size(); ++s) {
      const FeatureColumn& column = slice.batch.features[table.sequences[s]];
      const std::size_t begin = column.Begin(part.begin), end = column.Begin(part.end);
      CopyOccurrences(slice.plan.positions[t][table.features.size() + s], buffers->rows[t],
                      table.dim, begin, end,
                      vectors + (sequence_vectors_[t][s] + begin) * table.dim);
    }
  }
}

float* StepCompute::CatalogIn(std::vector<std::vector<float>>& vectors) const {
  return vectors[*catalog_table_].data() + catalog_vector_ * model_.tables()[*catalog_table_].dim;
}

void StepCompute::GatherCatalog(const PreparedSlice& slice, SliceBuffers* buffers) {
  const std::vector<std::uint32_t>& rows = slice.plan.catalog.rows;
  const std::size_t dim = model_.tables()[*catalog_table_].dim;
  const std::size_t pieces = pool_.threads() * kPiecesPerThread;
  pool_.Run(pieces, [&](std::size_t piece, std::size_t) {
    const TraceSpan span("gather");
    const std::size_t begin = rows.size() * piece / pieces;
    CopyOccurrences(rows, buffers->rows[*catalog_table_], dim, begin,
                    rows.size() * (piece + 1) / pieces, CatalogIn(buffers->vectors) + begin * dim);
  });
}

ModelInput StepCompute::InputOf(const PreparedSlice& slice, Part part,
                                SliceBuffers* buffers) const {
  const Batch& batch = slice.batch;
  ModelInput input;
  input.examples = part.end - part.begin;
  for (std::size_t t = 0; t < features_.size(); ++t) {
    const ModelTable& table = model_.tables()[t];
    const float* vectors = buffers->vectors[t].data();
    input.embeddings.push_back(vectors + FirstVector(t, part) * table.dim);
    for (std::size_t s = 0; s < table.sequences.size(); ++s) {
      const std::uint32_t* offsets = batch.features[table.sequences[s]].offsets.data() + part.begin;
      input.sequences.push_back(
          {vectors + (sequence_vectors_[t][s] + offsets[0]) * table.dim, offsets});
    }
  }
  input.numeric = batch.numeric.data() + part.begin * batch.numeric_width;
  input.labels = batch.labels.data() + part.begin * batch.label_width;
  if (!batch.weights.empty()) input.weights = batch.weights.data() + part.begin;
  if (catalog_floats_ > 0) {
    const std::uint32_t told = *model_.tables()[*catalog_table_].told_from_catalog;
    input.catalog = {CatalogIn(buffers->vectors), slice.plan.catalog.rows.size(),
                     slice.plan.catalog.places.data() + batch.features[told].Begin(part.begin)};
  }
  return input;
}

std::span<float> StepCompute::ScoresOf(Part part, SliceBuffers* buffers) const {
  const std::size_t width = model_.outputs();
  return std::span(buffers->scores).subspan(part.begin * width, (part.end - part.begin) * width);
}

ModelGradients StepCompute::GradientsOf(const PreparedSlice& slice, Part part,
                                        SliceBuffers* buffers) const {
  ModelGradients gradients;
  for (std::size_t t = 0; t < features_.size(); ++t) {
    const ModelTable& table = model_.tables()[t];
    float* vectors = buffers->vector_gradients[t].data();
    gradients.embeddings.push_back(vectors + FirstVector(t, part) * table.dim);
    for (std::size_t s = 0; s < table.sequences.size(); ++s) {
      const std::size_t begin = slice.batch.features[table.sequences[s]].Begin(part.begin);
      gradients.sequences.push_back(vectors + (sequence_vectors_[t][s] + begin) * table.dim);
    }
  }
  return gradients;
}

double StepCompute::TrainPart(const PreparedSlice& slice, Part part, std::span<const float> dense,
                              const DropoutStream& dropout, std::size_t thread,
                              ModelGradients* gradients, SliceBuffers* buffers) {
  Combine(slice, part, buffers);
  return model_.ForwardBackward(InputOf(slice, part, buffers), dense, dropout, *scratch_[thread],
                                ScoresOf(part, buffers), *gradients);
}

void StepCompute::TrainClipped(const PreparedSlice& slice, std::size_t p,
                               std::span<const float> dense, DropoutStream dropout,
                               std::size_t thread, SliceBuffers* buffers) {
  const Part part = PartOf(slice.batch, p);
  const std::span<float> sum =
      std::span(buffers->part_dense).subspan(p * dense_floats_, dense_floats_);
  std::ranges::fill(sum, 0.0F);
  for (std::size_t example = part.begin; example < part.end; ++example) {
    const Part one{example, example + 1};
    ModelGradients gradients = GradientsOf(slice, one, buffers);
    gradients.dense = clipper_->dense(thread).data();
    dropout.part = static_cast<std::uint32_t>(example);
    buffers->part_loss[p] += TrainPart(slice, one, dense, dropout, thread, &gradients, buffers);
    const bool finite = clipper_->Clip(example, thread, buffers->vector_gradients, gradients, sum);
    if (!finite) ++buffers->part_left_out[p];
  }
}

void StepCompute::Train(const PreparedSlice& slice, std::span<const float> dense, Step step,
                        Slice index, SliceBuffers* buffers) {
  Prepare(slice, true, buffers);
  if (clipper_) clipper_->Begin(slice);
  const std::size_t parts = Parts(slice.batch);
  const auto train = [&](std::size_t p, std::size_t thread, float* d_catalog) {
    const DropoutStream dropout{seed_, step, index, static_cast<std::uint32_t>(p)};
    if (clipper_) return TrainClipped(slice, p, dense, dropout, thread, buffers);
    const Part part = PartOf(slice.batch, p);
    ModelGradients gradients = GradientsOf(slice, part, buffers);
    gradients.dense = buffers->part_dense.data() + p * dense_floats_;
    gradients.catalog = d_catalog;
    buffers->part_loss[p] = TrainPart(slice, part, dense, dropout, thread, &gradients, buffers);
  };
  if (catalog_floats_ == 0) {
    pool_.Run(parts, [&](std::size_t p, std::size_t thread) { train(p, thread, nullptr); });
  } else {
    GatherCatalog(slice, buffers);
    catalog_sums_.Train(&pool_, parts, {CatalogIn(buffers->vector_gradients), catalog_floats_},
                        train);
  }
  buffers->loss_sum = std::accumulate(buffers->part_loss.begin(), buffers->part_loss.end(), 0.0);
  buffers->left_out =
      std::accumulate(buffers->part_left_out.begin(), buffers->part_left_out.end(), std::size_t{0});
  SumDenseParts(parts, buffers);
  ScatterToRows(slice, buffers);
}

void StepCompute::Predict(const PreparedSlice& slice, std::span<const float> dense,
                          SliceBuffers* buffers) {
  Prepare(slice, false, buffers);
  pool_.Run(Parts(slice.batch), [&](std::size_t p, std::size_t thread) {
    const Part part = PartOf(slice.batch, p);
    Combine(slice, part, buffers);
    model_.Predict(InputOf(slice, part, buffers), dense, *scratch_[thread],
                   ScoresOf(part, buffers));
  });
}

void StepCompute::RankingVectors(RankingSide side, const PreparedSlice& slice,
                                 std::span<const float> dense, SliceBuffers* buffers,
                                 std::vector<float>* vectors) {
  const bool items = side == RankingSide::kItem;
  const std::size_t width = model_.ranking_width() + (items ? 1 : 0);
  vectors->resize(slice.batch.examples * width);
  Prepare(slice, false, buffers);
  pool_.Run(Parts(slice.batch), [&](std::size_t p, std::size_t thread) {
    const Part part = PartOf(slice.batch, p);
    Combine(slice, part, buffers);
    const ModelInput input = InputOf(slice, part, buffers);
    const std::span<float> to =
        std::span(*vectors).subspan(part.begin * width, input.examples * width);
    if (items) {
      model_.RankingItems(input, dense, *scratch_[thread], to);
    } else {
      model_.RankingQueries(input, dense, *scratch_[thread], to);
    }
  });
}

void StepCompute::SumDenseParts(std::size_t parts, SliceBuffers* buffers) {
  const std::size_t pieces = pool_.threads() * kPiecesPerThread;
  pool_.Run(pieces, [&](std::size_t piece, std::size_t) {
    const TraceSpan span("sum parts");
    const std::size_t begin = dense_floats_ * piece / pieces;
    const std::size_t end = dense_floats_ * (piece + 1) / pieces;
    float* sum = buffers->dense_gradient.data();
    std::fill(sum + begin, sum + end, 0.0F);
    for (std::size_t p = 0; p < parts; ++p) {
      const float* part = buffers->part_dense.data() + p * dense_floats_;
      for (std::size_t i = begin; i < end; ++i) sum[i] += part[i];
    }
  });
}

void StepCompute::ScatterToRows(const PreparedSlice& slice, SliceBuffers* buffers) {
  const std::size_t pieces = pool_.threads() * kPiecesPerThread;
  piece_largest_.assign(pieces, 0);
  for (std::size_t t = 0; t < features_.size(); ++t) {
    const ModelTable& table = model_.tables()[t];
    const std::size_t unique = slice.plan.tables[t].keys.size();
    pool_.Run(pieces, [&](std::size_t piece, std::size_t) {
      const TraceSpan span("scatter");
      const std::size_t begin = unique * piece / pieces;
      const std::size_t end = unique * (piece + 1) / pieces;
      std::vector<float>& gradients = buffers->row_gradients[t];
      CombineBackward(slice.plan.occurrences[t], buffers->vector_gradients[t].data(), table.dim,
                      begin, end, gradients.data());
      const auto made = std::span(gradients).subspan(begin * table.dim, (end - begin) * table.dim);
      piece_largest_[piece] = std::max(piece_largest_[piece], LargestMagnitudeBits(made));
    });
  }
  buffers->largest_row_gradient_bits = *std::ranges::max_element(piece_largest_);
}

}  // namespace rookery
