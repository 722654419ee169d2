// Layers over the columns of a row that share its weight among them. Each function appends a layer
// and returns its value. x is [R, width].
#pragma once

#include "models/net/net.h"

namespace rookery {

// exp(x_i) / sum_j exp(x_j), [R, width].
NetValue AddSoftmax(NetBuilder& net, NetValue x);
// log sum_j exp(x_j), [R, 1].
NetValue AddLogSumExp(NetBuilder& net, NetValue x);

}  // namespace rookery
