#include "io/block_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/random.h"

namespace rookery {
namespace {

using Block = std::vector<std::byte>;

Block SomeBlock(std::size_t bytes, std::uint64_t distinct) {
  Random random(2, Purpose::kTest);
  Block block(bytes);
  for (std::byte& value : block) value = static_cast<std::byte>(random.NextBelow(distinct));
  return block;
}

TEST(BlockCodec, ReturnsWhatWasCompressed) {
  Block compressed(5, std::byte{9});  // replaced, not appended to
  for (const std::size_t bytes : {0, 1, 100, 1'000'000}) {
    const Block raw = SomeBlock(bytes, 4);
    CompressBlock(raw, compressed);
    Block back(bytes);
    const Status status = DecompressBlock(compressed, back);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(back, raw);
  }
  EXPECT_LT(compressed.size(), 400'000U) << "two bits a byte";
}

TEST(BlockCodec, AnotherSizeIsRefused) {
  Block compressed;
  CompressBlock(SomeBlock(100, 4), compressed);
  for (const std::size_t bytes : {0, 99, 101}) {
    Block back(bytes);
    const Status status = DecompressBlock(compressed, back);
    EXPECT_EQ(status.code(), Code::kCorrupt);
    EXPECT_EQ(status.message(), StrCat("block holds 100 bytes where ", bytes, " are due"));
  }
}

TEST(BlockCodec, DamageIsCorruptOrHarmless) {
  const Block raw = SomeBlock(200, 256);
  Block compressed;
  CompressBlock(raw, compressed);
  Block back(raw.size());
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    EXPECT_EQ(DecompressBlock(std::span(compressed).first(size), back).code(), Code::kCorrupt);
  }
  for (std::size_t i = 0; i < compressed.size(); ++i) {
    Block damaged = compressed;
    damaged[i] ^= std::byte{0x10};
    const Status status = DecompressBlock(damaged, back);  // the checksum is the caller's
    EXPECT_TRUE(status.ok() || status.code() == Code::kCorrupt) << i;
  }
  compressed.push_back(std::byte{0});
  EXPECT_EQ(DecompressBlock(compressed, back).code(), Code::kCorrupt);
  EXPECT_EQ(DecompressBlock(raw, back).message(), "block is no zstd frame with a size");
}

}  // namespace
}  // namespace rookery
