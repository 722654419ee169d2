#include "launch/doctor/examination.h"

#include <unistd.h>

#include <utility>

#include "launch/job_plan.h"
#include "protocol/archive.h"

namespace rookery::doctor {
namespace {

constexpr Duration kAnswerDeadline = std::chrono::seconds(20);
constexpr Duration kPingDeadline = std::chrono::seconds(60);
constexpr Duration kDataDeadline = std::chrono::seconds(120);
constexpr int kClockReads = 5;

// Asks all of `ranks` at once; the answers in that order.
Task<std::vector<StatusOr<Buffer>>> AskAll(RpcNode* rpc, std::vector<std::uint32_t> ranks,
                                           VerbId verb,
                                           std::function<Buffer(std::uint32_t)> question,
                                           Duration deadline) {
  std::vector<Future<StatusOr<Buffer>>> calls;
  for (const std::uint32_t rank : ranks) {
    calls.push_back(rpc->Call(Rank{rank}, verb, question(rank), deadline));
  }
  std::vector<StatusOr<Buffer>> answers;
  for (Future<StatusOr<Buffer>>& call : calls) {
    StatusOr<Buffer> answer = co_await std::move(call);
    answers.push_back(std::move(answer));
  }
  co_return answers;
}

std::vector<std::uint32_t> Range(std::uint32_t begin, std::uint32_t end) {
  std::vector<std::uint32_t> range;
  for (std::uint32_t rank = begin; rank < end; ++rank) range.push_back(rank);
  return range;
}

}  // namespace

Examination::Examination(ExaminationOptions options, RpcNode* rpc, FileSystem* files)
    : options_(std::move(options)),
      shape_(ShapeOf(options_.job, options_.ranks)),
      rpc_(rpc),
      files_(files) {}

std::string Examination::NameOf(std::uint32_t rank) const {
  if (options_.ranks == 1) return "this process";
  const std::string name = shape_.Name(Rank{rank});
  return rank < ranks_.size() ? StrCat(name, " on ", ranks_[rank].facts.host) : name;
}

bool Examination::IsWorker(std::uint32_t rank) const {
  return options_.ranks == 1 || shape_.role(Rank{rank}) == Role::kWorker;
}

void Examination::Say(Check check) {
  outcome_.failed = outcome_.failed || check.verdict == Verdict::kFail;
  options_.print(check);
}

Task<Outcome> Examination::Run() {
  const bool all_answer = co_await AskFacts();
  outcome_.all_answer = all_answer;
  if (!all_answer) co_return outcome_;
  Say(CheckWorld(options_.job, options_.ranks));
  Say(CheckVersions(ranks_));
  Say(CheckJobs(ranks_));
  Say(CheckCpus(ranks_, 1 + std::size_t{shape_.servers}, options_.job.cluster.threads));
  Say(CheckNetworks(ranks_));
  co_await AskClocks();
  co_await AskPings();
  co_await AskFiles();
  co_await AskData();
  Plan();
  co_return outcome_;
}

Task<bool> Examination::AskFacts() {
  std::vector<StatusOr<Buffer>> answers = co_await AskAll(
      rpc_, Range(0, options_.ranks), kFactsVerb, [](std::uint32_t) { return Buffer(0); },
      kAnswerDeadline);
  std::vector<std::string> silent;
  for (std::uint32_t rank = 0; rank < options_.ranks; ++rank) {
    const StatusOr<Buffer>& answer = answers[rank];
    StatusOr<Facts> facts = answer.ok() ? Decode<Facts>(answer->body(), "facts") : answer.status();
    if (facts.ok()) {
      ranks_.push_back({shape_.Name(Rank{rank}), std::move(*facts)});
    } else {
      silent.push_back(StrCat(shape_.Name(Rank{rank}), " (", facts.status().message(), ")"));
    }
  }
  Say(CheckSilent(silent, options_.ranks));
  co_return silent.empty();
}

Task<> Examination::AskClocks() {
  std::vector<ClockOffset> clocks;
  for (std::uint32_t rank = 1; rank < options_.ranks; ++rank) {
    ClockOffset best{NameOf(rank), 0, 1e9};
    for (int i = 0; i < kClockReads; ++i) {
      const double before = WallSeconds();
      StatusOr<Buffer> answer =
          co_await rpc_->Call(Rank{rank}, kClockVerb, Buffer(0), kAnswerDeadline);
      if (!answer.ok()) continue;
      const double after = WallSeconds();
      const StatusOr<Clock> clock = Decode<Clock>(std::as_const(*answer).body(), "clock");
      if (!clock.ok() || (after - before) / 2 >= best.error_seconds) continue;
      best.offset_seconds = clock->wall_seconds - (before + after) / 2;
      best.error_seconds = (after - before) / 2;
    }
    clocks.push_back(best);
  }
  Say(CheckClocks(clocks));
}

Task<> Examination::AskPings() {
  std::vector<Ping> pings;
  Status failure;
  for (const auto& pairs : PairRounds(options_.ranks)) {
    std::vector<Future<StatusOr<Buffer>>> calls;
    for (const auto& [from, to] : pairs) {
      calls.push_back(rpc_->Call(Rank{from}, kPingVerb, Encode(PingRequest{to}), kPingDeadline));
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      StatusOr<Buffer> answer = co_await std::move(calls[i]);
      StatusOr<PingReply> reply = answer.status().ok()
                                      ? Decode<PingReply>(std::as_const(*answer).body(), "ping")
                                      : StatusOr<PingReply>(answer.status());
      const auto [from, to] = pairs[i];
      if (reply.ok()) {
        pings.push_back({NameOf(from), NameOf(to), *reply});
      } else if (failure.ok()) {
        failure = Annotate(reply.status(), NameOf(from), " to ", NameOf(to));
      }
    }
  }
  if (failure.ok()) {
    Say(CheckPings(std::move(pings)));
  } else {
    Say({Verdict::kFail, "ping",
         failure.message() + ": a firewall, or an interface that does not reach it (--interface)"});
  }
}

// Every rank publishes a file that all others must see; of all that make one file, one succeeds.
Task<Status> Examination::TryFiles(std::string directory) {
  ROOKERY_CO_RETURN_IF_ERROR(files_->MakeDirectory(directory));
  const auto path_of = [&](std::uint32_t rank) {
    return JoinPath(directory, StrCat("rank-", rank));
  };
  const auto request = [&](FileAction action, std::uint32_t rank, std::string path) {
    return Encode(FileRequest{action, std::move(path), StrCat("written by rank ", rank)});
  };
  const std::vector<std::uint32_t> all = Range(0, options_.ranks);
  const auto first_failure = [&](const std::vector<StatusOr<Buffer>>& answers) {
    for (std::uint32_t rank = 0; rank < answers.size(); ++rank) {
      if (!answers[rank].ok()) return Annotate(answers[rank].status(), NameOf(rank));
    }
    return OkStatus();
  };
  std::vector<StatusOr<Buffer>> answers = co_await AskAll(
      rpc_, all, kFileVerb,
      [&](std::uint32_t rank) { return request(FileAction::kPublish, rank, path_of(rank)); },
      kAnswerDeadline);
  ROOKERY_CO_RETURN_IF_ERROR(first_failure(answers));
  answers = co_await AskAll(
      rpc_, all, kFileVerb,
      [&](std::uint32_t rank) {
        const std::uint32_t other = (rank + 1) % options_.ranks;
        return request(FileAction::kExpect, other, path_of(other));
      },
      kAnswerDeadline);
  ROOKERY_CO_RETURN_IF_ERROR(first_failure(answers));
  answers = co_await AskAll(
      rpc_, all, kFileVerb,
      [&](std::uint32_t rank) {
        return request(FileAction::kExclusive, rank, JoinPath(directory, "exclusive"));
      },
      kAnswerDeadline);
  std::size_t made = 0;
  for (StatusOr<Buffer>& answer : answers) {
    made += answer.ok() ? 1U : 0U;
    if (!answer.ok() && answer.status().code() == Code::kAborted) answer = Buffer(0);
  }
  ROOKERY_CO_RETURN_IF_ERROR(first_failure(answers));
  if (made == 1) co_return OkStatus();
  co_return IoError(JoinPath(directory, "exclusive"), ": ", made,
                    " ranks made it, one should have: the directory is not shared");
}

Task<> Examination::AskFiles() {
  const bool was_there = files_->Exists(options_.run_directory);
  const std::string directory = JoinPath(
      options_.run_directory, StrCat(".doctor-", static_cast<std::uint64_t>(WallSeconds())));
  const Status status = co_await TryFiles(directory);
  const Status removed = files_->RemoveTree(directory);
  if (!was_there) rmdir(options_.run_directory.c_str());  // unless something is in it by now
  if (!status.ok()) {
    Say({Verdict::kFail, "directory",
         status.message() + "; the run directory must be one that all ranks can write and see: "
                            "choose another --run"});
  } else if (!removed.ok()) {
    Say({Verdict::kWarn, "directory", removed.message()});
  } else {
    Say({Verdict::kOk, "directory",
         StrCat(options_.run_directory,
                options_.ranks == 1 ? ": write, sync, rename, exclusive create"
                                    : ": write, sync, rename, exclusive create, seen by all")});
  }
}

Task<> Examination::AskData() {
  std::vector<std::uint32_t> workers;
  for (std::uint32_t rank = 0; rank < options_.ranks; ++rank) {
    if (IsWorker(rank)) workers.push_back(rank);
  }
  const std::uint32_t first = workers.empty() ? 0 : workers.front();
  std::vector<StatusOr<Buffer>> answers = co_await AskAll(
      rpc_, workers, kDataVerb,
      [first](std::uint32_t rank) { return Encode(DataRequest{rank - first}); }, kDataDeadline);
  std::vector<RankData> data;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    const StatusOr<Buffer>& answer = answers[i];
    data.push_back({NameOf(workers[i]), answer.ok() ? Decode<DataReply>(answer->body(), "data")
                                                    : StatusOr<DataReply>(answer.status())});
  }
  Say(CheckData(data));
}

void Examination::Plan() {
  const auto estimate = [&]() -> StatusOr<JobEstimate> {
    ROOKERY_ASSIGN_OR_RETURN(const JobPlan plan,
                             MakePlan(*files_, options_.job, shape_, options_.run_directory, ""));
    ROOKERY_ASSIGN_OR_RETURN(const DataSample sample,
                             SampleData(*files_, plan, {options_.plan_examples, false}));
    return EstimateJob(plan, sample);
  }();
  if (!estimate.ok()) {
    Say({Verdict::kFail, "plan", "cannot be made: " + estimate.status().message()});
    return;
  }
  const Facts& here = ranks_.front().facts;
  const Room room{.memory_limit = options_.job.cluster.memory_limit,
                  .memory_soft = options_.job.cluster.memory_soft,
                  .ram = here.free_memory,
                  .disk = here.free_disk,
                  .checkpoints = options_.job.checkpoint.keep};
  for (Check& check : CheckEstimate(*estimate, room, ranks_)) Say(std::move(check));
}

}  // namespace rookery::doctor
