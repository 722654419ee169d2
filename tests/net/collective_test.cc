#include "net/collective.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <memory>
#include <random>
#include <string>

#include "net/loopback_transport.h"
#include "net/sum_inbox.h"
#include "tests/net/testing/manual_executor.h"
#include "tests/net/testing/net_testing.h"

namespace rookery {
namespace {

using std::chrono::seconds;

constexpr VerbId kSegment{11};
constexpr VerbId kSum{12};
constexpr std::uint32_t kSlices = 4;

// `members` nodes on one manual executor.
struct Group {
  explicit Group(std::uint32_t count) : network(count) {
    std::vector<Rank> members;
    for (std::uint32_t i = 0; i < count; ++i) members.push_back(Rank{i});
    for (std::uint32_t i = 0; i < count; ++i) {
      nodes.push_back(std::make_unique<RpcNode>(&executor, network.endpoint(Rank{i}), TestNames()));
      sums.push_back(std::make_unique<OrderedSum>(nodes.back().get(), members, i, kSlices, kSegment,
                                                  kSum, seconds(30)));
      nodes.back()->Start();
    }
  }
  ManualExecutor executor;
  LoopbackNetwork network;
  std::vector<std::unique_ptr<RpcNode>> nodes;
  std::vector<std::unique_ptr<OrderedSum>> sums;
};

using Vectors = std::vector<std::vector<float>>;

// One vector per slice, of sizes so different that another order gives other bits.
Vectors MakeSlices(std::size_t length, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Vectors slices(kSlices, std::vector<float>(length));
  for (std::vector<float>& slice : slices) {
    for (float& value : slice) value = normal(random) * std::ldexp(1.0F, int(random() % 40) - 20);
  }
  return slices;
}

PooledVector<SliceVector> SlicesOf(const Vectors& slices, std::size_t member, std::size_t members) {
  PooledVector<SliceVector> mine;
  for (std::size_t k = member; k < slices.size(); k += members) {
    mine.push_back({Slice{static_cast<std::uint32_t>(k)}, slices[k]});
  }
  return mine;
}

Task<> Note(Task<Status> task, std::string* text) {
  const Status status = co_await std::move(task);
  *text = status.ToString();
}

void Begin(Group& group, const Vectors& slices, std::size_t member, std::vector<float>* sum,
           std::string* text) {
  Spawn(Note(group.sums[member]->Sum(SlicesOf(slices, member, group.sums.size()), *sum), text));
}

std::vector<std::uint32_t> Bits(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

// What the contract says, one float at a time.
std::vector<float> PlainSum(const Vectors& slices) {
  std::vector<float> sum = slices[0];
  for (std::size_t k = 1; k < slices.size(); ++k) {
    for (std::size_t i = 0; i < sum.size(); ++i) {
      volatile float next = sum[i] + slices[k][i];
      sum[i] = next;
    }
  }
  return sum;
}

TEST(OrderedSum, TheOrderOfTheSlicesIsKept) {
  // From the left: (1e8 - 1e8) + 1 + 1 = 2. Any pairing of 1 with 1e8 loses it.
  const Vectors slices = {{1e8F}, {-1e8F}, {1.0F}, {1.0F}};
  for (const std::uint32_t members : {1U, 2U, 4U}) {
    Group group(members);
    std::vector<std::vector<float>> sums(members, std::vector<float>(1));
    std::vector<std::string> texts(members);
    for (std::size_t m = 0; m < members; ++m) Begin(group, slices, m, &sums[m], &texts[m]);
    group.executor.RunReady();
    for (std::size_t m = 0; m < members; ++m) {
      EXPECT_EQ(texts[m], "ok");
      EXPECT_EQ(sums[m][0], 2.0F) << members << " members, member " << m;
    }
  }
}

TEST(OrderedSum, BitIdenticalForAnyNumberOfMembers) {
  for (const std::size_t length : {0U, 1U, 15U, 16U, 17U, 100U, 4097U, 50000U}) {
    const unsigned seed = 100 + static_cast<unsigned>(length);
    const Vectors slices = MakeSlices(length, seed);
    const std::vector<std::uint32_t> expected = Bits(PlainSum(slices));
    for (const std::uint32_t members : {1U, 2U, 4U}) {
      SCOPED_TRACE(StrCat("seed ", seed, ", length ", length, ", members ", members));
      Group group(members);
      std::vector<std::vector<float>> sums(members, std::vector<float>(length));
      std::vector<std::string> texts(members);
      for (int round = 0; round < 3; ++round) {
        for (std::size_t m = 0; m < members; ++m) Begin(group, slices, m, &sums[m], &texts[m]);
        group.executor.RunReady();
        for (std::size_t m = 0; m < members; ++m) {
          EXPECT_EQ(texts[m], "ok");
          EXPECT_EQ(Bits(sums[m]), expected);
          sums[m].assign(length, -1.0F);
          texts[m].clear();
        }
      }
    }
  }
}

TEST(OrderedSum, OtherOrdersWouldGiveOtherBits) {
  Vectors slices = MakeSlices(1000, 7);
  const std::vector<std::uint32_t> forward = Bits(PlainSum(slices));
  std::swap(slices[0], slices[3]);
  EXPECT_NE(Bits(PlainSum(slices)), forward);
}

TEST(OrderedSum, AMemberMayBeOneRoundAhead) {
  Group group(2);
  const Vectors first = MakeSlices(100, 1);
  const Vectors second = MakeSlices(100, 2);
  std::vector<std::vector<float>> sums(4, std::vector<float>(100));
  std::vector<std::string> texts(4);
  Begin(group, first, 0, &sums[0], &texts[0]);
  Begin(group, first, 1, &sums[1], &texts[1]);
  // Step by step, until member 0 has its sum and member 1 has not; then 0 goes ahead.
  while (texts[0].empty() && group.executor.RunOne()) {
  }
  ASSERT_EQ(texts[0], "ok");
  ASSERT_EQ(texts[1], "");
  Begin(group, second, 0, &sums[2], &texts[2]);
  group.executor.RunReady();
  EXPECT_EQ(texts[1], "ok");
  EXPECT_EQ(texts[2], "");
  Begin(group, second, 1, &sums[3], &texts[3]);
  group.executor.RunReady();
  EXPECT_EQ(texts[2], "ok");
  EXPECT_EQ(texts[3], "ok");
  EXPECT_EQ(Bits(sums[1]), Bits(PlainSum(first)));
  EXPECT_EQ(Bits(sums[2]), Bits(PlainSum(second)));
  EXPECT_EQ(Bits(sums[3]), Bits(PlainSum(second)));
}

TEST(OrderedSum, AMissingMemberIsNamed) {
  Group group(4);
  const Vectors slices = MakeSlices(10, 3);
  std::vector<float> sum(10);
  std::string text;
  for (const std::size_t member : {0U, 1U}) Begin(group, slices, member, &sum, &text);
  group.executor.Advance(seconds(29));
  EXPECT_EQ(text, "");
  group.executor.Advance(seconds(2));
  EXPECT_EQ(text,
            "deadline missed: ordered sum, round 0: nothing from rank 2 (server 2), rank 3 "
            "(server 3) for 30 s");
}

TEST(OrderedSum, TheDeadlineStartsWithEachWait) {
  Group group(2);
  const Vectors slices = MakeSlices(10, 3);
  std::vector<float> sum(10);
  std::string text;
  for (int round = 0; round < 3; ++round) {
    text.clear();
    std::string other;
    std::vector<float> other_sum(10);
    Begin(group, slices, 0, &sum, &text);
    group.executor.Advance(seconds(25));
    EXPECT_EQ(text, "");
    Begin(group, slices, 1, &other_sum, &other);
    group.executor.RunReady();
    EXPECT_EQ(text, "ok") << round;
  }
  EXPECT_LE(group.executor.timers(), 2U);
}

TEST(OrderedSum, ClosingEndsAWaitAtOnce) {
  Group group(2);
  const Vectors slices = MakeSlices(10, 3);
  std::vector<float> sum(10);
  std::string text;
  Begin(group, slices, 0, &sum, &text);
  group.executor.RunReady();
  EXPECT_EQ(text, "");
  group.nodes[0]->Close();
  group.executor.RunReady();
  EXPECT_EQ(text, "aborted: ordered sum, round 0: given up, this side is closing");
}

TEST(OrderedSum, AWrongLengthIsCorrupt) {
  Group group(2);
  const Vectors ten = MakeSlices(10, 3);
  const Vectors nine = MakeSlices(9, 3);
  std::vector<float> sum_ten(10);
  std::vector<float> sum_nine(9);
  std::vector<std::string> texts(2);
  Begin(group, ten, 0, &sum_ten, &texts[0]);
  Begin(group, nine, 1, &sum_nine, &texts[1]);
  group.executor.RunReady();
  EXPECT_EQ(texts[0],
            "corrupt: ordered sum, round 0: message from rank 1 (server 1) has 9 floats and 2 "
            "slices, expected 10 and 2");
  Begin(group, ten, 0, &sum_ten, &texts[0]);  // broken for good
  EXPECT_EQ(texts[0].rfind("corrupt: ", 0), 0U);
}

TEST(OrderedSum, JunkFromAMemberIsCorruptNotACrash) {
  for (const std::size_t bytes : {0U, 7U, 8U, 23U, 24U, 28U}) {
    Group group(2);
    Buffer junk(bytes);
    std::ranges::fill(junk.body(), std::byte{0});
    group.nodes[1]->Tell(Rank{0}, kSegment, std::move(junk));
    std::vector<float> sum(10);
    std::string text;
    const Vectors slices = MakeSlices(10, 3);
    Begin(group, slices, 0, &sum, &text);
    group.executor.RunReady();
    EXPECT_EQ(text.rfind("corrupt: ordered sum, round 0", 0), 0U) << bytes << ": " << text;
  }
}

TEST(OrderedSum, AMessageOfNoMemberIsDropped) {
  ManualExecutor executor;
  LoopbackNetwork network(3);
  std::vector<std::unique_ptr<RpcNode>> nodes;
  for (std::uint32_t i = 0; i < 3; ++i) {
    nodes.push_back(std::make_unique<RpcNode>(&executor, network.endpoint(Rank{i}), TestNames()));
  }
  SumInbox inbox(nodes[0].get(), {Rank{0}, Rank{1}}, 0, seconds(30));
  inbox.Add(SumPhase::kSegments, Rank{2}, Buffer(kSumHeaderBytes));
  EXPECT_TRUE(inbox.broken().ok());
  inbox.Add(SumPhase::kSegments, Rank{1}, Buffer(3));
  EXPECT_EQ(inbox.broken().code(), Code::kCorrupt);
}

TEST(OrderedSum, AMessageOfAnotherRoundIsCorrupt) {
  Group group(2);
  Buffer message(24);
  std::ranges::fill(message.body(), std::byte{0});
  message.body()[0] = std::byte{2};
  group.nodes[1]->Tell(Rank{0}, kSegment, std::move(message));
  group.executor.RunReady();
  std::vector<float> sum(1);
  std::string text;
  const Vectors slices = MakeSlices(1, 3);
  Begin(group, slices, 0, &sum, &text);
  group.executor.RunReady();
  EXPECT_EQ(text,
            "corrupt: ordered sum, round 0: message of round 2 with 24 bytes from rank 1 (server "
            "1) is out of turn");
}

}  // namespace
}  // namespace rookery
