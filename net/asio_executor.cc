#include "net/asio_executor.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <utility>

#include "common/block_pool.h"
#include "common/check.h"

namespace rookery {
namespace {

constexpr std::size_t kThreadNameMax = 15;  // of pthread_setname_np

// Work whose operation, too, lies in a block of the pool.
struct PooledWork {
  using allocator_type = PoolAllocator<std::byte>;
  [[nodiscard]] allocator_type get_allocator() const noexcept { return {}; }
  void operator()() { work(); }
  Executor::Work work;
};

}  // namespace

struct AsioExecutor::State {
  boost::asio::io_context context{1};  // one thread calls run()
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stay_alive{
      context.get_executor()};
  std::thread thread;
};

AsioExecutor::AsioExecutor(std::string thread_name) : state_(std::make_unique<State>()) {
  thread_name.resize(std::min(thread_name.size(), kThreadNameMax));
  state_->thread = std::thread([state = state_.get(), name = std::move(thread_name)] {
    pthread_setname_np(pthread_self(), name.c_str());
    state->context.run();
  });
}

AsioExecutor::~AsioExecutor() {
  ROOKERY_CHECK(std::this_thread::get_id() != state_->thread.get_id()) << "destroyed by its task";
  Stop();
}

TimePoint AsioExecutor::Now() const {
  return std::chrono::steady_clock::now();
}

void AsioExecutor::Post(Work work) {
  boost::asio::post(state_->context, PooledWork{std::move(work)});
}

void AsioExecutor::PostAt(TimePoint when, Work work) {
  auto timer = std::make_unique<boost::asio::steady_timer>(state_->context, when);
  boost::asio::steady_timer* const waiting = timer.get();
  waiting->async_wait(
      [timer = std::move(timer), work = std::move(work)](boost::system::error_code error) mutable {
        if (!error) work();
      });
}

void AsioExecutor::Stop() {
  state_->context.stop();
  const bool own_task = std::this_thread::get_id() == state_->thread.get_id();
  if (!own_task && state_->thread.joinable()) state_->thread.join();
}

}  // namespace rookery
