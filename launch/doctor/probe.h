// Probe: what every rank answers to the doctor, and what it knows of itself.
//
// Owner    the command; `rpc` and `files` outlive it. Threads: the executor of `rpc`; looking at
// files
//          and data blocks it.
// Errors   travel in the answers.
#pragma once

#include <functional>
#include <string>

#include "common/error.h"
#include "common/task.h"
#include "io/file_system.h"
#include "launch/doctor/messages.h"
#include "launch/job.h"
#include "net/rpc.h"

namespace rookery::doctor {

struct ProbeOptions {
  StatusOr<Job> job = Internal("no job");
  std::string run_directory;
  std::string host;
  std::string mpi;  // empty without mpirun
};

class Probe {
 public:
  // Sets the handlers of `rpc`, so it is made before rpc->Start(). `on_end` is called when rank 0
  // has no more questions.
  Probe(ProbeOptions options, RpcNode* rpc, FileSystem* files, std::function<void()> on_end);

  [[nodiscard]] Facts MyFacts() const;
  [[nodiscard]] Task<StatusOr<PingReply>> PingPeer(Rank to);
  [[nodiscard]] Status TryFile(const FileRequest& request);
  [[nodiscard]] StatusOr<DataReply> TryData(std::uint32_t part) const;

 private:
  template <class Request, class Answer>
  void Handle(VerbId verb, Answer answer);
  Task<> AnswerPing(PingRequest request, RpcNode::Reply reply);

  const ProbeOptions options_;
  RpcNode* const rpc_;
  FileSystem* const files_;
};

// Wall clock, seconds.
[[nodiscard]] double WallSeconds();

}  // namespace rookery::doctor
