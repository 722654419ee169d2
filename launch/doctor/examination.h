// Examination: rank 0's questions to all ranks, one kind after the other, and what comes of them.
//
// Owner    the command; everything given outlives it. Threads: the executor of `rpc`.
// Errors   none: what goes wrong is a check that fails. Every question has a deadline; when a rank
// does
//          not answer, the examination ends with its name.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/task.h"
#include "io/file_system.h"
#include "launch/doctor/checks.h"
#include "launch/doctor/probe.h"
#include "net/rpc.h"

namespace rookery::doctor {

struct ExaminationOptions {
  Job job;
  std::string run_directory;
  std::uint32_t ranks = 1;
  std::uint64_t plan_examples = 20'000;
  std::function<void(const Check&)> print;
};

struct Outcome {
  bool failed = false;
  bool all_answer = true;  // else an orderly end is not possible
};

class Examination {
 public:
  Examination(ExaminationOptions options, RpcNode* rpc, FileSystem* files);
  [[nodiscard]] Task<Outcome> Run();

 private:
  void Say(Check check);
  [[nodiscard]] Task<bool> AskFacts();
  [[nodiscard]] Task<> AskClocks();
  [[nodiscard]] Task<> AskPings();
  [[nodiscard]] Task<> AskFiles();
  [[nodiscard]] Task<Status> TryFiles(std::string directory);
  [[nodiscard]] Task<> AskData();
  void Plan();
  [[nodiscard]] std::string NameOf(std::uint32_t rank) const;
  [[nodiscard]] bool IsWorker(std::uint32_t rank) const;

  const ExaminationOptions options_;
  const ClusterShape shape_;
  RpcNode* const rpc_;
  FileSystem* const files_;
  std::vector<RankFacts> ranks_;
  Outcome outcome_;
};

}  // namespace rookery::doctor
