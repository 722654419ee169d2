// Models that learn several labels at once: a value for each label, from the concatenated vectors
// and numbers x (docs/models.md).
//
//   shared_bottom  h = bottom(x), y_k = task_k(h) (Caruana 1997)
//   mmoe           h_k = sum_e g_ke expert_e(x), g_k = softmax(W_k x), y_k = task_k(h_k)
//                  (Ma et al. 2018)
//   ple            levels of experts, some of all labels and some of one: a label's gate shares its
//                  own experts and the common ones, the common gate all; y_k = task_k of the last
//                  level (Tang et al. 2020)
//   esmm           of two labels, the second of which only those have that have the first:
//                  score_1 = sigmoid(y_1), score_2 = sigmoid(y_1) sigmoid(y_2), y_k = task_k(x), so
//                  that both are learned over all examples (Ma et al. 2018)
//
// Tables   default, dim D. Blocks: those of the layers, and task.K.bias.
// Hidden   model.hidden: of the bottom, of each expert, of esmm's towers; model.task_hidden: of the
//          towers task_k.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeSharedBottom(const ModelSpec& spec);
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeMmoe(const ModelSpec& spec);
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakePle(const ModelSpec& spec);
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeEsmm(const ModelSpec& spec);

}  // namespace rookery
