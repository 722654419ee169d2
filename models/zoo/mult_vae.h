// "mult_vae": a user's items from a few latent variables that follow from all of them (Liang et al.
// 2018), a variational autoencoder for implicit feedback.
//
//   b      = layer norm of the sum of the history's rows, a share model.dropout of them left out
//   m, v   = the two halves of W_2 tanh(W_1 b), model.latent columns each
//   z      = m in prediction, a normal number of mean m and variance exp v in training
//   state  = W_4 tanh(W_3 z), the same at every element: it tells all of the user's items
//
// Loss     model.item_loss of each item, where "full_softmax" is the multinomial likelihood of the
//          paper and "softmax" the same by sampling, and model.kl_percent / 100 times the
//          divergence of z from a normal distribution.
// Hidden   model.hidden: the widths of the encoder, the decoder has them in the opposite order.
// The rest is models/zoo/next_item_model.h.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeMultVae(const ModelSpec& spec);

}  // namespace rookery
