#include "launch/doctor/probe.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "common/hash.h"
#include "data/input.h"
#include "launch/block_schema.h"
#include "launch/doctor/machine_facts.h"
#include "launch/job_plan.h"
#include "launch/machine.h"
#include "protocol/archive.h"

namespace rookery::doctor {
namespace {

constexpr Duration kPingDeadline = std::chrono::seconds(10);
constexpr auto kVisibleWithin = std::chrono::seconds(5);
constexpr std::size_t kSmallBytes = 8;
constexpr std::size_t kLargeBytes = 1'000'000;
constexpr int kSmallPings = 20;
constexpr int kLargePings = 5;
constexpr std::uint64_t kExamples = 1000;  // looked at by a worker

Status MakeExclusive(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file >= 0) {
    close(file);
    return OkStatus();
  }
  const int reason = errno;
  const std::string text = StrCat(path, ": ", std::strerror(reason));
  return {reason == EEXIST ? Code::kAborted : Code::kIo, text};
}

// Other hosts may see a file late, as NFS caches directories.
Status ExpectFile(FileSystem& files, const FileRequest& request) {
  const auto began = std::chrono::steady_clock::now();
  while (true) {
    const StatusOr<std::string> text = ReadWholeFile(files, request.path, 1 << 16);
    if (text.ok() && *text == request.text) return OkStatus();
    if (std::chrono::steady_clock::now() - began > kVisibleWithin) {
      return IoError(request.path, text.ok() ? ": has other bytes than were written"
                                             : ": is not visible 5 s after it was renamed");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

StatusOr<std::uint64_t> HashOfFiles(FileSystem& files, const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) {
    ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t bytes, files.FileSize(path));
    text += StrCat(path, " ", bytes, "\n");
  }
  return HashText(text);
}

StatusOr<FittedSchema> SmallFit(FileSystem& files, Job* job, const std::vector<std::string>& train,
                                const std::string& mine) {
  if (!job->data.blocks) {
    InputOptions input{.files = train, .chunk_examples = job->data.chunk_examples};
    return FitSchema(&files, job->data.schema, input, kExamples);
  }
  ROOKERY_ASSIGN_OR_RETURN(FittedSchema fitted, TakeBlockSchema(files, train, job));
  ROOKERY_RETURN_IF_ERROR(CheckBlockFiles(files, fitted, {mine}));
  return fitted;
}

}  // namespace

double WallSeconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

template <class Request, class Answer>
void Probe::Handle(VerbId verb, Answer answer) {
  rpc_->Handle(verb, [verb, answer](Rank /*from*/, Buffer body, RpcNode::Reply reply) {
    StatusOr<Request> request = Decode<Request>(std::as_const(body).body(), NameOfVerb(verb));
    if (!request.ok()) return reply(request.status());
    answer(std::move(*request), std::move(reply));
  });
}

Probe::Probe(ProbeOptions options, RpcNode* rpc, FileSystem* files, std::function<void()> on_end)
    : options_(std::move(options)), rpc_(rpc), files_(files) {
  rpc->Handle(kFactsVerb, [this](Rank, Buffer, RpcNode::Reply reply) { reply(Encode(MyFacts())); });
  rpc->Handle(kClockVerb,
              [](Rank, Buffer, RpcNode::Reply reply) { reply(Encode(Clock{WallSeconds()})); });
  rpc->Handle(kEchoVerb, [](Rank, Buffer body, RpcNode::Reply reply) { reply(std::move(body)); });
  rpc->Handle(kEndVerb, [on_end = std::move(on_end)](Rank, Buffer, RpcNode::Reply reply) {
    reply(Buffer(0));
    on_end();
  });
  Handle<PingRequest>(kPingVerb, [this](PingRequest request, RpcNode::Reply reply) {
    if (request.to >= rpc_->ranks()) return reply(Corrupt("ping to rank ", request.to));
    Spawn(AnswerPing(request, std::move(reply)));
  });
  Handle<FileRequest>(kFileVerb, [this](const FileRequest& request, RpcNode::Reply reply) {
    const Status status = TryFile(request);
    reply(status.ok() ? StatusOr<Buffer>(Buffer(0)) : StatusOr<Buffer>(status));
  });
  Handle<DataRequest>(kDataVerb, [this](DataRequest request, RpcNode::Reply reply) {
    const StatusOr<DataReply> data = TryData(request.part);
    reply(data.ok() ? StatusOr<Buffer>(Encode(*data)) : StatusOr<Buffer>(data.status()));
  });
}

Task<> Probe::AnswerPing(PingRequest request, RpcNode::Reply reply) {
  const StatusOr<PingReply> result = co_await PingPeer(Rank{request.to});
  if (result.ok()) {
    reply(Encode(*result));
  } else {
    reply(result.status());
  }
}

Facts Probe::MyFacts() const {
  Facts facts = MachineFacts();
  facts.host = options_.host;
  facts.mpi = options_.mpi;
  facts.free_disk = FreeDiskBytes(options_.run_directory);
  if (!options_.job.ok()) facts.job_error = options_.job.status().message();
  if (options_.job.ok()) facts.job_hash = HashText(JobToToml(*options_.job));
  return facts;
}

Task<StatusOr<PingReply>> Probe::PingPeer(Rank to) {
  PingReply result;
  std::vector<double> small;
  double best = 0;
  for (int i = -2; i < kSmallPings + kLargePings; ++i) {  // the first ones open the connection
    const bool large = i >= kSmallPings || i == -2;
    Buffer body(large ? kLargeBytes : kSmallBytes);
    std::memset(body.body().data(), i & 255, body.size());
    const TimePoint began = rpc_->executor()->Now();
    StatusOr<Buffer> answer = co_await rpc_->Call(to, kEchoVerb, std::move(body), kPingDeadline);
    if (!answer.ok()) co_return answer.status();
    const double seconds = std::max(1e-9, Seconds(rpc_->executor()->Now() - began));
    if (i < 0) continue;
    if (large) best = std::max(best, 2 * kLargeBytes / seconds);
    if (!large) small.push_back(seconds);
  }
  std::ranges::sort(small);
  result.round_trip_seconds = small[small.size() / 2];
  result.bytes_per_second = best;
  co_return result;
}

Status Probe::TryFile(const FileRequest& request) {
  switch (request.action) {
    case FileAction::kPublish:
      return WriteFileAtomically(*files_, request.path, request.text);
    case FileAction::kExpect:
      return ExpectFile(*files_, request);
    case FileAction::kExclusive:
      return MakeExclusive(request.path);
  }
  return Corrupt("file request of kind ", static_cast<int>(request.action));
}

StatusOr<DataReply> Probe::TryData(std::uint32_t part) const {
  ROOKERY_RETURN_IF_ERROR(options_.job.status());
  Job job = *options_.job;
  ROOKERY_ASSIGN_OR_RETURN(const auto train, ExpandFiles(*files_, job.data.train));
  std::vector<std::string> all = train;
  for (const auto* patterns : {&job.data.valid, &job.data.test}) {
    if (patterns->empty()) continue;
    ROOKERY_ASSIGN_OR_RETURN(const auto more, ExpandFiles(*files_, *patterns));
    all.insert(all.end(), more.begin(), more.end());
  }
  const std::string& mine = all[part % all.size()];
  ROOKERY_ASSIGN_OR_RETURN(const FittedSchema fitted, SmallFit(*files_, &job, train, mine));
  ROOKERY_RETURN_IF_ERROR(MakeWorkerModelOf(job, fitted.label_means).status());
  DataReply reply;
  ROOKERY_ASSIGN_OR_RETURN(reply.files_hash, HashOfFiles(*files_, all));
  reply.fitted_hash = HashText(FittedSchemaToJson(fitted));
  const auto reader = MakeInputReader(files_, &fitted, {.files = {mine}});
  ROOKERY_ASSIGN_OR_RETURN(const RunResult run, reader->Read({0, 0, 1, 1}));
  reply.examples = run.examples.examples;
  return reply;
}

}  // namespace rookery::doctor
