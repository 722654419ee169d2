// "dbn": a deep belief network: restricted Boltzmann machines, each over the hidden units of the
// one before, trained one after the other without labels, then all together by backpropagation
// (Hinton, Osindero, Teh 2006; Bengio et al. 2007).
//
//   h_1 = sigmoid(c_1 + sum over features of e_f + x V),  h_l = sigmoid(c_l + h_{l-1} W_l)
//   y   = b + h_L.v
//
// Table    default: e_f, as wide as the first hidden layer, model.hidden[0], whatever the job's
//          dim; at its end the visible bias of the key, which starts at zero. None without
//          features.
// Blocks   bias, hidden.0.weight (V, with numbers), hidden.0.bias, hidden.1.weight, hidden.1.bias,
//          ..., output.weight; with model.pretrain_steps also hidden.L.visible, the biases of
//          the numbers or hidden units that machine L reads.
// Training in steps [l N, (l + 1) N), N = model.pretrain_steps, machine l (from 0) alone has a
//          gradient: model.pretrain_percent of that of a step of CD-1 (layers/rbm.h). The first
//          machine reads features as row units, whose states are those of the part, a list being
//          one unit with its combined row, and numbers as gaussian ones; the others read
//          probabilities as bernoulli ones. The loss is -log p of what a visible unit has, given
//          the hidden units that were drawn from it, the mean over units; scores are those of
//          Predict. Then as other click models.
// Dropout  after each hidden layer, in fine-tuning alone.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeDbn(const ModelSpec& spec);

}  // namespace rookery
