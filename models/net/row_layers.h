// Layers over the rows of any value, examples or elements of a sequence: normalisation, dropout,
// convolution and pooling. Each function appends a layer and returns its value.
#pragma once

#include <cstddef>
#include <string>

#include "models/layers/norm.h"
#include "models/net/net.h"

namespace rookery {

// To mean 0 and variance 1, then times NAME.gain plus NAME.shift (layers/norm.h); kNone: x itself.
NetValue AddNorm(NetBuilder& net, const std::string& name, NetValue x, NormKind kind);
// Of each row.
NetValue AddLayerNorm(NetBuilder& net, const std::string& name, NetValue x);
// In training an element is 0 with this probability, the others grow (layers/dropout.h). `layer`
// names the stream: no two layers of a net share one. 0: x itself.
NetValue AddDropout(NetBuilder& net, NetValue x, float probability, std::size_t layer);

// A row as an image, row-major [height, width].
struct ImageShape {
  std::size_t height = 1, width = 1;
};
// Convolution without padding, stride 1: every place of `kernel` inside the image times
// NAME.weight [kernel.height * kernel.width, filters], plus NAME.bias. [R, places * filters], the
// places row by row; with kernel.width = image.width it is one-dimensional.
NetValue AddConvolution(NetBuilder& net, const std::string& name, NetValue x,
                        const ImageShape& image, const ImageShape& kernel, std::size_t filters);
// The largest of the groups, column by column: [R, groups * width] -> [R, width]. The gradient goes
// to the first of equal ones.
NetValue AddMaxGroups(NetBuilder& net, NetValue x, std::size_t groups);

}  // namespace rookery
