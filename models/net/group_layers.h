// Layers over groups: a value [B, groups * width] as `groups` vectors of one width side by side,
// as the features of a table are. Each function appends layers and returns their value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/net/net.h"

namespace rookery {

// The groups of x with these indices, in that order, also more than once.
NetValue AddSelectGroups(NetBuilder& net, NetValue x, std::size_t groups,
                         std::vector<std::uint32_t> indices);
// [B, groups * width] -> [B, width * groups].
NetValue AddTransposeGroups(NetBuilder& net, NetValue x, std::size_t groups);
// The sum of the groups, [B, width].
NetValue AddSumGroups(NetBuilder& net, NetValue x, std::size_t groups);
// The sum of each group's columns, [B, groups].
NetValue AddGroupSums(NetBuilder& net, NetValue x, std::size_t groups);
// Every group times the same matrix NAME.weight [width, outputs], plus NAME.bias.
NetValue AddGroupLinear(NetBuilder& net, const std::string& name, NetValue x, std::size_t groups,
                        std::size_t outputs, bool bias);
// Group g of x times s [B, groups] at g.
NetValue AddScaledGroups(NetBuilder& net, NetValue x, NetValue s, std::size_t groups);
// a_i * b_j by element for the pairs i < j of groups, (0,1), (0,2), ..., (1,2), ...
NetValue AddPairs(NetBuilder& net, NetValue a, NetValue b, std::size_t groups);
// The sum over pairs of groups of their products by element, [B, width]:
// 1/2 ((sum of groups)^2 - sum of (groups^2)).
NetValue AddPairSum(NetBuilder& net, NetValue x, std::size_t groups);
// Scaled dot-product attention of every group to all, in `heads` equal parts of the columns
// (Vaswani et al. 2017): softmax(q k^T scale) v in each head. q, k, v [B, groups * width].
NetValue AddGroupAttention(NetBuilder& net, NetValue q, NetValue k, NetValue v, std::size_t groups,
                           std::size_t heads, float scale);

}  // namespace rookery
