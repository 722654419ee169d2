#include "launch/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

#include "launch/user_signals.h"

namespace rookery {
namespace {

constexpr std::size_t kErrorsKept = std::size_t{64} << 10;
constexpr int kCannotRun = 127;
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
  // A group of its own: Ctrl-C reaches it once, through UserSignals, not twice. A terminal is not
  // for a background group, so stdin is empty. It does not outlive its parent.
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

// A descriptor of the child and the end of a pipe that it goes into.
using Redirection = std::pair<int, int>;

StatusOr<pid_t> Start(std::vector<std::string> words, std::vector<std::string> environment,
                      const std::vector<Redirection>& redirections) {
  const std::vector<char*> arguments = Pointers(words);
  const std::vector<char*> variables = Pointers(environment);
  const pid_t child = fork();
  if (child < 0) return IoError("fork: ", std::strerror(errno));
  if (child > 0) return child;
  for (const auto& [descriptor, pipe_end] : redirections) dup2(pipe_end, descriptor);
  Execute(arguments.data(), variables.data());
}

// What comes out of one pipe: shown at once, and kept or cut into lines.
class Stream {
 public:
  Stream(int pipe_end, int shown_on) : pipe_end_(pipe_end), shown_on_(shown_on) {}

  [[nodiscard]] int pipe_end() const { return pipe_end_; }  // -1: it has ended
  // One read; waits when there is nothing yet. Text over 2 * kErrorsKept is cut at its begin.
  void Read() {
    std::array<char, 4096> buffer{};
    const ssize_t got = read(pipe_end_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) {
      pipe_end_ = -1;
      return;
    }
    const auto bytes = static_cast<std::size_t>(got);
    if (shown_on_ >= 0 && write(shown_on_, buffer.data(), bytes) < 0) shown_on_ = -1;
    text_.append(buffer.data(), bytes);
    if (text_.size() > 2 * kErrorsKept) text_.erase(0, text_.size() - kErrorsKept);
  }
  void TakeLines(const std::function<void(std::string_view)>& on_line) {
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text_.find('\n', begin)) != std::string::npos;) {
      on_line(std::string_view(text_).substr(begin, end - begin));
      begin = end + 1;
    }
    text_.erase(0, begin);
  }
  std::string& text() { return text_; }

 private:
  int pipe_end_;
  int shown_on_;
  std::string text_;
};

// Sends SIGTERM when the grace period that began with the user's SIGTERM is over.
class Grace {
 public:
  Grace(pid_t child, Duration duration) : child_(child), duration_(duration) {}
  void Check() {
    if (over_ || UserSignals::received() != SIGTERM) return;
    const auto now = std::chrono::steady_clock::now();
    if (began_ == TimePoint::max()) began_ = now;
    if (now - began_ < duration_) return;
    over_ = true;
    kill(child_, SIGTERM);
  }

 private:
  pid_t child_;
  Duration duration_;
  TimePoint began_ = TimePoint::max();  // max: not yet
  bool over_ = false;
};

// Until both streams have ended.
void Pump(Stream* out, Stream* errors, const ChildOptions& options, Grace* grace) {
  constexpr int kCheckMs = 200;
  while (out->pipe_end() >= 0 || errors->pipe_end() >= 0) {
    std::array<pollfd, 2> ready = {pollfd{out->pipe_end(), POLLIN, 0},
                                   pollfd{errors->pipe_end(), POLLIN, 0}};
    const int count = poll(ready.data(), ready.size(), kCheckMs);
    grace->Check();
    if (count <= 0) continue;
    if (ready[0].revents != 0) {
      out->Read();
      out->TakeLines(options.on_line);
    }
    if (ready[1].revents != 0) errors->Read();
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

StatusOr<ChildResult> RunChild(const std::vector<std::string>& words, const ChildOptions& options) {
  ROOKERY_ASSIGN_OR_RETURN(const PipeEnds errors_ends, MakePipe());
  const Descriptor errors_read(errors_ends.read_end);
  Descriptor errors_write(errors_ends.write_end);
  PipeEnds out_ends;
  if (options.on_line) {
    ROOKERY_ASSIGN_OR_RETURN(out_ends, MakePipe());
  }
  const Descriptor out_read(out_ends.read_end);
  Descriptor out_write(out_ends.write_end);
  std::vector<Redirection> redirections = {{STDERR_FILENO, errors_write.get()}};
  if (options.on_line) redirections.emplace_back(STDOUT_FILENO, out_write.get());
  ROOKERY_ASSIGN_OR_RETURN(const pid_t child, Start(words, options.environment, redirections));
  UserSignals::ForwardTo(child);
  errors_write.Close();
  out_write.Close();
  Stream out(out_read.get(), STDOUT_FILENO);
  Stream errors(errors_read.get(), STDERR_FILENO);
  Grace grace(child, options.grace);
  Pump(&out, &errors, options, &grace);
  ChildResult result;
  result.status = Wait(child);
  UserSignals::ForwardTo(0);
  result.errors = std::move(errors.text());
  return result;
}

StatusOr<std::string> OutputOf(const std::vector<std::string>& words) {
  ROOKERY_ASSIGN_OR_RETURN(const PipeEnds ends, MakePipe());
  const Descriptor read_end(ends.read_end);
  Descriptor write_end(ends.write_end);
  ROOKERY_ASSIGN_OR_RETURN(
      const pid_t child,
      Start(words, {}, {{STDOUT_FILENO, ends.write_end}, {STDERR_FILENO, ends.write_end}}));
  write_end.Close();
  Stream output(read_end.get(), -1);
  while (output.pipe_end() >= 0) output.Read();
  if (Wait(child) == kCannotRun) return NotFound("cannot run ", words[0]);
  return std::move(output.text());
}

}  // namespace rookery
