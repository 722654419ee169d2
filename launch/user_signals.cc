#include "launch/user_signals.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace rookery {
namespace {

constexpr std::array<int, 3> kWatched = {SIGINT, SIGTERM, SIGUSR1};

// A signal handler has no argument of its own.
volatile sig_atomic_t child_of_handler = 0;  // 0: nobody
volatile sig_atomic_t first_signal = 0;
volatile sig_atomic_t term_is_gentle = 0;

void Pass(int signal_number) {
  if (child_of_handler <= 0) return;
  if (signal_number == SIGTERM && term_is_gentle != 0) {
    term_is_gentle = 0;
    signal_number = SIGUSR1;
  }
  kill(static_cast<pid_t>(child_of_handler), signal_number);
}

void OnSignal(int signal_number) {
  const int saved = errno;
  if (first_signal == 0) first_signal = signal_number;
  Pass(signal_number);
  errno = saved;
}

}  // namespace

struct UserSignals::Saved {
  std::array<struct sigaction, kWatched.size()> actions{};
};

UserSignals::UserSignals(bool gentle) : saved_(std::make_unique<Saved>()) {
  child_of_handler = 0;
  first_signal = 0;
  term_is_gentle = gentle ? 1 : 0;
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  for (std::size_t i = 0; i < kWatched.size(); ++i) {
    sigaction(kWatched[i], &action, &saved_->actions[i]);
  }
}

UserSignals::~UserSignals() {
  for (std::size_t i = 0; i < kWatched.size(); ++i) {
    sigaction(kWatched[i], &saved_->actions[i], nullptr);
  }
  child_of_handler = 0;
  first_signal = 0;
}

int UserSignals::received() {
  return first_signal;
}

void UserSignals::ForwardTo(pid_t child) {
  const int before = first_signal;
  child_of_handler = child;
  if (before != 0) Pass(before);
}

bool UserSignals::Wait(Duration duration) {
  constexpr int kSliceMs = 50;  // a signal that comes just before poll() is seen that much later
  const auto end = std::chrono::steady_clock::now() + duration;
  while (first_signal == 0) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= Duration::zero()) return true;
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    poll(nullptr, 0, static_cast<int>(std::min<long long>(ms, kSliceMs)));
  }
  return false;
}

}  // namespace rookery
