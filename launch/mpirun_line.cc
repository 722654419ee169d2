#include "launch/mpirun_line.h"

#include <charconv>

namespace rookery {
namespace {

constexpr int kNewSpelling = 5;  // from 5.0 on mpirun is PRRTE's

void Add(std::vector<std::string>* words, std::initializer_list<std::string> more) {
  words->insert(words->end(), more);
}

// When a rank has died, mpirun waits so long, then sends SIGTERM to the others, waits again and
// sends SIGKILL; it always waits twice (seen with 4.1.4). What the others write in that time is of
// little use, since a checkpoint without all its parts is never loaded.
constexpr const char* kKillSeconds = "3";

void AddPlacement(const MpirunOptions& options, std::vector<std::string>* words) {
  const bool many = options.hostfile.empty() && options.ranks > options.visible_cpus;
  // Binding would pin two ranks to one CPU each, whatever the threads of a worker.
  Add(words, {"--bind-to", "none"});
  if (options.version.major >= kNewSpelling) {
    const std::string by = options.hostfile.empty() ? "slot" : "node";
    Add(words, {"--map-by", StrCat(by, many ? ":OVERSUBSCRIBE" : "")});
    return;
  }
  Add(words, {"--map-by", options.hostfile.empty() ? "slot" : "node"});
  if (many) Add(words, {"--oversubscribe"});
}

void AddNetwork(const MpirunOptions& options, std::vector<std::string>* words) {
  const bool is_new = options.version.major >= kNewSpelling;
  const std::string shared_memory = is_new ? "sm" : "vader";  // 5.0 renamed it
  const std::string btl = options.tcp_only ? "self,tcp" : StrCat("self,", shared_memory, ",tcp");
  Add(words, {"--mca", "pml", "ob1", "--mca", "btl", btl});
  if (!options.interface.empty()) {
    Add(words, {"--mca", "btl_tcp_if_include", options.interface});
    if (is_new) {
      Add(words, {"--prtemca", "oob_tcp_if_include", options.interface});
    } else {
      Add(words, {"--mca", "oob_tcp_if_include", options.interface});
    }
  }
}

bool IsPlain(const std::string& word) {
  return !word.empty() && word.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789_-+=.,:/@%") == std::string::npos;
}

std::string ShellQuoted(const std::string& word) {
  if (IsPlain(word)) return word;
  std::string out;
  out.push_back('\'');
  for (const char c : word) {
    if (c == '\'') {
      out.append("'\\''");
    } else {
      out.push_back(c);
    }
  }
  out.push_back('\'');
  return out;
}

}  // namespace

StatusOr<MpiVersion> ParseMpiVersion(std::string_view output) {
  constexpr std::string_view kName = "(Open MPI) ";
  const std::size_t at = output.find(kName);
  MpiVersion version;
  if (at != std::string_view::npos) {
    const char* const end = output.data() + output.size();
    const char* from = output.data() + at + kName.size();
    from = std::from_chars(from, end, version.major).ptr;
    if (from != end && *from == '.') std::from_chars(from + 1, end, version.minor);
  }
  if (version.major > 4 || (version.major == 4 && version.minor >= 1)) return version;
  return InvalidInput("mpirun --version says \"", output.substr(0, output.find('\n')),
                      "\"; Rookery needs Open MPI 4.1 or newer (launch/setup installs it)");
}

MpirunLine MakeMpirunLine(const MpirunOptions& options) {
  MpirunLine line;
  std::vector<std::string>& words = line.words;
  words = {"mpirun", "-np", std::to_string(options.ranks)};
  if (!options.hostfile.empty()) Add(&words, {"--hostfile", options.hostfile});
  AddPlacement(options, &words);
  AddNetwork(options, &words);
  if (options.version.major >= kNewSpelling) {
    Add(&words, {"--prtemca", "odls_base_sigkill_timeout", kKillSeconds});
  } else {
    Add(&words, {"--mca", "odls_base_sigkill_timeout", kKillSeconds});
  }
  Add(&words, {"-x", "ROOKERY_WORLD_SIZE=" + std::to_string(options.ranks)});
  if (options.restart) Add(&words, {"-x", "ROOKERY_RESTART=1"});
  words.insert(words.end(), options.command.begin(), options.command.end());
  if (options.root) {
    line.environment = {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"};
    if (options.version.major >= kNewSpelling) {
      Add(&line.environment, {"PRTE_ALLOW_RUN_AS_ROOT=1", "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1"});
    }
  }
  return line;
}

std::string MpirunLine::ToString() const {
  std::string text;
  for (const std::string& variable : environment) text.append(variable).push_back(' ');
  for (const std::string& word : words) text.append(ShellQuoted(word)).push_back(' ');
  text.pop_back();
  return text;
}

}  // namespace rookery
