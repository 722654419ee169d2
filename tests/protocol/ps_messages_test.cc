#include "protocol/ps_messages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "common/hash.h"
#include "common/limits.h"

namespace rookery {
namespace {

constexpr TableId kUser{0};
constexpr TableId kItem{7};

std::uint32_t DimOfTable(TableId table) {
  if (table == kUser) return 1;
  return table == kItem ? 3 : 0;
}

std::vector<Key> Sorted(std::vector<Key> keys) {
  std::ranges::sort(keys, {}, MixKey);
  return keys;
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

class PsMessages : public testing::Test {
 protected:
  // One key, so that the order of keys is not part of the golden bytes.
  const std::vector<Key> one_ = {0x0102030405060708U};
  const std::vector<Key> three_ = Sorted({5, 6, UINT64_MAX});
  const std::vector<float> gradient_ = {1.0F};
  const std::vector<float> gradients_ = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::vector<float> dense_ = {-2.0F};

  PullRequest Pull() const {
    return {Step{9}, 3, kPullCreate | kPullDense, {{kUser, one_}, {kItem, three_}}};
  }
  PullRequest PresencePull() const {
    return {Step{9}, 3, kPullPresence, {{kUser, one_}, {kItem, three_}}};
  }
  PushRequest Push() const {
    return {Step{9}, 77, 3, Slice{2}, 64, {{kUser, one_, gradient_}, {kItem, three_, gradients_}},
            dense_};
  }
};

TEST_F(PsMessages, PullRequestComesBack) {
  const Buffer buffer = EncodePullRequest(Pull());
  const auto parsed = ParsePullRequest(buffer.body(), DimOfTable);
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(parsed->step, Step{9});
  EXPECT_EQ(parsed->worker, 3U);
  EXPECT_EQ(parsed->flags, 3U);
  ASSERT_EQ(parsed->tables.size(), 2U);
  EXPECT_EQ(parsed->tables[1].table, kItem);
  EXPECT_TRUE(std::ranges::equal(parsed->tables[0].keys, one_));
  EXPECT_TRUE(std::ranges::equal(parsed->tables[1].keys, three_));
}

TEST_F(PsMessages, PushRequestComesBack) {
  const Buffer buffer = EncodePushRequest(Push());
  const auto parsed = ParsePushRequest(buffer.body(), DimOfTable);
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(parsed->step, Step{9});
  EXPECT_EQ(parsed->sequence, 77U);
  EXPECT_EQ(parsed->worker, 3U);
  EXPECT_EQ(parsed->slice, Slice{2});
  EXPECT_EQ(parsed->examples, 64U);
  ASSERT_EQ(parsed->tables.size(), 2U);
  EXPECT_TRUE(std::ranges::equal(parsed->tables[1].keys, three_));
  EXPECT_TRUE(std::ranges::equal(parsed->tables[1].gradients, gradients_));
  EXPECT_TRUE(std::ranges::equal(parsed->dense, dense_));
}

TEST_F(PsMessages, PullReplyComesBack) {
  auto room = MakePullReply(Pull(), DimOfTable, 1, 12);
  ASSERT_TRUE(room.ok());
  room->rows[0][0] = 4;
  std::ranges::copy(gradients_, room->rows[1].begin());
  room->dense[0] = 8;
  const auto parsed = ParsePullReply(room->buffer.body(), Pull(), DimOfTable);
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  EXPECT_EQ(parsed->updates, 12U);
  EXPECT_EQ(parsed->rows[0][0], 4);
  EXPECT_TRUE(std::ranges::equal(parsed->rows[1], gradients_));
  EXPECT_EQ(parsed->dense[0], 8);
  EXPECT_TRUE(room->present.empty());
  EXPECT_TRUE(parsed->present.empty());
}

TEST_F(PsMessages, PresenceComesBackWhenAskedFor) {
  auto room = MakePullReply(PresencePull(), DimOfTable, 0);
  ASSERT_TRUE(room.ok());
  ASSERT_EQ(room->present.size(), 2U);
  const std::vector<std::uint8_t> present = {1, 0, 1};
  room->present[0][0] = 0;
  std::ranges::copy(present, room->present[1].begin());
  std::ranges::copy(gradients_, room->rows[1].begin());
  const auto parsed = ParsePullReply(room->buffer.body(), PresencePull(), DimOfTable);
  ASSERT_TRUE(parsed.ok()) << parsed.status().ToString();
  ASSERT_EQ(parsed->present.size(), 2U);
  EXPECT_EQ(parsed->present[0][0], 0);
  EXPECT_TRUE(std::ranges::equal(parsed->present[1], present));
  EXPECT_TRUE(std::ranges::equal(parsed->rows[1], gradients_));
  // Whoever did not ask does not take it, and whoever did does not go without.
  PullRequest plain = PresencePull();
  plain.flags = 0;
  EXPECT_FALSE(ParsePullReply(room->buffer.body(), plain, DimOfTable).ok());
  auto without = MakePullReply(plain, DimOfTable, 0);
  EXPECT_LT(without->buffer.size(), room->buffer.size());
  EXPECT_FALSE(ParsePullReply(without->buffer.body(), PresencePull(), DimOfTable).ok());
  for (std::size_t size = 0; size < room->buffer.size(); ++size) {
    const auto body = room->buffer.body().first(size);
    EXPECT_FALSE(ParsePullReply(body, PresencePull(), DimOfTable).ok()) << size;
  }
  room->present[1][1] = 2;
  EXPECT_EQ(ParsePullReply(room->buffer.body(), PresencePull(), DimOfTable).status().message(),
            "pull reply: key 1 of table 7 is present 2 times");
}

TEST_F(PsMessages, PresenceIsOfEvaluationAlone) {
  PullRequest pull = PresencePull();
  EXPECT_TRUE(ParsePullRequest(EncodePullRequest(pull).body(), DimOfTable).ok());
  pull.flags |= kPullCreate;
  EXPECT_EQ(ParsePullRequest(EncodePullRequest(pull).body(), DimOfTable).status().message(),
            "pull request: flags 9");
  pull.flags = 16;
  EXPECT_EQ(ParsePullRequest(EncodePullRequest(pull).body(), DimOfTable).status().message(),
            "pull request: flags 16");
}

// docs/wire_format.md shows these bytes.
TEST_F(PsMessages, BytesStayWhatTheyAre) {
  const PullRequest pull{Step{9}, 3, kPullCreate, {{kUser, one_}}};
  EXPECT_EQ(HexOf(EncodePullRequest(pull)),
            "0900000000000000"
            "03000000"
            "01000000"
            "01000000"
            "00000000"
            "01000000"
            "00000000"
            "0807060504030201");
  const PushRequest push{Step{9}, 77, 3, Slice{2}, 64, {{kUser, one_, gradient_}}, dense_};
  EXPECT_EQ(HexOf(EncodePushRequest(push)),
            "0900000000000000"
            "4d00000000000000"
            "03000000"
            "02000000"
            "40000000"
            "01000000"
            "0100000000000000"
            "00000000"
            "01000000"
            "0807060504030201"
            "0000803f"
            "00000000"
            "000000c0");
  auto reply = MakePullReply(pull, DimOfTable, 1, 12);
  ASSERT_TRUE(reply.ok());
  std::ranges::fill(reply->buffer.body().subspan(20, 4), std::byte{0});
  reply->rows[0][0] = 1;
  reply->dense[0] = -2;
  EXPECT_EQ(HexOf(reply->buffer),
            "0100000000000000"
            "0c00000000000000"
            "0000803f"
            "00000000"
            "000000c0");
  const PullRequest presence{Step{9}, 3, kPullPresence, {{kUser, one_}}};
  reply = MakePullReply(presence, DimOfTable, 0, 12);
  ASSERT_TRUE(reply.ok());
  std::ranges::fill(reply->buffer.body().subspan(20, 4), std::byte{0});
  reply->rows[0][0] = 1;
  reply->present[0][0] = 1;
  EXPECT_EQ(HexOf(reply->buffer),
            "0000000000000000"
            "0c00000000000000"
            "0000803f"
            "00000000"
            "01");
}

TEST_F(PsMessages, EveryTruncationIsRefused) {
  const PushRequest no_dense{Step{9}, 77, 3, Slice{2}, 64, {{kItem, three_, gradients_}}, {}};
  const Buffer pull = EncodePullRequest(Pull());
  const Buffer push = EncodePushRequest(Push());
  const Buffer push_no_dense = EncodePushRequest(no_dense);
  auto room = MakePullReply(Pull(), DimOfTable, 1);
  ASSERT_TRUE(room.ok());
  for (std::size_t size = 0; size < pull.size(); ++size) {
    EXPECT_FALSE(ParsePullRequest(pull.body().first(size), DimOfTable).ok()) << size;
  }
  for (std::size_t size = 0; size < push.size(); ++size) {
    EXPECT_FALSE(ParsePushRequest(push.body().first(size), DimOfTable).ok()) << size;
  }
  for (std::size_t size = 0; size < push_no_dense.size(); ++size) {
    EXPECT_FALSE(ParsePushRequest(push_no_dense.body().first(size), DimOfTable).ok()) << size;
  }
  for (std::size_t size = 0; size < room->buffer.size(); ++size) {
    EXPECT_FALSE(ParsePullReply(room->buffer.body().first(size), Pull(), DimOfTable).ok()) << size;
  }
}

TEST_F(PsMessages, ExtraBytesAreRefused) {
  const Buffer push = EncodePushRequest(Push());
  Buffer longer(push.size() + 4);
  std::ranges::fill(longer.body(), std::byte{0});
  std::ranges::copy(push.body(), longer.body().begin());
  const auto parsed = ParsePushRequest(longer.body(), DimOfTable);
  EXPECT_EQ(parsed.status().message(), "push request: 4 bytes too many");
}

TEST_F(PsMessages, HostileCountsAreRefusedBeforeAnythingIsAllocated) {
  struct Patch {
    std::size_t offset;
    const char* error;
  };
  constexpr std::array kPullPatches = {
      Patch{16, "pull request: 4294967295 tables do not fit it"},
      Patch{20, "pull request: unknown table 4294967295"},
      Patch{24, "pull request: 4294967295 keys of table 0, at most 67108864"},
      Patch{12, "pull request: flags 4294967295"},
  };
  for (const Patch& patch : kPullPatches) {
    Buffer buffer = EncodePullRequest(Pull());
    std::ranges::fill(buffer.body().subspan(patch.offset, 4), std::byte{0xff});
    EXPECT_EQ(ParsePullRequest(buffer.body(), DimOfTable).status().message(), patch.error);
  }
  Buffer push = EncodePushRequest(Push());
  std::ranges::fill(push.body().subspan(32, 8), std::byte{0xff});  // dense floats
  EXPECT_EQ(ParsePushRequest(push.body(), DimOfTable).status().code(), Code::kCorrupt);
  auto room = MakePullReply(Pull(), DimOfTable, 1);
  ASSERT_TRUE(room.ok());
  std::ranges::fill(room->buffer.body().first(8), std::byte{0xff});
  EXPECT_EQ(ParsePullReply(room->buffer.body(), Pull(), DimOfTable).status().code(),
            Code::kCorrupt);
}

TEST_F(PsMessages, KeysOutOfOrderAreRefused) {
  std::vector<Key> keys = three_;
  std::swap(keys[1], keys[2]);
  const PullRequest pull{Step{}, 0, 0, {{kItem, keys}}};
  EXPECT_EQ(ParsePullRequest(EncodePullRequest(pull).body(), DimOfTable).status().message(),
            "pull request: key 2 of table 7 is out of order");
  const std::vector<Key> twice = {5, 5};
  const std::vector<float> gradients(6);
  const PushRequest push{Step{}, 1, 0, Slice{}, 1, {{kItem, twice, gradients}}, {}};
  EXPECT_EQ(ParsePushRequest(EncodePushRequest(push).body(), DimOfTable).status().message(),
            "push request: key 1 of table 7 is out of order");
}

TEST_F(PsMessages, ATableTwiceIsRefused) {
  const PullRequest pull{Step{}, 0, 0, {{kUser, one_}, {kUser, one_}}};
  EXPECT_EQ(ParsePullRequest(EncodePullRequest(pull).body(), DimOfTable).status().message(),
            "pull request: table 0 twice");
}

TEST_F(PsMessages, AReplyLargerThanAMessageIsRefused) {
  const auto room = MakePullReply(Pull(), DimOfTable, kMessageBytesMax / 4);
  EXPECT_EQ(room.status().code(), Code::kExhausted);
  EXPECT_EQ(MakePullReply(Pull(), DimOfTable, UINT64_MAX).status().code(), Code::kExhausted);
}

}  // namespace
}  // namespace rookery
