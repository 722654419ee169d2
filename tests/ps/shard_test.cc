#include "ps/shard.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "tests/ps/testing/keys.h"
#include "tests/ps/testing/pushes.h"

namespace rookery {
namespace {

using testing::DrawKeys;
using testing::MakePush;
using testing::PushHead;
using testing::PushTable;

constexpr TableId kTable{1};

PsOptions Options(TrainMode mode, std::uint32_t servers = 1) {
  PsOptions options;
  options.cluster = {servers, 2};
  options.buckets = 16;
  options.mode = mode;
  options.slices = 2;
  TableSpec spec;
  spec.id = kTable;
  spec.name = "user";
  spec.initializer.kind = InitializerKind::kZeros;
  spec.updater.kind = UpdaterKind::kSgd;
  spec.updater.learning_rate.rate = 1;
  options.tables = {spec};
  return options;
}

StatusOr<PushResult> Push(Shard* shard, const PushHead& head, std::vector<PushTable> tables,
                          std::vector<float> dense = {}, std::vector<float> pulled_dense = {}) {
  auto push = MakePush(head, tables, dense, pulled_dense);
  return shard->Push(std::move(push.body), std::move(push.push));
}

PullRequest PullOf(std::span<const Key> keys, std::uint64_t step, std::uint32_t flags) {
  return {Step{step}, 0, flags, {{kTable, keys}}};
}

float Read(Shard* shard, Key key) {
  const auto room = shard->Pull(PullOf({&key, 1}, 0, 0));
  EXPECT_TRUE(room.ok()) << room.status().ToString();
  return room.ok() ? room->rows[0][0] : 99;
}

TEST(Shard, SyncAppliesAStepWhenAllSlicesAreThere) {
  Shard shard(Options(TrainMode::kSync));
  const auto first = Push(&shard, {.sequence = 1, .worker = 1, .slice = 1}, {{kTable, {5}, {2}}});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->state, PushState::kWaiting);
  EXPECT_EQ(Read(&shard, 5), 0);
  const Key key = 5;
  EXPECT_TRUE(shard.MayPull(PullOf({&key, 1}, 0, kPullCreate)));
  EXPECT_FALSE(shard.MayPull(PullOf({&key, 1}, 1, kPullCreate)));
  EXPECT_TRUE(shard.MayPull(PullOf({&key, 1}, 1, 0)));
  // Again, as after a lost answer: still waiting, not counted twice.
  const auto again = Push(&shard, {.sequence = 1, .worker = 1, .slice = 1}, {{kTable, {5}, {2}}});
  EXPECT_EQ(again->state, PushState::kWaiting);
  const auto last = Push(&shard, {.sequence = 1, .worker = 0, .slice = 0}, {{kTable, {5}, {4}}});
  EXPECT_EQ(last->state, PushState::kApplied);
  EXPECT_EQ(last->completed, Step{0});
  EXPECT_EQ(Read(&shard, 5), -3);  // (2 + 4) / 2 examples
  EXPECT_EQ(shard.updates(), 1U);
  EXPECT_TRUE(shard.MayPull(PullOf({&key, 1}, 1, kPullCreate)));
  const auto late = Push(&shard, {.sequence = 1, .worker = 0, .slice = 0}, {{kTable, {5}, {4}}});
  EXPECT_EQ(late->state, PushState::kDuplicate);
  EXPECT_EQ(Read(&shard, 5), -3);
}

TEST(Shard, AStepWithoutExamplesDoesNotCount) {
  Shard shard(Options(TrainMode::kSync));
  ASSERT_TRUE(Push(&shard, {.worker = 0, .slice = 0, .examples = 0}, {}).ok());
  const auto last = Push(&shard, {.worker = 1, .slice = 1, .examples = 0}, {});
  EXPECT_EQ(last->completed, Step{0});
  EXPECT_EQ(shard.updates(), 0U);
  EXPECT_EQ(shard.next_step(), Step{1});
}

TEST(Shard, SaysWhichKeysHaveARowWhenAsked) {
  Shard shard(Options(TrainMode::kAsync));
  ASSERT_TRUE(Push(&shard, {.sequence = 1}, {{kTable, {5}, {0}}}).ok());  // a row of zero
  const std::vector<Key> keys = testing::Ordered({5, 6});
  auto room = shard.Pull(PullOf(keys, 0, kPullPresence));
  ASSERT_TRUE(room.ok()) << room.status().ToString();
  ASSERT_EQ(room->present.size(), 1U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(room->rows[0][i], 0);
    EXPECT_EQ(room->present[0][i], keys[i] == 5 ? 1 : 0);
  }
  EXPECT_EQ(shard.table(0).rows(), 1U);
  room = shard.Pull(PullOf(keys, 0, 0));
  ASSERT_TRUE(room.ok()) << room.status().ToString();
  EXPECT_TRUE(room->present.empty());
}

TEST(Shard, BoundedAppliesAtOnceAndHoldsPulls) {
  PsOptions options = Options(TrainMode::kBounded);
  options.staleness = 1;
  Shard shard(options);
  const Key key = 5;
  for (std::uint64_t step = 0; step < 2; ++step) {
    const auto result =
        Push(&shard, {.step = step, .sequence = step + 1, .examples = 2}, {{kTable, {key}, {4}}});
    EXPECT_EQ(result->state, PushState::kApplied);
    EXPECT_FALSE(result->completed.has_value());
  }
  EXPECT_EQ(Read(&shard, key), -4);
  EXPECT_EQ(shard.updates(), 2U);
  EXPECT_FALSE(shard.MayPull(PullOf({&key, 1}, 2, kPullCreate)));
  ASSERT_TRUE(shard.Retire(1).ok());
  EXPECT_TRUE(shard.MayPull(PullOf({&key, 1}, 2, kPullCreate)));
  ASSERT_TRUE(shard.Pull(PullOf({&key, 1}, 2, kPullCreate)).ok());
  EXPECT_EQ(shard.staleness(), (std::vector<std::uint64_t>{1}));
}

TEST(Shard, RefusesRequestsThatCannotBeRight) {
  PsOptions options = Options(TrainMode::kAsync, 2);
  options.index = 1;
  Shard shard(options);
  Key foreign = 0;
  while (shard.table(0).Owns(foreign)) ++foreign;
  const std::string expected = StrCat("table 'user': key ", foreign, " is of bucket ",
                                      Raw(BucketOf(foreign, 16)), ", server 1 has buckets 8 to 16");
  const auto pull = shard.Pull(PullOf({&foreign, 1}, 0, kPullCreate));
  EXPECT_EQ(pull.status().message(), expected);
  const auto push = Push(&shard, {}, {{kTable, {foreign}, {1}}});
  EXPECT_EQ(push.status().code(), Code::kCorrupt);
  EXPECT_EQ(push.status().message(), expected);
  EXPECT_EQ(Push(&shard, {.worker = 2}, {}).status().message(), "worker 2 of 2");
  EXPECT_EQ(shard.Retire(9).code(), Code::kCorrupt);
  EXPECT_EQ(Push(&shard, {.sequence = 2}, {}).status().message(),
            "push 2 of worker 0 came after push 0");
  EXPECT_EQ(Push(&shard, {}, {{TableId{9}, {}, {}}}).status().message(),
            "table 9 is not of this job");
  EXPECT_EQ(Push(&shard, {}, {}, {1}).status().message(),
            "push of worker 0 with 1 dense floats, the segment has 0");
  EXPECT_EQ(shard.updates(), 0U);
  EXPECT_EQ(shard.table(0).rows(), 0U);
}

TEST(Shard, DenseSegmentIsPulledPushedAndRefused) {
  PsOptions options = Options(TrainMode::kAsync, 2);
  options.dense_on_server = true;
  options.dense.blocks = {{"w", 1, 5, 0, {}, 0, 0}};
  options.dense.updater = options.tables[0].updater;
  options.initial_dense = [](const std::vector<double>&) {
    return std::vector<float>{1, 2, 3, 4, 5};
  };
  options.index = 1;  // elements 2 to 5
  Shard shard(options);
  ASSERT_EQ(shard.dense_floats(), 3U);
  ASSERT_TRUE(Push(&shard, {.sequence = 1, .examples = 2}, {}, {2, 4, 6}).ok());
  const PullRequest pull{Step{0}, 0, kPullDense, {}};
  auto room = shard.Pull(pull);
  ASSERT_TRUE(room.ok());
  EXPECT_EQ((std::vector<float>{room->dense.begin(), room->dense.end()}),
            (std::vector<float>{2, 2, 2}));
  const float bad = std::numeric_limits<float>::infinity();
  ASSERT_TRUE(Push(&shard, {.sequence = 2}, {}, {0, bad, 0}).ok());
  EXPECT_EQ(shard.refused_count(), 1U);
  EXPECT_EQ(shard.TakeRefusedExamples(),
            std::vector<std::string>{"dense block 'w': gradient element 3 is inf"});
  EXPECT_TRUE(shard.TakeRefusedExamples().empty());
}

// Worker 1 pulls, worker 0 pushes three times, then worker 1 pushes what is three updates old.
TEST(Shard, StalenessScalesTheRateOfALatePush) {
  PsOptions options = Options(TrainMode::kAsync);
  options.staleness_scaling = true;
  options.dense_on_server = true;
  options.dense.blocks = {{"w", 1, 1, 0, {}, 0, 0}};
  options.dense.updater = options.tables[0].updater;
  options.initial_dense = [](const std::vector<double>&) { return std::vector<float>{0}; };
  Shard shard(options);
  const Key key = 5;
  PullRequest pull = PullOf({&key, 1}, 0, kPullCreate);
  pull.worker = 1;
  ASSERT_TRUE(shard.Pull(pull).ok());
  for (std::uint64_t step = 0; step < 3; ++step) {
    ASSERT_TRUE(shard.Pull(PullOf({&key, 1}, step, kPullCreate)).ok());
    ASSERT_TRUE(
        Push(&shard, {.step = step, .sequence = step + 1}, {{kTable, {key}, {4}}}, {1}).ok());
  }
  EXPECT_EQ(Read(&shard, key), -12);  // each of them fresh
  ASSERT_TRUE(Push(&shard, {.sequence = 1, .worker = 1}, {{kTable, {key}, {4}}}, {8}).ok());
  EXPECT_EQ(Read(&shard, key), -13);  // 4 / (1 + 3)
  EXPECT_EQ(shard.dense()->weights()[0], -5);
}

TEST(Shard, DelayCompensationUsesWhatWasPulled) {
  PsOptions options = Options(TrainMode::kAsync);
  options.delay_compensation = 0.5F;
  options.push_flags = PushFlagsOf(options.tables, options.delay_compensation);
  ASSERT_EQ(options.push_flags, kPushPulled);
  options.dense_on_server = true;
  options.dense.blocks = {{"w", 1, 1, 0, {}, 0, 0}, {"mean", 1, 1, 1, {}, 0, 0.5F}};
  options.dense.updater = options.tables[0].updater;
  options.initial_dense = [](const std::vector<double>&) { return std::vector<float>{1, 1}; };
  Shard shard(options);
  const PushHead first{.sequence = 1, .examples = 2, .flags = kPushPulled};
  ASSERT_TRUE(Push(&shard, first, {{kTable, {5}, {4}, {}, {0}}}, {2, 2}, {1, 1}).ok());
  EXPECT_EQ(Read(&shard, 5), -2);  // nothing between: the mean gradient
  EXPECT_EQ(shard.dense()->weights()[0], 0);
  EXPECT_EQ(shard.dense()->weights()[1], 0.5F);
  // The same again, computed from the start: 2 + .5 * 4 * (-2 - 0), and 1 + .5 * 1 * (0 - 1); the
  // statistic is not compensated.
  const PushHead late{.sequence = 1, .worker = 1, .examples = 2, .flags = kPushPulled};
  ASSERT_TRUE(Push(&shard, late, {{kTable, {5}, {4}, {}, {0}}}, {2, 2}, {1, 1}).ok());
  EXPECT_EQ(Read(&shard, 5), 0);
  EXPECT_EQ(shard.dense()->weights()[0], -0.5F);
  EXPECT_EQ(shard.dense()->weights()[1], 0);
  const auto bare = Push(&shard, {.sequence = 2}, {{kTable, {5}, {4}}}, {2, 2});
  EXPECT_EQ(bare.status().message(), "push of worker 0 with flags 0, those of this job are 2");
  EXPECT_EQ(shard.updates(), 2U);
}

TEST(Shard, CowClipCountsOverTheSlicesOfAStep) {
  PsOptions options = Options(TrainMode::kSync);
  options.tables[0].updater.clip_cow = 1;
  options.tables[0].updater.clip_cow_floor = 0.25F;
  options.push_flags = PushFlagsOf(options.tables, 0);
  ASSERT_EQ(options.push_flags, kPushCounts);
  Shard shard(options);
  for (std::uint32_t slice = 0; slice < 2; ++slice) {
    const PushHead head{.sequence = 1, .worker = slice, .slice = slice, .flags = kPushCounts};
    ASSERT_TRUE(Push(&shard, head, {{kTable, {5}, {-40}, {slice + 1}}}).ok());
  }
  EXPECT_EQ(Read(&shard, 5), 0.75F);  // the mean 40 to (1 + 2) * .25
}

// The ledger: rows of one float, sgd with rate 1, whole numbers: each row is exactly the negative
// sum of what was pushed to it, on whichever server and in whichever mode.
void RunLedger(TrainMode mode, std::uint32_t servers, std::uint64_t seed) {
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::uint32_t i = 0; i < servers; ++i) {
    PsOptions options = Options(mode, servers);
    options.index = i;
    shards.push_back(std::make_unique<Shard>(options));
  }
  Random random(seed, Purpose::kTest);
  std::map<Key, std::int64_t> ledger;
  for (std::uint64_t step = 0; step < 50; ++step) {
    for (std::uint32_t worker = 0; worker < 2; ++worker) {
      const auto keys = DrawKeys(&random, random.NextBelow(60), 300);
      std::vector<PushTable> parts(servers, PushTable{kTable, {}, {}});
      for (const Key key : keys) {
        const auto amount = static_cast<std::int64_t>(random.NextBelow(200)) - 100;
        PushTable& part = parts[ServerOfBucket(Raw(BucketOf(key, 16)), servers, 16)];
        part.keys.push_back(key);
        // The mean of a step of two examples (sync) or of one.
        part.gradients.push_back(static_cast<float>(amount * (mode == TrainMode::kSync ? 2 : 1)));
        ledger[key] += amount;
      }
      for (std::uint32_t i = 0; i < servers; ++i) {
        const PushHead head{
            .step = step, .sequence = step + 1, .worker = worker, .slice = worker, .examples = 1};
        ASSERT_TRUE(Push(shards[i].get(), head, {parts[i]}).ok());
        if (random.NextBelow(4) == 0) {  // comes twice, counts once
          ASSERT_TRUE(Push(shards[i].get(), head, {parts[i]}).ok());
        }
      }
    }
  }
  std::uint64_t rows = 0;
  for (const auto& shard : shards) rows += shard->table(0).rows();
  EXPECT_EQ(rows, ledger.size());
  for (const auto& [key, sum] : ledger) {
    Shard* shard = shards[ServerOfBucket(Raw(BucketOf(key, 16)), servers, 16)].get();
    ASSERT_EQ(Read(shard, key), static_cast<float>(-sum)) << "key " << key << " seed " << seed;
  }
}

TEST(Shard, LedgerIsExact) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const std::uint32_t servers : {1U, 2U, 5U}) {
      RunLedger(TrainMode::kSync, servers, seed);
      RunLedger(TrainMode::kAsync, servers, seed);
    }
  }
}

TEST(Shard, ProgressIsRestored) {
  Shard shard(Options(TrainMode::kSync));
  shard.SetProgress(Step{7}, 6);
  EXPECT_EQ(shard.updates(), 6U);
  EXPECT_EQ(shard.next_step(), Step{7});
  EXPECT_FALSE(Push(&shard, {.step = 0}, {}).ok());
  EXPECT_TRUE(Push(&shard, {.step = 7, .slice = 0}, {}).ok());
}

}  // namespace
}  // namespace rookery
