// Deep interest networks: what a user did, weighed by how it fits the target, beside all else.
//
//   din   y = b + tower(e_1, ..., e_F, u_1, ..., u_S, x); u_s = sum_i a(h_i, t) h_i over the
//         elements h_i of sequence s, t = the vector of the feature model.target,
//         a = a small tower over (h, t, h - t, h * t), without a softmax  (Zhou et al. 2018)
//   dien  the same with h = the states of a GRU over the sequence's vectors: the first half of
//         Zhou et al. 2019, without the auxiliary loss; attention stands in for their second GRU.
//         model.cell = "lstm": of an LSTM. model.direction = "both": h = W (states of one from the
//         first element on, states of another from the last one back) + b  (Schuster, Paliwal 1997)
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeDin(const ModelSpec& spec);
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeDien(const ModelSpec& spec);

}  // namespace rookery
