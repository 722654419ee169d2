// Layers over sequences beside PyTorch's own: tests/models/net/torch_golden.py prints the numbers.
#include "models/net/sequence_layers.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/testing/sequence_net.h"

namespace rookery {
namespace {

using SequenceLayers = SequenceNet;

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

TEST_F(SequenceLayers, LstmIsThatOfPyTorch) {
  const NetValue y = AddLstm(builder_, "lstm", Begin(1, 2)[0], 2);
  Floats dense = Wave(16, 2, 0.5);  // input.weight, input.bias, state.weight, state.bias
  for (const Floats& block : {Wave(8, 3, 0.5), Wave(16, 4, 0.5), Wave(8, 5, 0.5)}) {
    dense.insert(dense.end(), block.begin(), block.end());
  }
  Run(y, dense, 4);
  ExpectNear("y", y_.data(),
             {-0.1608037F, -0.0883299F, -0.1071431F, 0.0027261F, 0.0776682F, 0.1106464F, 0.1235339F,
              0.1102501F});
  ExpectNear("dx", d_rows_[0].data(),
             {-0.1608292F, -0.1935272F, -0.2337503F, -0.2465680F, 0.0031381F, -0.0012166F,
              -0.0070834F, 0.0026923F});
  ExpectNear("input.weight", d_dense_.data(),
             {-0.0155145F, 0.0549523F, -0.0229545F, -0.0131882F, 0.3326929F, 0.4179495F,
              -0.0041552F, 0.0382860F, -0.0586841F, 0.0004836F, 0.0149726F, -0.0007721F, 0.0940984F,
              0.2754007F, 0.0022706F, 0.0092083F});
  ExpectNear("input.bias", d_dense_.data() + 16,
             {-0.0534387F, -0.0956270F, -0.0672098F, -0.0196053F, 0.4090865F, 0.4190612F,
              -0.0487089F, -0.0720413F});
  ExpectNear("state.weight", d_dense_.data() + 24,
             {-0.0027421F, -0.0026533F, 0.0098721F, 0.0031503F, -0.0570055F, -0.0378594F,
              0.0049500F, 0.0002496F, 0.0018854F, -0.0018218F, 0.0043492F, 0.0017279F, -0.0285583F,
              -0.0209913F, 0.0035723F, -0.0001061F});
  ExpectNear("state.bias", d_dense_.data() + 40,
             {-0.0534387F, -0.0956270F, -0.0672098F, -0.0196053F, 0.4090865F, 0.4190612F,
              -0.0487089F, -0.0720413F});
}

TEST_F(SequenceLayers, LstmBothWaysIsThatOfPyTorch) {
  const NetValue x = Begin(1, 2)[0];
  const NetValue forward = AddLstm(builder_, "forward", x, 2);
  const NetValue backward =
      AddReversed(builder_, AddLstm(builder_, "backward", AddReversed(builder_, x), 2));
  Floats dense;
  for (const double start : {2, 6}) {
    for (const Floats& block : {Wave(16, start, 0.5), Wave(8, start + 1, 0.5),
                                Wave(16, start + 2, 0.5), Wave(8, start + 3, 0.5)}) {
      dense.insert(dense.end(), block.begin(), block.end());
    }
  }
  Run(builder_.Concat({forward, backward}), dense, 4);
  ExpectNear("y", y_.data(),
             {-0.1608037F, -0.0883299F, -0.0409782F, -0.0885183F, -0.1071431F, 0.0027261F,
              -0.1616097F, -0.1442950F, 0.0776682F, 0.1106464F, -0.2805035F, -0.2447341F,
              0.1235339F, 0.1102501F, -0.2539163F, -0.1836438F});
  ExpectNear("dx", d_rows_[0].data(),
             {0.0300730F, 0.0842865F, -0.0715025F, -0.0802762F, 0.0405336F, 0.1041545F, -0.0100487F,
              -0.0907661F});
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

// Examples of 3, 0 and 1 elements; two rows, so that the first element of the first has none of
// its own.
TEST_F(SequenceLayers, PositionsCountFromTheLastElement) {
  const Floats x = Wave(8, 1), p = {10, 20, 30, 40};
  Run(AddPositions(builder_, "positions", Begin(1, 2)[0], 2), p, 4);
  ExpectNear(
      "y", y_.data(),
      {x[0] + 30, x[1] + 40, x[2] + 30, x[3] + 40, x[4] + 10, x[5] + 20, x[6] + 10, x[7] + 20});
  const Floats d = Wave(8, 6);
  ExpectNear("dx", d_rows_[0].data(), d);
  ExpectNear("positions", d_dense_.data(), {d[4] + d[6], d[5] + d[7], d[0] + d[2], d[1] + d[3]});
  EXPECT_TRUE(std::isnan(d_dense_[4]));
}

TEST_F(SequenceLayers, AWindowHasZerosBeforeTheFirstElement) {
  Run(AddWindow(builder_, Begin(1, 1)[0], 2), {}, 4);
  const Floats x = Wave(4, 1), d = Wave(8, 6);
  ExpectNear("y", y_.data(), {0, x[0], x[0], x[1], x[1], x[2], 0, x[3]});
  ExpectNear("dx", d_rows_[0].data(), {d[1] + d[2], d[3] + d[4], d[5], d[7]});
}

TEST_F(SequenceLayers, ReversedIsReversedBack) {
  Run(AddReversed(builder_, Begin(1, 2)[0]), {}, 4);
  const Floats x = Wave(8, 1), d = Wave(8, 6);
  ExpectNear("y", y_.data(), {x[4], x[5], x[2], x[3], x[0], x[1], x[6], x[7]});
  ExpectNear("dx", d_rows_[0].data(), {d[4], d[5], d[2], d[3], d[0], d[1], d[6], d[7]});
}

TEST_F(SequenceLayers, TheSumOfElementsAndItsGradient) {
  Run(AddSumOfElements(builder_, Begin(1, 1)[0]), {}, 3);
  const Floats x = Wave(4, 1), d = Wave(3, 6);
  ExpectNear("y", y_.data(), {x[0] + x[1] + x[2], 0, x[3]});
  ExpectNear("dx", d_rows_[0].data(), {d[0], d[0], d[0], d[2]});
}

}  // namespace
}  // namespace rookery
