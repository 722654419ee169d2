// The MPI transport under mpirun: mpirun -n N mpi_conformance PART. Exit status 1 and a line per
// fault when anything was wrong. Parts:
//   frames   the transport conformance suite, then the CPU use of an idle rank
//   stop     every frame sent before Stop() is delivered, though all ranks stop at once
//   rpc      requests and the ordered sum between all ranks
//   late     Stop() of rank 0 returns at its deadline when the others do not stop
//   abort    rank 0 ends the job with status 7 while the others wait
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <iostream>
#include <string_view>
#include <thread>

#include "common/log.h"
#include "net/asio_executor.h"
#include "net/collective.h"
#include "net/mpi_transport.h"
#include "net/rpc.h"
#include "tests/net/testing/net_testing.h"
#include "tests/net/testing/transport_conformance.h"

namespace rookery {
namespace {

using Errors = std::vector<std::string>;
using std::chrono::milliseconds;
using std::chrono::seconds;

// CPU seconds of this process, all threads.
double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds_of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double CpuSecondsIdle() {
  const double begin = CpuSeconds();
  std::this_thread::sleep_for(seconds(1));
  return CpuSeconds() - begin;
}

Errors RunFrames(MpiTransport* transport) {
  Errors errors = RunTransportConformance(transport, {});
  std::this_thread::sleep_for(milliseconds(300));  // other ranks finish too
  // A rank that polls without pause is busy in every window; one busy window is another process.
  double used = CpuSecondsIdle();
  for (int again = 0; again < 4 && used > 0.05; ++again) used = std::min(used, CpuSecondsIdle());
  if (used > 0.05) errors.push_back(StrCat("idle for 1 s used ", used, " s of CPU, at most 0.05"));
  transport->Stop();
  return errors;
}

Errors RunStop(MpiTransport* transport) {
  constexpr int kFrames = 300;
  std::atomic<int> received = 0;
  transport->Start([&](Rank, Frame) { ++received; });
  // Rank 0 is late: the frames of the others must wait for it.
  if (Raw(transport->rank()) == 0) std::this_thread::sleep_for(milliseconds(200));
  for (int i = 0; i < kFrames; ++i) {
    for (std::uint32_t to = 0; to < transport->ranks(); ++to) {
      const std::size_t bytes = i % 10 == 0 ? 300000 : 100;
      transport->Send(Rank{to}, Frame{FrameKind::kOneWay, VerbId{1}, 0, Code::kOk, Buffer(bytes)});
    }
  }
  transport->Stop();
  const int expected = kFrames * static_cast<int>(transport->ranks());
  if (received == expected) return {};
  return {StrCat("received ", received.load(), " frames, expected ", expected)};
}

Task<> CallAll(RpcNode* node, Errors* errors) {
  for (std::uint32_t to = 0; to < node->ranks(); ++to) {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{100}, std::size_t{3} << 20}) {
      const std::string text(bytes, static_cast<char>('a' + to));
      Buffer body = BodyOf(text);
      const StatusOr<Buffer> answer =
          co_await node->Call(Rank{to}, VerbId{1}, std::move(body), seconds(30));
      if (!answer.ok()) errors->push_back(answer.status().ToString());
      if (answer.ok() && TextOf(*answer) != text) errors->push_back("another answer");
    }
  }
}

// Slice k is (k + 1) * 0.1 everywhere, so the left-to-right sum is known.
Task<> SumAll(OrderedSum* sum, std::size_t self, std::uint32_t members, Errors* errors) {
  constexpr std::size_t kFloats = 1'000'000;
  std::vector<float> total(kFloats);
  const std::vector<float> slice(kFloats, static_cast<float>(self + 1) * 0.1F);
  float expected = 0.1F;
  for (std::uint32_t k = 1; k < members; ++k) expected += static_cast<float>(k + 1) * 0.1F;
  for (int round = 0; round < 5; ++round) {
    PooledVector<SliceVector> mine = {{Slice{static_cast<std::uint32_t>(self)}, slice}};
    const Status status = co_await sum->Sum(std::move(mine), total);
    if (!status.ok()) errors->push_back(status.ToString());
    if (total.front() != expected || total.back() != expected) errors->push_back("another sum");
  }
}

Task<> CallThenSum(RpcNode* node, OrderedSum* sum, Errors* errors, std::promise<void>* done) {
  co_await CallAll(node, errors);
  co_await SumAll(sum, Raw(node->rank()), node->ranks(), errors);
  done->set_value();
}

Errors RunRpc(MpiTransport* transport) {
  Errors errors;
  AsioExecutor executor("rpc");
  std::vector<Rank> members;
  for (std::uint32_t rank = 0; rank < transport->ranks(); ++rank) members.push_back(Rank{rank});
  RpcNode node(&executor, transport, TestNames());
  node.Handle(VerbId{1}, [](Rank, Buffer body, RpcNode::Reply reply) { reply(std::move(body)); });
  OrderedSum sum(&node, members, Raw(transport->rank()), transport->ranks(), VerbId{2}, VerbId{3},
                 seconds(30));
  node.Start();
  std::promise<void> done;
  executor.Post([&] { Spawn(CallThenSum(&node, &sum, &errors, &done)); });
  done.get_future().wait();  // the sum is a barrier: every rank has all its answers
  transport->Stop();
  executor.Stop();
  return errors;
}

// REQUIRES: a stop deadline of 1 s.
Errors RunLate(MpiTransport* transport) {
  transport->Start([](Rank, Frame) {});
  const bool first = Raw(transport->rank()) == 0;
  if (!first) std::this_thread::sleep_for(seconds(3));
  const auto begin = std::chrono::steady_clock::now();
  transport->Stop();
  const double waited = Seconds(std::chrono::steady_clock::now() - begin);
  const bool alone = first && transport->ranks() > 1;
  if (!alone || (waited > 0.9 && waited < 2.9)) return {};
  return {StrCat("Stop() returned after ", waited, " s, its deadline is 1 s")};
}

Errors RunAbort(MpiTransport* transport) {
  transport->Start([](Rank, Frame) {});
  if (Raw(transport->rank()) == 0) transport->AbortJob(7);
  std::this_thread::sleep_for(seconds(30));
  return {"the job was not ended"};
}

Errors RunPart(std::string_view part, MpiTransport* transport) {
  if (part == "frames") return RunFrames(transport);
  if (part == "stop") return RunStop(transport);
  if (part == "rpc") return RunRpc(transport);
  if (part == "late") return RunLate(transport);
  if (part == "abort") return RunAbort(transport);
  return {StrCat("unknown part ", part)};
}

}  // namespace
}  // namespace rookery

int main(int argc, char** argv) {
  rookery::InitLog("mpi_conformance");
  const std::string_view part = argc == 2 ? argv[1] : "";
  rookery::MpiOptions options;
  if (part == "late") options.stop_deadline = std::chrono::seconds(1);
  auto created = rookery::MpiTransport::Create(options);
  if (!created.ok()) {
    std::cerr << created.status().ToString() << "\n";
    return 1;
  }
  const std::unique_ptr<rookery::MpiTransport> transport = std::move(*created);
  const rookery::Errors errors = rookery::RunPart(part, transport.get());
  for (const std::string& error : errors) {
    std::cerr << "rank " << Raw(transport->rank()) << ": " << error << "\n";
  }
  return errors.empty() ? 0 : 1;
}
