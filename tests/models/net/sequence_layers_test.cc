// Layers over sequences beside PyTorch's own: tests/models/net/torch_golden.py prints the numbers.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/net/sequence_layers.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

Floats Wave(std::size_t count, double start, double factor = 1) {
  Floats values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(factor * std::sin(start + 0.7 * static_cast<double>(i))));
  }
  return values;
}

void ExpectNear(const std::string& what, const float* got, const Floats& wanted) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_NEAR(got[i], wanted[i], 2e-6) << what << "[" << i << "]";
  }
}

// A net over sequences of three examples with 3, 0 and 1 elements.
class SequenceLayers : public testing::Test {
 protected:
  // `width` of each of `count` sequences, which begin with Wave(1), Wave(2), ...
  std::vector<NetValue> Begin(std::size_t count, std::uint32_t width) {
    const ModelTable table{.name = "t", .dim = width, .features = {}};
    std::vector<NetValue> values;
    for (std::uint32_t s = 0; s < count; ++s) {
      rows_.push_back(Wave(4 * width, s + 1.0));
      d_rows_.emplace_back(4 * width, NAN);
      const NetValue value = builder_.Sequence(table, s);
      values.push_back(s == 0 ? value : builder_.Aligned(values[0], value));
    }
    return values;
  }
  void Run(NetValue output, const Floats& dense, std::size_t output_rows) {
    net_ = builder_.Take();
    ASSERT_EQ(dense.size(), layout_.size());
    scratch_ = net_.MakeScratch();
    ModelInput input;
    input.examples = 3;
    ModelGradients gradients;
    for (std::size_t s = 0; s < rows_.size(); ++s) {
      input.sequences.push_back({rows_[s].data(), offsets_.data()});
      gradients.sequences.push_back(d_rows_[s].data());
    }
    d_dense_.assign(dense.size() + 1, NAN);
    gradients.dense = d_dense_.data();
    net_.Forward(input, dense.data(), nullptr, scratch_);
    const std::size_t size = output_rows * net_.width(output);
    const float* y = net_.ValueOf(output, input, scratch_);
    y_.assign(y, y + size);
    const Floats d_y = Wave(size, 6);
    const float* gradient = d_y.data();
    net_.Backward(input, dense.data(), {&output, 1}, {&gradient, 1}, scratch_, gradients);
  }

  DenseLayout layout_;
  NetBuilder builder_{&layout_};
  Net net_;
  Net::Scratch scratch_;
  std::vector<std::uint32_t> offsets_ = {40, 43, 43, 44};
  std::vector<Floats> rows_, d_rows_;
  Floats y_, d_dense_;
};

TEST_F(SequenceLayers, GruIsThatOfPyTorch) {
  const NetValue y = AddGru(builder_, "gru", Begin(1, 2)[0], 2);
  Floats dense = Wave(12, 2, 0.5);  // input.weight, input.bias, state.weight, state.bias
  for (const Floats& block : {Wave(6, 3, 0.5), Wave(12, 4, 0.5), Wave(6, 5, 0.5)}) {
    dense.insert(dense.end(), block.begin(), block.end());
  }
  Run(y, dense, 4);
  ExpectNear("y", y_.data(),
             {-0.1037947F, -0.0653491F, -0.2282867F, -0.0164636F, -0.0515795F, 0.2739879F,
              0.1723839F, 0.2526739F});
  ExpectNear("dx", d_rows_[0].data(),
             {-0.1634685F, 0.0092123F, -0.4419292F, 0.0853122F, -0.1660038F, 0.0710433F, 0.2339865F,
              0.0390826F});
  ExpectNear("input.weight", d_dense_.data(),
             {0.0784918F, 0.0829379F, 0.0280052F, -0.1179104F, 0.6346319F, 0.9161214F, -0.0051225F,
              0.0437615F, 0.0311388F, -0.0397556F, -0.0835239F, 0.4722656F});
  ExpectNear("input.bias", d_dense_.data() + 12,
             {0.0916861F, 0.0455253F, 0.0799286F, 0.1426241F, 0.7355161F, 0.4363044F});
  ExpectNear("state.weight", d_dense_.data() + 18,
             {-0.0174114F, -0.0044053F, 0.0020432F, -0.0002737F, -0.0628749F, -0.0199008F,
              -0.0057488F, -0.0030288F, -0.0030121F, 0.0010358F, -0.0214789F, -0.0137527F});
  ExpectNear("state.bias", d_dense_.data() + 30,
             {0.0916861F, 0.0455253F, 0.0799286F, 0.1426241F, 0.3721453F, 0.2421841F});
}

