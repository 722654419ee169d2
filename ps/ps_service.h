// PsService: the verbs pull, push and retire in front of one shard.
//
// A sync push is answered when its step is applied; a pull that the staleness bound holds back is
// kept and answered, in order of arrival, as soon as the bound allows. Everything kept is bounded
// by the requests a peer may have without an answer (kRequestsInFlightMax).
//
// Owner    ps_node; `shard` and `rpc` outlive it, and so does `options`. Threads: its executor.
// Errors   a request that cannot be right is answered with an error that names the sender. When the
//          shard itself fails (no memory in the middle of a step), its state is unknown: everything
//          is refused from then on.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "common/block_pool.h"
#include "net/rpc.h"
#include "ps/ps_options.h"
#include "ps/shard.h"

namespace rookery {

class PsService {
 public:
  PsService(const PsOptions* options, Shard* shard, RpcNode* rpc);

  void OnPull(Rank from, Buffer body, RpcNode::Reply reply);
  void OnPush(Rank from, Buffer body, RpcNode::Reply reply);
  void OnRetire(Rank from, Buffer body, RpcNode::Reply reply);

  // Requests that would change rows which there is no memory to keep for a checkpoint wait, and
  // those that come after them. To be called when some rows were copied. True: some still wait.
  [[nodiscard]] bool Resume();

  // Answers everything kept, and all that comes until Allow(), with `reason` (kUnavailable).
  void Refuse(std::string reason);
  void Allow() { refusal_.clear(); }

 private:
  struct HeldPull {
    Rank from{};
    Buffer body;
    PullRequest request;
    RpcNode::Reply reply;
  };

  enum class Kind : std::uint8_t { kPull = 0, kPush = 1 };
  struct Waiting {
    Kind kind{};
    Rank from{};
    Buffer body;
    RpcNode::Reply reply;
  };

  void Take(Waiting request);
  // Whether there is memory for what it changes. One that is wrong is answered so at once.
  [[nodiscard]] bool MayKeep(Kind kind, const Buffer& body) const;
  void AnswerPull(Rank from, Buffer body, RpcNode::Reply reply);
  void AnswerPush(Rank from, Buffer body, RpcNode::Reply reply);
  [[nodiscard]] Status CheckSender(Rank from, std::uint32_t worker) const;
  [[nodiscard]] StatusOr<Buffer> Pull(const PullRequest& request);
  [[nodiscard]] StatusOr<Buffer> PullDenseState(const PullRequest& request);
  [[nodiscard]] StatusOr<PushResult> Push(Rank from, Buffer body, Step* step);
  void AnswerHeldPulls();
  void AnswerStep(Step step, const Status& status);
  void Fail(Rank from, const Status& status, RpcNode::Reply reply);

  const PsOptions* const options_;
  Shard* const shard_;
  RpcNode* const rpc_;
  using Replies = PooledVector<RpcNode::Reply>;
  PooledVector<HeldPull> held_;  // in order of arrival
  std::deque<Waiting> waiting_;  // for memory
  // sync: until their step is applied
  std::map<Step, Replies, std::less<>, PoolAllocator<std::pair<const Step, Replies>>> pushes_;
  std::string refusal_;  // empty: serves
};

}  // namespace rookery
