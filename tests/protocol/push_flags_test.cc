// What a push may carry beside gradients: counts of keys, and weights as they were pulled.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/hash.h"
#include "protocol/ps_messages.h"

namespace rookery {
namespace {

constexpr TableId kUser{0};
constexpr TableId kItem{7};
constexpr std::size_t kFlagsAt = 30;

std::uint32_t DimOfTable(TableId table) {
  if (table == kUser) return 1;
  return table == kItem ? 3 : 0;
}

std::string HexOf(const Buffer& buffer) {
  std::string text;
  for (const std::byte byte : buffer.body()) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += kDigits[std::to_integer<unsigned>(byte) >> 4U];
    text += kDigits[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

class PushFlagsTest : public testing::Test {
 protected:
  PushFlagsTest() { std::ranges::sort(keys_, {}, MixKey); }

  // One key of each table of `tables`, so that the order of keys is not part of golden bytes.
  PushRequest One(std::uint16_t flags) const {
    PushRequest push{Step{9}, 77, 3, Slice{2}, 64, {}, std::span(dense_)};
    AddTable(kUser, 1, 1, flags, &push);
    AddDense(flags, &push);
    return push;
  }
  PushRequest Two(std::uint16_t flags) const {
    PushRequest push = One(flags);
    AddTable(kItem, 3, 3, flags, &push);
    return push;
  }

  std::vector<Key> keys_ = {5, 6, UINT64_MAX};
  const std::vector<Key> one_ = {0x0102030405060708U};
  const std::vector<float> gradients_ = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::vector<float> dense_ = {-2.0F};
  const std::vector<std::uint32_t> counts_ = {3, 1, 70000};
  const std::vector<float> pulled_ = {0.5F, 8, 7, 6, 5, 4, 3, 2, 1};

 private:
  void AddTable(TableId table, std::size_t keys, std::size_t dim, std::uint16_t flags,
                PushRequest* push) const {
    TableGradients& part = push->tables.emplace_back();
    part.table = table;
    part.keys = keys == 1 ? std::span(one_) : std::span<const Key>(keys_);
    part.gradients = std::span(gradients_).first(keys * dim);
    if ((flags & kPushCounts) != 0) part.counts = std::span(counts_).first(keys);
    if ((flags & kPushPulled) != 0) part.pulled = std::span(pulled_).first(keys * dim);
  }
  void AddDense(std::uint16_t flags, PushRequest* push) const {
    push->flags = flags;
    if ((flags & kPushPulled) != 0) push->pulled_dense = std::span(pulled_).first(1);
  }
};

TEST_F(PushFlagsTest, WhatIsCarriedComesBackAndEveryTruncationIsRefused) {
  for (std::uint16_t flags = 0; flags <= (kPushCounts | kPushPulled); ++flags) {
    const PushRequest push = Two(flags);
    const Buffer buffer = EncodePushRequest(push);
    const auto parsed = ParsePushRequest(buffer.body(), DimOfTable);
    ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
    EXPECT_EQ(parsed->flags, flags);
    for (std::size_t t = 0; t < 2; ++t) {
      EXPECT_TRUE(std::ranges::equal(parsed->tables[t].gradients, push.tables[t].gradients));
      EXPECT_TRUE(std::ranges::equal(parsed->tables[t].counts, push.tables[t].counts));
      EXPECT_TRUE(std::ranges::equal(parsed->tables[t].pulled, push.tables[t].pulled));
    }
    EXPECT_TRUE(std::ranges::equal(parsed->dense, dense_));
    EXPECT_TRUE(std::ranges::equal(parsed->pulled_dense, push.pulled_dense));
    for (std::size_t size = 0; size < buffer.size(); ++size) {
      EXPECT_FALSE(ParsePushRequest(buffer.body().first(size), DimOfTable).ok()) << size;
    }
  }
}

// Without flags the bytes are those of ps_messages_test.cc.
TEST_F(PushFlagsTest, BytesStayWhatTheyAre) {
  EXPECT_EQ(HexOf(EncodePushRequest(One(kPushCounts | kPushPulled))),
            "0900000000000000"
            "4d00000000000000"
            "03000000"
            "02000000"
            "40000000"
            "01000300"
            "0100000000000000"
            "00000000"
            "01000000"
            "0807060504030201"
            "0000803f"
            "00000000"
            "03000000"
            "00000000"
            "0000003f"
            "00000000"
            "000000c0"
            "00000000"
            "0000003f");
}

TEST_F(PushFlagsTest, WrongFlagsAreRefused) {
  Buffer unknown = EncodePushRequest(Two(0));
  unknown.body()[kFlagsAt] = std::byte{4};
  EXPECT_EQ(ParsePushRequest(unknown.body(), DimOfTable).status().message(),
            "push request: flags 4");
  for (const std::byte flag : {std::byte{1}, std::byte{2}}) {  // said, but not there
    Buffer missing = EncodePushRequest(Two(0));
    missing.body()[kFlagsAt] = flag;
    EXPECT_EQ(ParsePushRequest(missing.body(), DimOfTable).status().code(), Code::kCorrupt);
  }
}

TEST_F(PushFlagsTest, AKeyThatOccursNeverIsRefused) {
  const std::vector<std::uint32_t> counts = {2, 0, 1};
  PushRequest push = Two(kPushCounts);
  push.tables[1].counts = counts;
  EXPECT_EQ(ParsePushRequest(EncodePushRequest(push).body(), DimOfTable).status().message(),
            "push request: count 1 of table 7 is 0");
}

}  // namespace
}  // namespace rookery
