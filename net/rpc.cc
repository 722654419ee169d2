#include "net/rpc.h"

#include <cstring>
#include <utility>

#include "common/check.h"
#include "common/fault_hooks.h"
#include "common/limits.h"
#include "common/log.h"
#include "net/rpc_state.h"

namespace rookery {
namespace {

Buffer BufferOf(const std::string& text) {
  Buffer buffer(text.size());
  if (!text.empty()) std::memcpy(buffer.body().data(), text.data(), text.size());
  return buffer;
}

// Calls `answer` once; when it is destroyed without having been called, with kInternal.
class ReplyOnce {
 public:
  explicit ReplyOnce(UniqueFunction<void(StatusOr<Buffer>)> answer) : answer_(std::move(answer)) {}
  ReplyOnce(ReplyOnce&&) = default;
  ReplyOnce& operator=(ReplyOnce&&) = delete;
  ~ReplyOnce() {
    if (answer_) answer_(Internal("the request was dropped without an answer"));
  }
  void operator()(StatusOr<Buffer> result) {
    ROOKERY_CHECK(answer_) << "a request was answered twice";
    std::exchange(answer_, {})(std::move(result));
  }

 private:
  UniqueFunction<void(StatusOr<Buffer>)> answer_;
};

}  // namespace

RpcNode::State::State(Executor* executor_, Transport* transport_, RpcNames names_)
    : executor(executor_),
      transport(transport_),
      names(std::move(names_)),
      peers(transport_->ranks()) {}

std::string RpcNode::State::Describe(VerbId verb, Rank rank) const {
  return StrCat(names.verb(verb), " to ", names.rank(rank));
}

void RpcNode::State::Send(Rank to, FrameKind kind, VerbId verb, std::uint64_t id, Code status,
                          Buffer body) {
  if (transport == nullptr) return;
  if (body.body().data() == nullptr) body = Buffer(0);
  transport->Send(to, Frame{kind, verb, id, status, std::move(body)});
}

void RpcNode::State::SendReply(Rank to, VerbId verb, std::uint64_t id, StatusOr<Buffer> result) {
  if (result.ok() && result->size() > kMessageBytesMax) {
    result = Status(Code::kExhausted,
                    StrCat("answer of ", result->size(), " bytes, at most ", kMessageBytesMax));
  }
  Buffer body = result.ok() ? std::move(*result) : BufferOf(result.status().message());
  Send(to, FrameKind::kReply, verb, id, result.status().code(), std::move(body));
}

bool RpcNode::State::IsNew(Rank from, const Frame& frame) {
  Peer& peer = peers[Raw(from)];
  std::uint64_t& last = frame.kind == FrameKind::kRequest ? peer.last_request : peer.last_one_way;
  if (frame.request_id <= last && !ROOKERY_FAULT(take_twins)) {
    ROOKERY_LOG(WARNING) << names.verb(frame.verb) << " with id " << frame.request_id
                         << " came again from " << names.rank(from) << "; the first one counts";
    return false;
  }
  last = frame.request_id;
  return true;
}

void RpcNode::State::OnFrame(Rank from, Frame frame) {
  if (frame.kind != FrameKind::kReply && !IsNew(from, frame)) return;
  switch (frame.kind) {
    case FrameKind::kRequest:
      return OnRequest(from, std::move(frame));
    case FrameKind::kReply:
      return OnReply(from, std::move(frame));
    case FrameKind::kOneWay:
      return OnOneWay(from, std::move(frame));
  }
  ROOKERY_LOG(ERROR) << "frame of kind " << int{Raw(frame.kind)} << " from " << names.rank(from);
}

void RpcNode::State::OnRequest(Rank from, Frame frame) {
  const VerbId verb = frame.verb;
  const std::uint64_t id = frame.request_id;
  if (closed) {
    SendReply(from, verb, id, Status(Code::kUnavailable, "the peer is shutting down"));
    return;
  }
  const auto handler = request_handlers.find(verb);
  if (handler == request_handlers.end()) {
    ROOKERY_LOG(ERROR) << "request with unknown verb " << Raw(verb) << " from " << names.rank(from);
    SendReply(from, verb, id, InvalidInput("verb ", Raw(verb), " is unknown to the peer"));
    return;
  }
  handler->second(from, std::move(frame.body),
                  ReplyOnce([weak = weak_from_this(), from, verb, id](StatusOr<Buffer> result) {
                    const std::shared_ptr<State> state = weak.lock();
                    if (state) state->SendReply(from, verb, id, std::move(result));
                  }));
}

void RpcNode::State::OnOneWay(Rank from, Frame frame) {
  if (closed) return;
  const auto handler = one_way_handlers.find(frame.verb);
  if (handler == one_way_handlers.end()) {
    ROOKERY_LOG(ERROR) << "one-way message with unknown verb " << Raw(frame.verb) << " from "
                       << names.rank(from);
    return;
  }
  handler->second(from, std::move(frame.body));
}

RpcNode::RpcNode(Executor* executor, Transport* transport, RpcNames names)
    : state_executor_(executor),
      state_(std::make_shared<State>(executor, transport, std::move(names))) {}

RpcNode::~RpcNode() {
  state_->closed = true;
  state_->transport = nullptr;
}

void RpcNode::Handle(VerbId verb, RequestHandler handler) {
  ROOKERY_CHECK(state_->request_handlers.emplace(verb, std::move(handler)).second)
      << "verb " << Raw(verb) << " has two handlers";
}

void RpcNode::HandleOneWay(VerbId verb, OneWayHandler handler) {
  ROOKERY_CHECK(state_->one_way_handlers.emplace(verb, std::move(handler)).second)
      << "verb " << Raw(verb) << " has two handlers";
}

void RpcNode::OnClose(std::function<void()> handler) {
  state_->close_handlers.push_back(std::move(handler));
}

void RpcNode::Start() {
  state_->transport->Start([weak = std::weak_ptr(state_)](Rank from, Frame frame) {
    std::shared_ptr<State> state = weak.lock();
    if (!state) return;
    Executor* const executor = state->executor;
    executor->Post([state = std::move(state), from, frame = std::move(frame)]() mutable {
      state->OnFrame(from, std::move(frame));
    });
  });
}

Future<StatusOr<Buffer>> RpcNode::Call(Rank to, VerbId verb, Buffer body, Duration deadline) {
  return state_->Call(to, verb, std::move(body), deadline);
}

void RpcNode::Tell(Rank to, VerbId verb, Buffer body) {
  ROOKERY_CHECK(body.size() <= kMessageBytesMax) << body.size() << " bytes";
  if (state_->closed) return;
  state_->Send(to, FrameKind::kOneWay, verb, state_->next_id++, Code::kOk, std::move(body));
}

void RpcNode::Close() {
  state_->closed = true;
  state_->FailAll();
  for (const auto& handler : state_->close_handlers) handler();
}

Rank RpcNode::rank() const {
  return state_->transport->rank();
}
std::uint32_t RpcNode::ranks() const {
  return state_->transport->ranks();
}
const RpcNames& RpcNode::names() const {
  return state_->names;
}
std::string RpcNode::DescribeInFlight() const {
  return state_->DescribeInFlight();
}

}  // namespace rookery
