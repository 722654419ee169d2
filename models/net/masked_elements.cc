#include "models/net/masked_elements.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/layers/dropout.h"
#include "models/net/sequence_layer.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

constexpr std::size_t kStream = 0xffff;  // no dropout layer's

void Draw(const DropoutStream& stream, std::uint32_t percent, std::size_t elements,
          std::vector<std::uint8_t>* hidden) {
  hidden->resize(elements);
  DropoutMask(stream, kStream, static_cast<float>(percent) / 100, elements, hidden->data());
  for (std::uint8_t& one : *hidden) one = one == 0 ? 1 : 0;
}

void HideLast(const std::uint32_t* offsets, std::size_t examples,
              std::vector<std::uint8_t>* hidden) {
  for (std::size_t b = 0; b < examples; ++b) {
    if (offsets[b + 1] > offsets[b]) (*hidden)[offsets[b + 1] - 1 - offsets[0]] = 1;
  }
}

class HiddenElementsLayer final : public SequenceLayer {
 public:
  HiddenElementsLayer(std::uint32_t percent, bool last) : percent_(percent), last_(last) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    std::copy_n(x, call.rows * width, y);
    if (call.dropout == nullptr) return;
    auto& hidden = static_cast<Work*>(call.state)->hidden;
    Draw(*call.dropout, percent_, call.rows, &hidden);
    if (last_) HideLast(call.offsets, call.examples, &hidden);
    for (std::size_t i = 0; i < call.rows; ++i) {
      if (hidden[i] != 0) std::fill_n(y + i * width, width, 0.0F);
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    const auto& hidden = static_cast<Work*>(call.state)->hidden;
    for (std::size_t i = 0; dx != nullptr && i < call.rows; ++i) {
      if (hidden[i] == 0) AddScaled(1, dy + i * width, width, dx + i * width);
    }
  }
  GraphBuilder::Value Describe(GraphBuilder& /*graph*/,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return inputs[0];
  }

 private:
  struct Work final : State {
    std::vector<std::uint8_t> hidden;
  };
  const std::uint32_t percent_;
  const bool last_;
};

}  // namespace

void FindHidden(const DropoutStream* stream, std::uint32_t percent, const std::uint32_t* offsets,
                std::size_t examples, std::vector<std::uint8_t>* hidden) {
  const std::size_t elements = offsets[examples] - offsets[0];
  hidden->assign(elements, 0);
  if (stream != nullptr) Draw(*stream, percent, elements, hidden);
  HideLast(offsets, examples, hidden);
}

NetValue AddHiddenElements(NetBuilder& net, NetValue sequence, std::uint32_t percent) {
  return net.Add(std::make_unique<HiddenElementsLayer>(percent, true), {sequence},
                 net.width(sequence));
}

NetValue AddDroppedElements(NetBuilder& net, NetValue sequence, float probability) {
  const auto percent = static_cast<std::uint32_t>(std::lround(probability * 100));
  if (percent == 0) return sequence;
  return net.Add(std::make_unique<HiddenElementsLayer>(percent, false), {sequence},
                 net.width(sequence));
}

}  // namespace rookery
