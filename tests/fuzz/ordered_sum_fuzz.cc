// A member of an ordered sum that gets any messages, from members and others, in the middle of two
// rounds.
#include <chrono>

#include "common/bytes.h"
#include "net/collective.h"
#include "tests/fuzz/peer.h"
#include "tests/fuzz/targets.h"
#include "tests/net/testing/manual_executor.h"

namespace rookery {
namespace {

constexpr VerbId kSegment{11};
constexpr VerbId kSum{12};
constexpr std::uint32_t kSlices = 2;
constexpr std::size_t kLength = 20;  // this member sums 16 of them, the other one 4
constexpr std::size_t kRounds = 2;

struct Ends {
  std::size_t ok = 0;
  std::size_t all = 0;
};

Task<> SumTwice(OrderedSum* sum, Ends* ends) {
  for (std::size_t round = 0; round < kRounds; ++round) {
    const std::vector<float> mine(kLength, 1.0F);
    std::vector<float> total(kLength);
    PooledVector<SliceVector> slices;
    slices.push_back({Slice{0}, mine});
    const Status status = co_await sum->Sum(std::move(slices), total);
    ++ends->all;
    if (status.ok()) ++ends->ok;
  }
}

std::string MessageOf(std::uint64_t round, std::uint32_t slices, std::size_t floats) {
  std::string text(24 + floats * sizeof(float), '\0');
  ByteWriter writer(std::as_writable_bytes(std::span(text)));
  writer.Put(round);
  writer.Put(std::uint64_t{kLength});
  writer.Put(slices);
  writer.Put(std::uint32_t{0});
  for (std::size_t i = 0; i < floats; ++i) writer.Put(static_cast<float>(i));
  return text;
}

}  // namespace

bool FuzzOrderedSum(FuzzBytes bytes) {
  ManualExecutor executor;
  FuzzTransport transport(Rank{1}, 4);  // ranks 1 and 2 are members
  Ends ends;
  {
    const auto name = [](auto id) { return StrCat("id ", Raw(id)); };
    RpcNode node(&executor, &transport, {name, name});
    OrderedSum sum(&node, {Rank{1}, Rank{2}}, 0, kSlices, kSegment, kSum, std::chrono::seconds(5));
    node.Start();
    Spawn(SumTwice(&sum, &ends));
    executor.RunReady();
    FuzzInput input(bytes);
    while (!input.empty()) {
      transport.ArriveNext(&input);
      executor.RunReady();
    }
    for (std::size_t round = 0; round <= kRounds; ++round) {
      executor.Advance(std::chrono::seconds(6));
    }
    ROOKERY_CHECK(ends.all == kRounds) << "a sum did not end";
  }
  return ends.ok == kRounds;
}

FuzzSeeds SeedsOfOrderedSum() {
  std::string all;
  std::string ahead = StepOf(2, FrameKind::kOneWay, kSegment, MessageOf(0, 1, 16)) +
                      StepOf(2, FrameKind::kOneWay, kSegment, MessageOf(1, 1, 16));
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    all += StepOf(2, FrameKind::kOneWay, kSegment, MessageOf(round, 1, 16)) +
           StepOf(2, FrameKind::kOneWay, kSum, MessageOf(round, 0, 4));
    ahead += StepOf(2, FrameKind::kOneWay, kSum, MessageOf(round, 0, 4));
  }
  return {all, ahead};
}

}  // namespace rookery
