#include "scheduler/work_assigner.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>
#include <vector>

#include "common/random.h"

namespace rookery {
namespace {

constexpr std::uint64_t kExamplesPerChunk = 10;

// Files with a known number of chunks; a "reader" that notes which examples it was given.
class Reading {
 public:
  Reading(std::vector<std::uint64_t> chunks, AssignerOptions options)
      : chunks_(std::move(chunks)), options_(std::move(options)), assigner_(options_) {}

  // Reads and trains one lease of `stream` up to `examples_max` examples of it; false at the end.
  bool Take(std::uint32_t stream, std::uint64_t examples_max = ~std::uint64_t{0}) {
    LeaseRequest& request = requests_[stream];
    request.stream = stream;
    const LeaseReply reply = assigner_.Next(request).value();
    if (reply.lease == 0) return false;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> examples;
    for (std::uint64_t i = 0; i < reply.count; ++i) {
      const std::uint64_t chunk = reply.first + i * reply.stride;
      if (chunk >= chunks_[reply.file]) break;
      for (std::uint64_t e = 0; e < kExamplesPerChunk; ++e) examples.emplace_back(chunk, e);
    }
    std::uint64_t done = reply.skip;
    for (; done < examples.size() && done - reply.skip < examples_max; ++done) {
      ++trained_[{reply.file, examples[done].first, examples[done].second}];
    }
    request.read_lease = reply.lease;
    request.end_of_file = reply.first + reply.count * reply.stride >= chunks_[reply.file];
    if (done == examples.size()) request.trained_lease = reply.lease;
    positions_[stream] = {stream, reply.lease, done};
    return true;
  }

  void CrashAndResume() {
    std::vector<InputPosition> positions;
    for (const auto& [stream, position] : positions_) positions.push_back(position);
    AssignerState state = assigner_.Snapshot(positions);
    assigner_ = WorkAssigner::Restore(options_, state).value();
    positions_.clear();
    requests_.clear();
  }

  void ExpectAllTrainedOnce() const {
    std::uint64_t expected = 0;
    for (std::uint64_t chunks : chunks_) expected += chunks * kExamplesPerChunk;
    EXPECT_EQ(trained_.size(), expected);
    for (const auto& [example, times] : trained_) EXPECT_EQ(times, 1);
  }
  [[nodiscard]] double fraction() const { return assigner_.fraction(); }

 private:
  std::vector<std::uint64_t> chunks_;
  AssignerOptions options_;
  WorkAssigner assigner_;
  std::map<std::uint32_t, LeaseRequest> requests_;
  std::map<std::uint32_t, InputPosition> positions_;
  std::map<std::tuple<std::uint32_t, std::uint64_t, std::uint64_t>, int> trained_;
};

TEST(WorkAssigner, DealsChunksToSlicesInAnyOrderOfAsking) {
  WorkAssigner assigner({.file_order = {0}, .streams = 3, .dealt = true, .chunks_per_lease = 2});
  const LeaseReply last = assigner.Next({.stream = 2}).value();
  const LeaseReply first = assigner.Next({.stream = 0}).value();
  EXPECT_EQ(last.first, 2U);
  EXPECT_EQ(first.first, 0U);
  EXPECT_EQ(first.stride, 3U);
  EXPECT_EQ(assigner.Next({.stream = 0}).value().first, 6U);
}

TEST(WorkAssigner, EveryExampleOnceWhateverTheOrderAndTheCrashes) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    Random random(seed, Purpose::kTest);
    std::vector<std::uint64_t> chunks(1 + random.NextBelow(4));
    for (std::uint64_t& count : chunks) count = random.NextBelow(9);
    AssignerOptions options{.file_order = {},
                            .streams = static_cast<std::uint32_t>(1 + random.NextBelow(4)),
                            .dealt = random.NextBelow(2) == 0,
                            .chunks_per_lease = 1 + random.NextBelow(3)};
    for (std::uint32_t file = 0; file < chunks.size(); ++file) options.file_order.push_back(file);
    Reading reading(chunks, options);
    std::vector<bool> cut(options.streams, false);
    for (int i = 0; i < 60; ++i) {
      const auto stream = static_cast<std::uint32_t>(random.NextBelow(options.streams));
      if (!cut[stream]) {
        const std::uint64_t examples_max = random.NextBelow(3) == 0 ? random.NextBelow(15) : 1000;
        cut[stream] = examples_max < 1000;  // stopped inside a lease: nothing more before the cut
        reading.Take(stream, examples_max);
      }
      if (random.NextBelow(6) == 0) {
        reading.CrashAndResume();
        cut.assign(options.streams, false);
      }
    }
    reading.CrashAndResume();
    for (std::uint32_t stream = 0; stream < options.streams; ++stream) {
      while (reading.Take(stream)) {
      }
    }
    reading.ExpectAllTrainedOnce();
    EXPECT_EQ(reading.fraction(), 1.0);
  }
}

TEST(WorkAssigner, RefusesAStateOfAnotherShape) {
  const AssignerOptions options{
      .file_order = {0, 1}, .streams = 2, .dealt = true, .chunks_per_lease = 1};
  EXPECT_EQ(WorkAssigner::Restore(options, {.cursors = {{0, 0}}, .pending = {}}).status().code(),
            Code::kCorrupt);
  AssignerState state{.cursors = {{0, 0}, {0, 1}}, .pending = {{.stream = 0, .file = 2}}};
  EXPECT_EQ(WorkAssigner::Restore(options, state).status().code(), Code::kCorrupt);
  EXPECT_EQ(WorkAssigner(options).Next({.stream = 2}).status().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace rookery
