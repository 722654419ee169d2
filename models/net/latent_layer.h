// Latent variables of a variational autoencoder (Kingma, Welling 2014): normal numbers whose mean
// and log variance a net gives.
#pragma once

#include <cstddef>

#include "models/net/net.h"

namespace rookery {

// x [R, 2 width]: means, then log variances v. In training mean + exp(v / 2) e with e normal, and a
// penalty of `weight` times the divergence from a normal distribution, sum of (mean^2 + exp v - v -
// 1) / 2; in prediction the mean. `layer` names the stream of e: no dropout of the net has it.
NetValue AddLatent(NetBuilder& net, NetValue x, float weight, std::size_t layer);

}  // namespace rookery
