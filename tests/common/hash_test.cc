// The values are part of file formats and of exported models: a test over maps could not notice a
// changed hash, so the numbers themselves are pinned.
#include "common/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace rookery {
namespace {

// The input of xxHash's published test vectors.
std::vector<std::byte> TestBytes(std::size_t count) {
  std::vector<std::byte> bytes(count);
  std::uint64_t state = 2654435761U;
  for (std::byte& value : bytes) {
    value = static_cast<std::byte>(state >> 56U);
    state *= 11400714785074694797U;
  }
  return bytes;
}

struct Vector {
  std::size_t bytes;
  std::uint64_t seed;
  std::uint64_t hash;
};

constexpr std::uint64_t kSeed = 11400714785074694797U;
constexpr Vector kVectors[] = {
    {0, 0, 0x2D06800538D394C2},    {0, kSeed, 0xA8A6B918B2F0364A},
    {1, 0, 0xC44BDFF4074EECDB},    {1, kSeed, 0x032BE332DD766EF8},
    {6, 0, 0x27B56A84CD2D7325},    {6, kSeed, 0x84589C116AB59AB9},
    {12, 0, 0xA713DAF0DFBB77E7},   {12, kSeed, 0xE7303E1B2336DE0E},
    {24, 0, 0xA3FE70BF9D3510EB},   {24, kSeed, 0x850E80FC35BDD690},
    {48, 0, 0x397DA259ECBA1F11},   {48, kSeed, 0xADC2CBAA44ACC616},
    {80, 0, 0xBCDEFBBB2C47C90A},   {80, kSeed, 0xC6DD0CB699532E73},
    {195, 0, 0xCD94217EE362EC3A},  {195, kSeed, 0xBA68003D370CB3D9},
    {403, 0, 0xCDEB804D65C6DEA4},  {512, 0, 0x617E49599013CB6B},
    {2048, 0, 0xDD59E2C3A5F038E0}, {2240, 0, 0x6E73A90539CF2948},
    {2367, 0, 0xCB37AEB9E5D361ED},
};

TEST(HashBytes, AgreesWithThePublishedVectors) {
  for (const auto& [bytes, seed, hash] : kVectors) {
    EXPECT_EQ(HashBytes(TestBytes(bytes), seed), hash) << bytes << " bytes, seed " << seed;
  }
}

TEST(HashText, IsHashBytesOfItsCharacters) {
  const std::string text("caf\xc3\xa9\0x", 7);
  EXPECT_EQ(HashText(text, 5), HashBytes(std::as_bytes(std::span(text)), 5));
  EXPECT_NE(HashText(text, 5), HashText(text, 6));
  EXPECT_EQ(HashText(""), 0x2D06800538D394C2U);
}

TEST(StreamHash, IsTheHashOfTheConcatenation) {
  const std::vector<std::byte> bytes = TestBytes(2367);
  for (const std::size_t piece : {1, 7, 64, 1000, 5000}) {
    StreamHash hash;
    for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
      hash.Update(std::span(bytes).subspan(begin, std::min(piece, bytes.size() - begin)));
    }
    EXPECT_EQ(hash.Digest(), 0xCB37AEB9E5D361EDU) << piece;
    EXPECT_EQ(hash.Digest(), 0xCB37AEB9E5D361EDU) << "Digest() changes nothing";
  }
  StreamHash seeded(kSeed);
  EXPECT_EQ(seeded.Digest(), 0xA8A6B918B2F0364AU);
  seeded.Update({});
  seeded.Update(std::span(bytes).first(195));
  EXPECT_EQ(seeded.Digest(), 0xBA68003D370CB3D9U);
}

// SplitMix64 with seed 0 gives these numbers; it is MixKey over multiples of the golden ratio.
TEST(MixKey, AgreesWithSplitMix64) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15U;
  static_assert(MixKey(0) == 0);
  EXPECT_EQ(MixKey(kGolden), 0xE220A8397B1DCDAFU);
  EXPECT_EQ(MixKey(2 * kGolden), 0x6E789E6AA1B965F4U);
  EXPECT_EQ(MixKey(3 * kGolden), 0x06C45D188009454FU);
  EXPECT_EQ(MixKey(4 * kGolden), 0xF88BB8A8724C81ECU);
}

TEST(BucketOf, IsTheTopBitsAndSpreadsPlainIds) {
  EXPECT_EQ(BucketOf(0x9e3779b97f4a7c15U, 16), BucketId{0xE});
  EXPECT_EQ(BucketOf(0x9e3779b97f4a7c15U, 1024), BucketId{0xE220 >> 6});
  EXPECT_EQ(BucketOf(0x9e3779b97f4a7c15U, 2), BucketId{1});
  EXPECT_EQ(BucketOf(0, 1024), BucketId{0});
  std::vector<int> keys_in(64);
  for (Key key = 0; key < 64'000; ++key) ++keys_in[Raw(BucketOf(key, 64))];
  for (const int keys : keys_in) {
    EXPECT_GT(keys, 850);  // 1000 expected, standard deviation 32
    EXPECT_LT(keys, 1150);
  }
}

}  // namespace
}  // namespace rookery