TEST_F(SequenceLayers, CausalAttentionIsThatOfPyTorch) {
  const std::vector<NetValue> v = Begin(3, 4);
  const float scale = 1 / std::sqrt(2.0F);
  Run(AddSelfAttention(builder_, v[0], v[1], v[2], 2, scale, true), {}, 4);
  ExpectNear("y", y_.data(),
             {0.1411200F, -0.5298361F, -0.9516021F, -0.9258147F, -0.3634846F, 0.0907591F,
              -0.2832243F, -0.1887000F, 0.3642943F, -0.1084113F, -0.0667911F, -0.1392092F,
              -0.9193285F, -0.4496475F, 0.2315098F, 0.8037844F});
  ExpectNear("dq", d_rows_[0].data(),
             {0.0000000F, 0.0000000F, 0.0000000F, 0.0000000F, 0.0768773F, 0.0457085F, -0.0904060F,
              -0.7322141F, -0.1073988F, -0.1210801F, -0.1045332F, 0.4275263F, 0.0000000F,
              0.0000000F, 0.0000000F, 0.0000000F});
  ExpectNear("dk", d_rows_[1].data(),
             {-0.0004752F, 0.0266503F, -0.6081202F, -0.2931510F, 0.0409988F, 0.0839697F, 0.8674507F,
              0.4669284F, -0.0405235F, -0.1106200F, -0.2593305F, -0.1737775F, 0.0000000F,
              0.0000000F, 0.0000000F, 0.0000000F});
  ExpectNear("dv", d_rows_[2].data(),
             {-0.4887662F, 0.2940933F, 0.5471579F, 0.5288052F, 0.3851892F, -0.0952632F, -0.0936645F,
              -0.0052594F, -0.4137500F, -0.1323631F, 0.1655070F, 0.3568625F, 0.9656578F, 0.5711969F,
              -0.0919069F, -0.7117853F});
}

TEST_F(SequenceLayers, AttentionToAllIsThatOfPyTorch) {
  const std::vector<NetValue> v = Begin(3, 4);
  const float scale = 1 / std::sqrt(2.0F);
  Run(AddSelfAttention(builder_, v[0], v[1], v[2], 2, scale, false), {}, 4);
  ExpectNear("y", y_.data(),
             {0.4380144F, -0.1230790F, -0.2306843F, -0.3210029F, -0.2482918F, 0.0942945F,
              -0.3511103F, -0.3885953F, 0.3642943F, -0.1084113F, -0.0667911F, -0.1392092F,
              -0.9193285F, -0.4496475F, 0.2315098F, 0.8037844F});
  ExpectNear("dq", d_rows_[0].data(),
             {-0.0290336F, -0.0142433F, -0.0819067F, 0.5593139F, 0.1387272F, 0.1011693F, 0.0106921F,
              -0.5401186F, -0.1073988F, -0.1210801F, -0.1045332F, 0.4275263F, 0.0000000F,
              0.0000000F, 0.0000000F, 0.0000000F});
  ExpectNear("dk", d_rows_[1].data(),
             {-0.0123202F, 0.0155954F, -0.5843496F, -0.2226729F, 0.0730588F, 0.1297415F, 1.1274826F,
              0.4551124F, -0.0607387F, -0.1453369F, -0.5431330F, -0.2324394F, 0.0000000F,
              0.0000000F, 0.0000000F, 0.0000000F});
  ExpectNear("dv", d_rows_[2].data(),
             {-0.3274790F, 0.0468736F, 0.0155056F, -0.0063880F, 0.3183757F, -0.0659646F, 0.2642027F,
              0.4048901F, -0.5082236F, 0.0855580F, 0.3392921F, 0.4819062F, 0.9656578F, 0.5711969F,
              -0.0919069F, -0.7117853F});
}

TEST_F(SequenceLayers, TheLastElementAndItsGradient) {
  Run(AddLastElement(builder_, Begin(1, 2)[0]), {}, 3);
  const Floats x = Wave(8, 1), d = Wave(6, 6);
  ExpectNear("y", y_.data(), {x[4], x[5], 0, 0, x[6], x[7]});
  ExpectNear("dx", d_rows_[0].data(), {0, 0, 0, 0, d[0], d[1], d[4], d[5]});
}

TEST_F(SequenceLayers, TheSumOfElementsAndItsGradient) {
  Run(AddSumOfElements(builder_, Begin(1, 1)[0]), {}, 3);
  const Floats x = Wave(4, 1), d = Wave(3, 6);
  ExpectNear("y", y_.data(), {x[0] + x[1] + x[2], 0, x[3]});
  ExpectNear("dx", d_rows_[0].data(), {d[0], d[0], d[0], d[2]});
}

}  // namespace
}  // namespace rookery
