// The plain layers of a net: sums, products, linear maps, activations, towers. Each function
// appends layers to the net and returns their value.
//
// Shapes   x [B, width]. A linear map's blocks are NAME.weight [width, outputs] and NAME.bias.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/layers/hidden_activation.h"
#include "models/layers/tower.h"
#include "models/net/net.h"

namespace rookery {

// The vectors of a table, whose index is 0, and the numeric inputs, if there are any.
NetValue AddInputs(NetBuilder& net, const ModelTable& table, std::uint32_t numeric);
// Element by element; all of one width.
NetValue AddSum(NetBuilder& net, const std::vector<NetValue>& inputs);
// Element by element.
NetValue AddProduct(NetBuilder& net, NetValue a, NetValue b);
NetValue AddScale(NetBuilder& net, NetValue x, float factor);
// x times s [B, 1].
NetValue AddScaledRows(NetBuilder& net, NetValue x, NetValue s);
// x plus the dense block `name` [1, width], whose floats start at `start`.
NetValue AddBias(NetBuilder& net, const std::string& name, NetValue x, float start = 0);
// [B, width] -> [B, 1].
NetValue AddSumColumns(NetBuilder& net, NetValue x);
NetValue AddLinear(NetBuilder& net, const std::string& name, NetValue x, std::size_t outputs,
                   bool bias);
// Blocks as layers/hidden_activation.h says.
NetValue AddActivation(NetBuilder& net, const std::string& name, NetValue x, Activation activation);
// [B, options.outputs]: layers/tower.h, its last layer without a bias. Dropout takes its stream's
// numbers from options.dropout_layer on: no two towers of a net may share them.
NetValue AddTower(NetBuilder& net, const std::string& name, NetValue x,
                  const TowerOptions& options);

}  // namespace rookery
