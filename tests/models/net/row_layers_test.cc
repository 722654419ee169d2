// Layers over rows beside PyTorch's own: tests/models/net/torch_golden.py prints the numbers.
#include "models/net/row_layers.h"

#include <gtest/gtest.h>

#include "tests/models/testing/sequence_net.h"

namespace rookery {
namespace {

using RowLayers = SequenceNet;

Floats Together(Floats a, const Floats& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST_F(RowLayers, LayerNormIsThatOfPyTorch) {
  Run(AddLayerNorm(builder_, "norm", Begin(1, 3)[0]), Together(Wave(3, 2), Wave(3, 3)), 4);
  ExpectNear("y", y_.data(),
             {0.1782245F, -0.0154994F, -0.6336398F, 1.3436883F, -0.6270837F, -0.6717894F,
              -0.9140904F, -0.5809983F, -1.2787404F, 0.2511116F, -0.0343185F, -0.6244086F});
  ExpectNear("dx", d_rows_[0].data(),
             {-1.2159804F, 0.6393137F, 0.5766667F, 0.0436086F, -0.1213676F, 0.0777590F, 0.1163289F,
              -0.2028787F, 0.0865498F, -1.2067796F, 0.6939499F, 0.5128297F});
  ExpectNear("gain", d_dense_.data(), {2.0516422F, 0.9604482F, -3.2492945F});
  ExpectNear("shift", d_dense_.data() + 3, {-0.2726322F, 0.4144979F, 0.9066831F});
}

TEST_F(RowLayers, ConvolutionIsThatOfPyTorch) {
  Run(AddConvolution(builder_, "c", Begin(1, 6)[0], {3, 2}, {2, 2}, 2),
      Together(Wave(8, 2, 0.5), Wave(2, 3, 0.5)), 4);
  ExpectNear("y", y_.data(),
             {-0.0117356F, -0.7170898F, 0.7177125F, -0.2044666F, -0.4738355F, -0.1646754F,
              -0.4167836F, -0.7035634F, 0.6866471F, 0.0889635F, -0.0987415F, 0.1047317F, 0.0108687F,
              -0.7121493F, 0.7239074F, -0.1887223F});
  ExpectNear("dx", d_rows_[0].data(),
             {-0.0405235F, -0.1299386F, 0.6122051F,  -0.3829489F, -0.7897788F, 0.2431749F,
              0.2498728F,  -0.0439880F, -0.7957377F, 0.4506593F,  0.6997554F,  -0.2588239F,
              -0.4303479F, 0.2128315F,  0.8873185F,  -0.4662937F, -0.5288716F, 0.2445644F,
              0.5610941F,  -0.3570813F, -0.8763650F, 0.4280453F,  0.2968738F,  -0.2020442F});
  ExpectNear("weight", d_dense_.data(),
             {-0.0255162F, -0.1152530F, 0.0450384F, -0.4472627F, 0.0944107F, -0.5689178F,
              0.0993802F, -0.4230020F});
  ExpectNear("bias", d_dense_.data() + 8, {0.9754245F, 0.8062868F});
}

TEST_F(RowLayers, ConvolutionMovesAlongColumnsToo) {
  Run(AddConvolution(builder_, "c", Begin(1, 9)[0], {3, 3}, {2, 1}, 2),
      Together(Wave(4, 2, 0.5), Wave(2, 3, 0.5)), 4);
  ExpectNear(
      "y", y_.data(),
      {0.4478209F,  -0.1021164F, 0.5995966F,  0.1973254F,  0.5025580F,  0.2793669F,  0.2023441F,
       0.1054227F,  -0.1598500F, -0.2426986F, -0.4136786F, -0.6012700F, 0.4540443F,  -0.0933249F,
       0.6002361F,  0.2022383F,  0.4973129F,  0.2780906F,  0.1936811F,  0.0985574F,  -0.1678564F,
       -0.2519240F, -0.4172630F, -0.6085167F, 0.4601594F,  -0.0845819F, 0.6007259F,  0.2070192F,
       0.4919471F,  0.2766608F,  0.1849834F,  0.0915894F,  -0.1757954F, -0.2611530F, -0.4207094F,
       -0.6156662F, 0.4661642F,  -0.0758898F, 0.6010657F,  0.2116667F,  0.4864621F,  0.2750779F,
       0.1762532F,  0.0845206F,  -0.1836648F, -0.2703831F, -0.4240170F, -0.6227166F});
  ExpectNear("dx", d_rows_[0].data(),
             {-0.0405235F, 0.6158522F,  0.2498728F,  -0.6608505F, -0.9419957F, 0.3406338F,
              0.4966947F,  0.2128315F,  -0.4243460F, 0.5610941F,  -0.1938867F, -0.6270028F,
              -0.3763343F, 0.9234199F,  0.6902364F,  -0.1465688F, -0.5098922F, -0.0267610F,
              -0.5422160F, -0.4144858F, 0.4013181F,  1.0517028F,  -0.0170472F, -1.0574977F,
              -0.3444717F, 0.3167309F,  0.4521394F,  0.0020392F,  0.6243623F,  0.2102030F,
              -0.7159403F, -0.9057150F, 0.4080567F,  0.5043293F,  0.1809426F,  -0.4428207F});
  ExpectNear("weight", d_dense_.data(), {1.1149208F, 0.4783188F, -0.0655580F, 0.7696282F});
  ExpectNear("bias", d_dense_.data() + 4, {0.1496734F, 0.9967905F});
}

TEST_F(RowLayers, MaxPoolingIsThatOfPyTorch) {
  Run(AddMaxGroups(builder_, Begin(1, 6)[0], 3), {}, 4);
  ExpectNear("y", y_.data(),
             {0.8414710F, 0.9916648F, 0.9893582F, 0.8504366F, 0.0247754F, 0.3274744F, 0.8591618F,
              0.9867720F});
  ExpectNear("dx", d_rows_[0].data(),
             {-0.2794155F, 0.4048499F,  0.0000000F, 0.0000000F, 0.0000000F, 0.0000000F,
              0.0000000F,  0.0000000F,  0.0000000F, 0.9698898F, 0.8987081F, 0.0000000F,
              0.5849172F,  0.0000000F,  0.0000000F, 0.0000000F, 0.0000000F, -0.0751511F,
              -0.6998747F, -0.9954363F, 0.0000000F, 0.0000000F, 0.0000000F, 0.0000000F});
}

// In training an element is 0 or doubled, and so is its gradient; layers differ; prediction is x.
TEST_F(RowLayers, DropoutIsOfTrainingAlone) {
  const NetValue x = Begin(1, 50)[0];
  EXPECT_EQ(AddDropout(builder_, x, 0, 3).index, x.index);
  const NetValue a = AddDropout(builder_, x, 0.5F, 0), b = AddDropout(builder_, x, 0.5F, 1);
  Run(a, {}, 4);
  ModelInput input;
  input.examples = 3;
  input.sequences.push_back({rows_[0].data(), offsets_.data()});
  net_.Forward(input, nullptr, nullptr, scratch_);
  const float* predicted = net_.ValueOf(a, input, scratch_);
  EXPECT_EQ(Floats(predicted, predicted + 200), rows_[0]);
  ModelGradients gradients;
  gradients.sequences.push_back(d_rows_[0].data());
  const DropoutStream stream{.seed = 5};
  net_.Forward(input, nullptr, &stream, scratch_);
  const Floats ones(200, 1);
  const float* d_y = ones.data();
  net_.Backward(input, nullptr, {&a, 1}, {&d_y, 1}, scratch_, gradients);
  std::size_t kept = 0, differ = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    const float y = net_.ValueOf(a, input, scratch_)[i];
    EXPECT_EQ(y, d_rows_[0][i] * rows_[0][i]) << i;
    EXPECT_TRUE(d_rows_[0][i] == 0 || d_rows_[0][i] == 2) << i;
    kept += d_rows_[0][i] == 2 ? 1 : 0;
    differ += y == net_.ValueOf(b, input, scratch_)[i] ? 0 : 1;
  }
  EXPECT_GT(kept, 70U);
  EXPECT_LT(kept, 130U);
  EXPECT_GT(differ, 50U);
}

}  // namespace
}  // namespace rookery
