#include "launch/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace rookery {
namespace {

constexpr std::size_t kErrorsKept = std::size_t{64} << 10;
constexpr int kCannotRun = 127;
constexpr std::array<int, 3> kForwarded = {SIGINT, SIGTERM, SIGUSR1};

// A signal handler has no argument of its own. 0: no child.
volatile sig_atomic_t child_of_handler = 0;

void Forward(int signal_number) {
  const int saved = errno;
  if (child_of_handler > 0) kill(static_cast<pid_t>(child_of_handler), signal_number);
  errno = saved;
}

// Handlers for as long as it lives; then the old ones again.
class SignalForwarding {
 public:
  explicit SignalForwarding(pid_t child) {
    child_of_handler = child;
    struct sigaction action = {};
    action.sa_handler = Forward;
    for (std::size_t i = 0; i < kForwarded.size(); ++i) {
      sigaction(kForwarded[i], &action, &old_[i]);
    }
  }
  ~SignalForwarding() {
    for (std::size_t i = 0; i < kForwarded.size(); ++i) sigaction(kForwarded[i], &old_[i], nullptr);
    child_of_handler = 0;
  }
  SignalForwarding(const SignalForwarding&) = delete;
  SignalForwarding& operator=(const SignalForwarding&) = delete;

 private:
  std::array<struct sigaction, kForwarded.size()> old_{};
};

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void Close() {
    if (value_ >= 0) close(value_);
    value_ = -1;
  }
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

// In the child, where only async-signal-safe calls are allowed before exec; so argv is made before.
[[noreturn]] void Execute(char* const* words, char* const* variables) {
  // A group of its own: Ctrl-C reaches it once, through Forward, not twice. A terminal is not for a
  // background group, so stdin is empty. It does not outlive its parent.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int empty = open("/dev/null", O_RDONLY);
  if (empty >= 0) dup2(empty, STDIN_FILENO);
  for (; *variables != nullptr; ++variables) putenv(*variables);
  execvp(words[0], words);
  constexpr char kText[] = "rookery: error: cannot run the program\n";
  if (write(STDERR_FILENO, kText, sizeof(kText) - 1) < 0) _exit(kCannotRun);
  _exit(kCannotRun);
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Starts the program with `descriptors` (STDOUT_FILENO, ...) going into the pipe.
StatusOr<pid_t> Start(std::vector<std::string> words, std::vector<std::string> environment,
                      const std::vector<int>& descriptors, int pipe_end) {
  const std::vector<char*> arguments = Pointers(words);
  const std::vector<char*> variables = Pointers(environment);
  const pid_t child = fork();
  if (child < 0) return IoError("fork: ", std::strerror(errno));
  if (child > 0) return child;
  for (const int descriptor : descriptors) dup2(pipe_end, descriptor);
  Execute(arguments.data(), variables.data());
}

// Reads the pipe to its end; returns the last `kept` bytes.
std::string Drain(int pipe_end, std::size_t kept, bool echo) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = read(pipe_end, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    const auto bytes = static_cast<std::size_t>(got);
    if (echo && write(STDERR_FILENO, buffer.data(), bytes) < 0) echo = false;
    text.append(buffer.data(), bytes);
    if (text.size() > 2 * kept) text.erase(0, text.size() - kept);
  }
}

int Wait(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct PipeEnds {
  int read_end = -1;
  int write_end = -1;
};
StatusOr<PipeEnds> MakePipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return IoError("pipe: ", std::strerror(errno));
  return PipeEnds{ends[0], ends[1]};
}

}  // namespace

StatusOr<ChildResult> RunChild(const std::vector<std::string>& words,
                               const std::vector<std::string>& environment) {
  ROOKERY_ASSIGN_OR_RETURN(const PipeEnds ends, MakePipe());
  const Descriptor read_end(ends.read_end);
  Descriptor write_end(ends.write_end);
  ROOKERY_ASSIGN_OR_RETURN(const pid_t child,
                           Start(words, environment, {STDERR_FILENO}, ends.write_end));
  const SignalForwarding forwarding(child);
  write_end.Close();
  ChildResult result;
  result.errors = Drain(read_end.get(), kErrorsKept, true);
  result.status = Wait(child);
  return result;
}

StatusOr<std::string> OutputOf(const std::vector<std::string>& words) {
  ROOKERY_ASSIGN_OR_RETURN(const PipeEnds ends, MakePipe());
  const Descriptor read_end(ends.read_end);
  Descriptor write_end(ends.write_end);
  ROOKERY_ASSIGN_OR_RETURN(const pid_t child,
                           Start(words, {}, {STDOUT_FILENO, STDERR_FILENO}, ends.write_end));
  write_end.Close();
  std::string output = Drain(read_end.get(), kErrorsKept, false);
  if (Wait(child) == kCannotRun) return NotFound("cannot run ", words[0]);
  return output;
}

}  // namespace rookery
