#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "launch/doctor/checks.h"

namespace rookery::doctor {
namespace {

using ::testing::HasSubstr;

Facts FactsOf(const std::string& host) {
  Facts facts;
  facts.host = host;
  facts.version = "1.0";
  facts.formats = "checkpoints 2";
  facts.mpi = "Open MPI v4.1.4";
  facts.cpus_visible = 8;
  facts.cpus_online = 8;
  facts.free_memory = 10'000'000'000;
  facts.networks = {"10.0.0.0/24", "172.17.0.0/16"};
  facts.job_hash = 7;
  return facts;
}

std::vector<RankFacts> Four() {
  return {{"rank 0 (scheduler)", FactsOf("a")},
          {"rank 1 (server 0)", FactsOf("a")},
          {"rank 2 (worker 0)", FactsOf("b")},
          {"rank 3 (worker 1)", FactsOf("b")}};
}

TEST(Doctor, PairRoundsMeetEveryPairOnceAndNobodyTwiceInARound) {
  for (const std::uint32_t ranks : {1U, 2U, 3U, 4U, 7U, 16U}) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> met;
    for (const auto& pairs : PairRounds(ranks)) {
      std::set<std::uint32_t> busy;
      for (const auto& [low, high] : pairs) {
        EXPECT_LT(low, high);
        EXPECT_LT(high, ranks);
        EXPECT_TRUE(busy.insert(low).second && busy.insert(high).second);
        EXPECT_TRUE(met.emplace(low, high).second);
      }
    }
    EXPECT_EQ(met.size(), ranks * (ranks - 1) / 2) << ranks;
  }
}

TEST(Doctor, NetworkText) {
  EXPECT_EQ(NetworkText(0x0a010203, 0xffffff00), "10.1.2.0/24");
  EXPECT_EQ(NetworkText(0xac110001, 0xffff0000), "172.17.0.0/16");
}

TEST(Doctor, ALineHasVerdictNameAndText) {
  EXPECT_EQ(ToLine({Verdict::kFail, "world", "too small"}), "FAIL  world       too small");
  EXPECT_EQ(ToLine({Verdict::kOk, "ping", "fast"}), "ok    ping        fast");
}

TEST(Doctor, AWorldThatTheJobCannotUse) {
  Job job;
  job.cluster.servers = 4;
  EXPECT_EQ(CheckWorld(job, 5).verdict, Verdict::kFail);
  EXPECT_THAT(CheckWorld(job, 5).what, HasSubstr("at least 6"));
  EXPECT_EQ(CheckWorld(job, 6).verdict, Verdict::kOk);
  job.train.slices = 4;
  EXPECT_THAT(CheckWorld(job, 8).what, HasSubstr("cannot be dealt to 3 workers"));
  EXPECT_EQ(ShapeOf(job, 3), (ClusterShape{1, 1}));
  EXPECT_EQ(ShapeOf(job, 9), (ClusterShape{4, 4}));
  EXPECT_EQ(CheckWorld(job, 1).verdict, Verdict::kOk);
}

TEST(Doctor, VersionsAndJobsMustBeTheSame) {
  std::vector<RankFacts> ranks = Four();
  EXPECT_EQ(CheckVersions(ranks).verdict, Verdict::kOk);
  EXPECT_EQ(CheckJobs(ranks).verdict, Verdict::kOk);
  ranks[2].facts.mpi = "Open MPI v5.0.3";
  EXPECT_EQ(CheckVersions(ranks).verdict, Verdict::kFail);
  EXPECT_THAT(CheckVersions(ranks).what,
              HasSubstr("rank 2 (worker 0) on b has Open MPI v5.0.3, rank 0 (scheduler) on a Open "
                        "MPI v4.1.4"));
  ranks[3].facts.job_hash = 8;
  EXPECT_THAT(CheckJobs(ranks).what, HasSubstr("rank 3 (worker 1) on b reads another job"));
  ranks[1].facts.job_error = "j.toml: no such file";
  EXPECT_THAT(CheckJobs(ranks).what, HasSubstr("rank 1 (server 0) on a: j.toml"));
}

TEST(Doctor, CpusThatAreTooFew) {
  std::vector<RankFacts> ranks = Four();
  EXPECT_EQ(CheckCpus(ranks, 2, 4).verdict, Verdict::kOk);
  EXPECT_THAT(CheckCpus(ranks, 2, 6).what, HasSubstr("b has 8 CPUs for 12 threads"));
  EXPECT_THAT(CheckCpus(ranks, 2, 9).what, HasSubstr("cluster.threads is 9"));
  ranks[3].facts.cpus_visible = 1;
  EXPECT_THAT(CheckCpus(ranks, 2, 0).what, HasSubstr("rank 3 (worker 1) on b is bound to 1 CPU"));
}

TEST(Doctor, NetworksInCommon) {
  std::vector<RankFacts> ranks = Four();
  EXPECT_EQ(CheckNetworks(ranks).verdict, Verdict::kWarn);
  EXPECT_THAT(CheckNetworks(ranks).what, HasSubstr("10.0.0.0/24, 172.17.0.0/16: name one"));
  ranks[2].facts.networks = {"10.0.0.0/24"};
  EXPECT_EQ(CheckNetworks(ranks).verdict, Verdict::kOk);
  ranks[0].facts.networks = {"192.168.0.0/24"};
  EXPECT_THAT(CheckNetworks(ranks).what, HasSubstr("no IPv4 network has all 2 hosts"));
}

TEST(Doctor, ClocksThatDiffer) {
  EXPECT_EQ(CheckClocks({{"rank 1", 0.2, 0.001}}).verdict, Verdict::kOk);
  EXPECT_EQ(CheckClocks({{"rank 1", 1.5, 0.7}}).verdict, Verdict::kOk) << "not known well enough";
  const Check off = CheckClocks({{"rank 1", 0.2, 0.001}, {"rank 2", -40, 0.001}});
  EXPECT_EQ(off.verdict, Verdict::kWarn);
  EXPECT_THAT(off.what, HasSubstr("rank 2 is -40 s off"));
}

TEST(Doctor, TheSlowestPairIsNamed) {
  std::vector<Ping> pings = {
      {"r0", "r1", {50e-6, 5e9}}, {"r0", "r2", {60e-6, 0.9e9}}, {"r1", "r2", {55e-6, 4e9}}};
  EXPECT_THAT(CheckPings(pings).what, HasSubstr("slowest r0 - r2: 60 us, 900 MB/s"));
  EXPECT_EQ(CheckPings(pings).verdict, Verdict::kWarn);
  pings[1].reply.bytes_per_second = 3e9;
  EXPECT_EQ(CheckPings(pings).verdict, Verdict::kOk);
  pings[0].reply.round_trip_seconds = 0.04;
  EXPECT_EQ(CheckPings(pings).verdict, Verdict::kWarn);
  EXPECT_THAT(CheckPings(pings).what, HasSubstr("slowest r0 - r1: 40000 us"));
}

TEST(Doctor, DataMustBeReadableAndTheSame) {
  const DataReply good{1000, 5, 6};
  EXPECT_EQ(CheckData({{"w0", good}, {"w1", good}}).verdict, Verdict::kOk);
  EXPECT_THAT(CheckData({{"w0", good}, {"w1", good}}).what, HasSubstr("2 workers, 2000 examples"));
  EXPECT_THAT(CheckData({{"w0", good}, {"w1", DataReply{1000, 4, 6}}}).what,
              HasSubstr("w1 finds other files or sizes than w0"));
  EXPECT_THAT(CheckData({{"w0", good}, {"w1", DataReply{1000, 5, 9}}}).what,
              HasSubstr("w1 finds other examples than w0"));
  const Check bad = CheckData({{"w0", InvalidInput("train.csv:7:3: no number")}});
  EXPECT_EQ(bad.verdict, Verdict::kFail);
  EXPECT_THAT(bad.what, HasSubstr("w0: train.csv:7:3"));
}

TEST(Doctor, MemoryOfTheFullestHost) {
  JobEstimate estimate;
  estimate.cluster = {1, 2};
  estimate.server_bytes = 4'000'000'000;
  estimate.worker_bytes = 6'000'000'000;
  auto checks = CheckEstimate(estimate, {.memory_limit = 5'000'000'000}, Four());
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(checks[0].verdict, Verdict::kOk);
  EXPECT_EQ(checks[1].verdict, Verdict::kFail);
  EXPECT_THAT(checks[1].what, HasSubstr("b: its ranks need about 12.0 GB, 10.0 GB are free"));
  estimate.worker_bytes = 1'000'000'000;
  checks = CheckEstimate(estimate, {}, Four());
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].verdict, Verdict::kOk);
}

}  // namespace
}  // namespace rookery::doctor
