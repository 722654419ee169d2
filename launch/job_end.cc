#include "launch/job_end.h"

#include <csignal>
#include <fstream>
#include <regex>

#include "launch/exit_code.h"

namespace rookery {
namespace {

// 4.1: "mpirun noticed that process rank 2 with PID 0 on node a exited on signal 9 (Killed)."
// 5.0: "prterun noticed that process rank 2 with PID 77 on node a exited on signal 9 (Killed)."
constexpr const char* kDied =
    R"(process rank (\d{1,9}) with PID \d+ on node\s+(\S+)\s+exited on\s+(signal (\d{1,9})\b(?: \([^)]*\))?))";
// A rank that returned non-zero without MPI_Abort.
constexpr const char* kExited =
    R"(Process name:\s*\[\[?[^\]]*\]?,(\d{1,9})\]\s*Exit code:\s*(\d{1,9}))";
constexpr const char* kAborted =
    R"(MPI_ABORT was invoked on rank (\d{1,9}) in communicator\s+\S+\s+with errorcode (\d{1,9})\b)";
constexpr const char* kHostGone = R"(Remote daemon:\s*\S+ on node (\S+))";
// Ours, of the scheduler.
constexpr const char* kSilent =
    R"((rank (\d{1,9}) \([^)]*\) on (\S+)(?: \(process \d+\))? has been silent for [^\n]*))";
constexpr const char* kReason = R"(rookery: error: ([^\n]*))";

std::optional<std::smatch> Find(const std::string& text, const char* pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern))) return std::nullopt;
  return match;
}

// Fills all but exit_code; false when the messages say nothing.
bool Read(const std::string& text, const EndEvidence& evidence, JobEnd* end) {
  const auto name_of = [&](const std::string& digits) {
    end->rank = static_cast<std::uint32_t>(std::stoul(digits));
    const bool known = evidence.cluster && *end->rank < evidence.cluster->ranks();
    return known ? evidence.cluster->Name(Rank{*end->rank}) : "rank " + digits;
  };
  if (const auto silent = Find(text, kSilent)) {
    name_of((*silent)[2].str());
    *end = {EndKind::kRankSilent, kExitPeerLost, end->rank, (*silent)[3], (*silent)[1]};
    return true;
  }
  if (const auto gone = Find(text, kHostGone)) {
    *end = {EndKind::kHostLost,
            kExitPeerLost,
            {},
            (*gone)[1],
            StrCat("host ", (*gone)[1].str(), " was lost")};
    return true;
  }
  if (const auto died = Find(text, kDied)) {
    const int signal_number = std::stoi((*died)[4]);
    const std::string name = name_of((*died)[1]);
    end->kind = EndKind::kRankDied;
    end->host = (*died)[2];
    end->exit_code = ExitCodeOfSignal(signal_number);
    end->what = StrCat(name, " on ", end->host, " ended on ", (*died)[3].str());
    if (signal_number == SIGKILL && evidence.out_of_memory) {
      end->kind = EndKind::kOutOfMemory;
      end->exit_code = kExitMemory;
      end->what += ", by the out-of-memory killer";
    } else if (signal_number == SIGKILL) {
      end->what += ", perhaps by the out-of-memory killer";
    }
    return true;
  }
  auto failed = Find(text, kAborted);
  if (!failed) failed = Find(text, kExited);
  if (!failed) return false;
  const std::string name = name_of((*failed)[1]);
  end->kind = EndKind::kRankFailed;
  end->exit_code = std::stoi((*failed)[2]);
  end->what = StrCat(name, " ended with exit status ", (*failed)[2].str());
  if (const auto reason = Find(text, kReason)) end->what += ": " + (*reason)[1].str();
  return true;
}

}  // namespace

std::string_view EndKindName(EndKind kind) {
  switch (kind) {
    case EndKind::kDone:
      return "done";
    case EndKind::kStopped:
      return "stopped";
    case EndKind::kInput:
      return "wrong input";
    case EndKind::kRankDied:
      return "rank died";
    case EndKind::kOutOfMemory:
      return "out of memory";
    case EndKind::kRankSilent:
      return "rank silent";
    case EndKind::kRankFailed:
      return "rank failed";
    case EndKind::kHostLost:
      return "host lost";
    case EndKind::kUnknown:
      return "unknown";
  }
  return "unknown";
}

bool JobEnd::WorthARestart() const {
  if (kind == EndKind::kDone || kind == EndKind::kStopped || kind == EndKind::kInput) return false;
  if (kind == EndKind::kOutOfMemory) return true;  // perhaps another process took it all
  return exit_code != kExitMemory && exit_code != kExitDiverged;
}

JobEnd WhyEnded(const ChildResult& result, const EndEvidence& evidence) {
  JobEnd end;
  if (result.status == kExitDone) {
    end.kind = EndKind::kDone;
    return end;
  }
  // The regex library recurses by length: the end of the messages is enough.
  constexpr std::size_t kRead = std::size_t{16} << 10;
  const std::size_t skip = result.errors.size() > kRead ? result.errors.size() - kRead : 0;
  const bool told = Read(result.errors.substr(skip), evidence, &end);
  if (evidence.user_signal != 0) {
    end = {EndKind::kStopped,
           kExitSignal + evidence.user_signal,
           {},
           "",
           StrCat("stopped by signal ", evidence.user_signal)};
    return end;
  }
  if (!told) end.what = StrCat("mpirun ended with status ", result.status);
  if (!told || end.exit_code == kExitDone) {
    end.exit_code =
        result.status > kExitSignal ? ExitCodeOfSignal(result.status - kExitSignal) : result.status;
  }
  if (!told && result.status > kExitSignal) {  // now and then mpirun names nobody
    end.kind = EndKind::kRankDied;
    end.what = StrCat("a rank ended on signal ", result.status - kExitSignal,
                      "; mpirun did not say which");
  }
  if (end.exit_code == kExitInput) end.kind = EndKind::kInput;
  return end;
}

std::uint64_t OutOfMemoryKills() {
  std::ifstream file("/proc/vmstat");
  std::string name;
  std::uint64_t value = 0;
  while (file >> name >> value) {
    if (name == "oom_kill") return value;
  }
  return 0;
}

}  // namespace rookery
