#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "common/check.h"
#include "models/layers/linear.h"
#include "models/net/row_layers.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

// Every place's piece of the image becomes a row, and a linear map does the rest.
class ConvolutionLayer final : public Layer {
 public:
  ConvolutionLayer(const std::string& name, const ImageShape& image, const ImageShape& kernel,
                   std::size_t filters, DenseLayout& layout)
      : image_(image),
        kernel_(kernel),
        linear_(name, kernel.height * kernel.width, filters, layout),
        bias_(layout.AddConstant(name + ".bias", 1, filters, 0)) {}

  [[nodiscard]] std::size_t places() const {
    return (image_.height - kernel_.height + 1) * (image_.width - kernel_.width + 1);
  }

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    const std::size_t rows = call.rows * places(), filters = linear_.outputs();
    float* pieces = static_cast<Work*>(call.state)->pieces.Grow(rows * linear_.inputs());
    ForLines(call.rows, [&](std::size_t of_image, std::size_t of_piece) {
      std::copy_n(call.inputs[0].x + of_image, kernel_.width, pieces + of_piece);
    });
    linear_.Forward(rows, call.dense, pieces, y);
    for (std::size_t r = 0; r < rows; ++r) {
      AddScaled(1, call.dense + bias_.offset, filters, y + r * filters);
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy, float* d_dense) const override {
    const std::size_t rows = call.rows * places(), filters = linear_.outputs();
    auto& work = *static_cast<Work*>(call.state);
    float* dx = call.inputs[0].dx;
    float* d_pieces = work.d_pieces.Grow(rows * linear_.inputs());
    linear_.Backward(rows, call.dense, work.pieces.data(), dy, d_dense,
                     dx != nullptr ? linear_.inputs() : 0, d_pieces);
    std::fill_n(d_dense + bias_.offset, filters, 0.0F);
    for (std::size_t r = 0; r < rows; ++r) {
      AddScaled(1, dy + r * filters, filters, d_dense + bias_.offset);
    }
    if (dx == nullptr) return;
    ForLines(call.rows, [&](std::size_t of_image, std::size_t of_piece) {
      AddScaled(1, d_pieces + of_piece, kernel_.width, dx + of_image);
    });
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    std::vector<std::uint32_t> columns;
    ForLines(1, [&](std::size_t of_image, std::size_t /*of_piece*/) {
      for (std::size_t i = 0; i < kernel_.width; ++i) {
        columns.push_back(static_cast<std::uint32_t>(of_image + i));
      }
    });
    const auto floats = static_cast<std::uint32_t>(image_.height * image_.width);
    return graph.GroupLinear(graph.SelectGroups(inputs[0], floats, columns),
                             static_cast<std::uint32_t>(places()), linear_.weight_name(),
                             bias_.name);
  }

 private:
  struct Work final : State {
    FloatBuffer pieces, d_pieces;  // [R * places, kernel]
  };

  // function(where a line of kernel.width floats is in the images, where in the pieces).
  template <class Function>
  void ForLines(std::size_t images, const Function& function) const {
    std::size_t to = 0;
    for (std::size_t i = 0; i < images; ++i) {
      const std::size_t image = i * image_.height * image_.width;
      for (std::size_t row = 0; row + kernel_.height <= image_.height; ++row) {
        for (std::size_t column = 0; column + kernel_.width <= image_.width; ++column) {
          for (std::size_t h = 0; h < kernel_.height; ++h, to += kernel_.width) {
            function(image + (row + h) * image_.width + column, to);
          }
        }
      }
    }
  }

  const ImageShape image_, kernel_;
  const Linear linear_;
  const DenseBlock bias_;
};

}  // namespace

NetValue AddConvolution(NetBuilder& net, const std::string& name, NetValue x,
                        const ImageShape& image, const ImageShape& kernel, std::size_t filters) {
  ROOKERY_CHECK(net.width(x) == image.height * image.width);
  ROOKERY_CHECK(kernel.height <= image.height && kernel.width <= image.width);
  auto layer = std::make_unique<ConvolutionLayer>(name, image, kernel, filters, net.layout());
  const std::size_t width = layer->places() * filters;
  return net.Add(std::move(layer), {x}, width);
}

}  // namespace rookery
