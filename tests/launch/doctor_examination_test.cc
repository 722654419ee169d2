// Ranks in one thread on virtual time, over the real file system.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "io/posix_file_system.h"
#include "launch/doctor/examination.h"
#include "net/loopback_transport.h"
#include "tests/net/testing/manual_executor.h"

namespace rookery::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint32_t kRanks = 4;

class DoctorExamination : public ::testing::Test {
 protected:
  DoctorExamination() {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    place_ = std::filesystem::path(::testing::TempDir()) / ("doctor-" + name);
    std::filesystem::remove_all(place_);
    std::filesystem::create_directories(place_);
    Write("train.csv", "label,age\n1,30\n0,41\n1,25\n");
  }
  ~DoctorExamination() override { std::filesystem::remove_all(place_); }

  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(files_, Path(name), text).ok());
  }
  [[nodiscard]] std::string Path(const std::string& name) const { return place_ / name; }

  [[nodiscard]] Job MakeJob() const {
    const std::string toml =
        StrCat("[data]\nformat = \"csv\"\nheader = true\ntrain = [\"", Path("train.csv"),
               "\"]\n[[data.column]]\nname = \"label\"\ntype = \"label\"\n[[data.column]]\nname = "
               "\"age\"\ntype = \"numeric\"\n[model]\nname = \"mlp\"\nhidden = "
               "[4]\n[train]\nbatch_size = 4\n"
               "slices = 2\n[cluster]\nservers = 1\n");
    StatusOr<Job> job = ParseJob(toml, "job.toml", {});
    EXPECT_TRUE(job.ok()) << job.status().ToString();
    return *job;
  }

  // All lines; `silent`: a rank that answers nothing.
  std::string Examine(const Job& job, const std::string& run,
                      std::optional<std::uint32_t> silent = {}) {
    ManualExecutor executor;
    LoopbackNetwork network(kRanks);
    std::vector<std::unique_ptr<RpcNode>> rpcs;
    std::vector<std::unique_ptr<Probe>> probes;
    const RpcNames names{NameOfVerb, [](Rank rank) { return StrCat("rank ", Raw(rank)); }};
    for (std::uint32_t rank = 0; rank < kRanks; ++rank) {
      rpcs.push_back(std::make_unique<RpcNode>(&executor, network.endpoint(Rank{rank}), names));
      if (silent == rank) continue;
      ProbeOptions options;
      options.job = job;
      options.run_directory = run;
      options.host = "host";
      probes.push_back(
          std::make_unique<Probe>(std::move(options), rpcs.back().get(), &files_, [] {}));
      rpcs.back()->Start();
    }
    std::string lines;
    ExaminationOptions options;
    options.job = job;
    options.run_directory = run;
    options.ranks = kRanks;
    options.print = [&](const Check& check) { lines += ToLine(check) + "\n"; };
    Examination examination(std::move(options), rpcs[0].get(), &files_);
    std::optional<Outcome> outcome;
    Spawn([](Examination* what, std::optional<Outcome>* done) -> Task<> {
      *done = co_await what->Run();
    }(&examination, &outcome));
    for (int i = 0; i < 100'000 && !outcome; ++i) executor.Advance(std::chrono::milliseconds(10));
    EXPECT_TRUE(outcome.has_value()) << "no end\n" << lines;
    all_answer_ = outcome && outcome->all_answer;
    EXPECT_EQ(outcome && outcome->failed, lines.find("FAIL") != std::string::npos) << lines;
    for (const auto& rpc : rpcs) rpc->Close();
    executor.Advance(std::chrono::seconds(1));
    return lines;
  }

  PosixFileSystem files_;
  std::filesystem::path place_;
  bool all_answer_ = false;
};

TEST_F(DoctorExamination, NothingIsWrong) {
  const std::string lines = Examine(MakeJob(), Path("run"));
  EXPECT_THAT(lines, Not(HasSubstr("FAIL")));
  EXPECT_THAT(lines, HasSubstr("ok    answers     all 4 ranks"));
  EXPECT_THAT(lines, HasSubstr("4 ranks: 1 scheduler, 1 servers, 2 workers"));
  EXPECT_THAT(lines, HasSubstr("6 pairs"));
  EXPECT_THAT(lines, HasSubstr("exclusive create, seen by all"));
  EXPECT_THAT(lines, HasSubstr("readable by 2 workers, 6 examples match"));
  EXPECT_FALSE(std::filesystem::exists(Path("run"))) << "it leaves nothing";
}

TEST_F(DoctorExamination, LeavesARunDirectoryAsItWas) {
  std::filesystem::create_directories(Path("run"));
  (void)Examine(MakeJob(), Path("run"));
  EXPECT_TRUE(std::filesystem::is_empty(Path("run")));
}

TEST_F(DoctorExamination, ADirectoryThatCannotBeMade) {
  Write("file", "");
  const std::string lines = Examine(MakeJob(), Path("file/run"));
  EXPECT_THAT(lines, HasSubstr("FAIL  directory"));
  EXPECT_THAT(lines, HasSubstr("choose another --run"));
}

TEST_F(DoctorExamination, DataThatTheSchemaDoesNotMatch) {
  Write("train.csv", "label,age\n1,30\n0,old\n");
  const std::string lines = Examine(MakeJob(), Path("run"));
  EXPECT_THAT(lines, HasSubstr("FAIL  data        rank 2 (worker 0) on host: "));
  EXPECT_THAT(lines, HasSubstr("train.csv:3:3"));
  EXPECT_THAT(lines, HasSubstr("FAIL  plan"));
}

TEST_F(DoctorExamination, ARankThatIsSilentIsNamed) {
  const std::string lines = Examine(MakeJob(), Path("run"), 3);
  EXPECT_THAT(lines, HasSubstr("FAIL  answers     nothing was heard of rank 3 (worker 1)"));
  EXPECT_THAT(lines, HasSubstr("no answer after 20"));
  EXPECT_FALSE(all_answer_);
}

}  // namespace
}  // namespace rookery::doctor
