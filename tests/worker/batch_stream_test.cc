// One stream of batches in one thread: the scheduler's part is a WorkAssigner behind a real RPC.
#include "worker/batch_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <optional>
#include <sstream>

#include "io/memory_file_system.h"
#include "net/loopback_transport.h"
#include "protocol/archive.h"
#include "protocol/verbs.h"
#include "scheduler/work_assigner.h"
#include "tests/net/testing/manual_executor.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t kStreams = 2;

class BatchStreamTest : public ::testing::Test {
 protected:
  BatchStreamTest() {
    Schema schema;
    Column label;
    label.name = "y";
    label.type = ColumnType::kLabel;
    Column id;
    id.name = "id";
    id.type = ColumnType::kCategorical;
    id.key = KeyKind::kIdentity;
    schema.columns = {label, id};
    fitted_.schema = ResolveSchema(schema).value();
    rpcs_[0]->Handle(verbs::kLease, [this](Rank, Buffer body, RpcNode::Reply reply) {
      const auto request = Decode<LeaseRequest>(std::as_const(body).body(), "lease").value();
      ++leases_;
      if (lease_error_.ok()) {
        reply(Encode(assigner_->Next(request).value()));
      } else {
        reply(lease_error_);
      }
    });
    for (const auto& rpc : rpcs_) rpc->Start();
    options_.batch_examples = 7;
    options_.shuffle = {true, 5};
  }
  // Files of `rows` lines each; the ids count on from file to file.
  void WriteFiles(std::vector<std::uint64_t> rows, const std::string& bad_line = "") {
    std::uint64_t id = 0;
    for (std::size_t f = 0; f < rows.size(); ++f) {
      std::string text;
      for (std::uint64_t i = 0; i < rows[f]; ++i, ++id) {
        text += StrCat(id % 2, ",", id + 101, "\n");
      }
      if (f + 1 == rows.size()) text += bad_line;
      input_.files.push_back(StrCat("in-", f, ".csv"));
      ASSERT_TRUE(WriteFileAtomically(files_, input_.files.back(), text).ok());
    }
    input_.chunk_examples = 4;
    assigner_options_.file_order.resize(rows.size());
    std::iota(assigner_options_.file_order.begin(), assigner_options_.file_order.end(), 0U);
    assigner_options_.streams = kStreams;
    assigner_options_.chunks_per_lease = 3;
    assigner_.emplace(assigner_options_);
  }
  std::unique_ptr<BatchStream> Open(std::uint32_t stream, std::size_t prefetch) {
    BatchStreamOptions options = options_;
    options.stream = stream;
    options.prefetch = prefetch;
    reader_ = MakeInputReader(&files_, &fitted_, input_);
    return std::make_unique<BatchStream>(options, &scheduler_, reader_.get(),
                                         StepPlanner(&tables_, {Combiner::kSum}, 1, 16), &executor_,
                                         &executor_);
  }
  // The next batch, or null at the end.
  StatusOr<std::unique_ptr<PreparedBatch>> Next(BatchStream* stream) {
    std::optional<StatusOr<std::unique_ptr<PreparedBatch>>> result;
    Spawn([](BatchStream* from, decltype(result)* to) -> Task<> {
      StatusOr<std::unique_ptr<PreparedBatch>> batch = co_await from->Next();
      to->emplace(std::move(batch));
    }(stream, &result));
    executor_.RunReady();
    if (!result) return Internal("no batch");
    return std::move(*result);
  }
  void Close(BatchStream* stream) {
    bool closed = false;
    Spawn([](BatchStream* from, bool* done) -> Task<> {
      co_await from->Close();
      *done = true;
    }(stream, &closed));
    executor_.RunReady();
    EXPECT_TRUE(closed);
  }
  // "101 105 ...|..." of up to `batches` batches, each trained and given back.
  std::vector<std::string> Train(BatchStream* stream, std::size_t batches = 1000) {
    std::vector<std::string> trained;
    while (trained.size() < batches) {
      StatusOr<std::unique_ptr<PreparedBatch>> batch = Next(stream);
      EXPECT_TRUE(batch.ok()) << batch.status().ToString();
      if (!batch.ok() || *batch == nullptr) break;
      std::ostringstream ids;
      for (Key key : (*batch)->batch.features[0].keys) ids << key << " ";
      EXPECT_EQ((*batch)->plan.tables[0].keys.size(), (*batch)->batch.examples);
      trained.push_back(ids.str());
      stream->NoteTrained((*batch)->after);
      stream->Recycle(std::move(*batch));
    }
    return trained;
  }
  std::vector<std::string> TrainAll(std::uint32_t index, std::size_t prefetch) {
    assigner_.emplace(assigner_options_);
    const auto stream = Open(index, prefetch);
    std::vector<std::string> trained = Train(stream.get());
    Close(stream.get());
    return trained;
  }

  ManualExecutor executor_;
  MemoryFileSystem files_;
  FittedSchema fitted_;
  InputOptions input_;
  BatchStreamOptions options_;
  std::vector<ModelTable> tables_{[] {
    ModelTable table;
    table.dim = 1;
    table.features = {0};
    return table;
  }()};
  AssignerOptions assigner_options_;
  std::optional<WorkAssigner> assigner_;
  Status lease_error_;
  int leases_ = 0;
  LoopbackNetwork network_{2};
  std::unique_ptr<RpcNode> rpcs_[2] = {MakeRpc(0), MakeRpc(1)};
  SchedulerClient scheduler_{rpcs_[1].get(), Rank{0}, std::chrono::seconds(60)};
  std::unique_ptr<InputReader> reader_;

 private:
  std::unique_ptr<RpcNode> MakeRpc(std::uint32_t rank) {
    return std::make_unique<RpcNode>(
        &executor_, network_.endpoint(Rank{rank}),
        RpcNames{VerbName, [](Rank r) { return StrCat("rank ", Raw(r)); }});
  }
};

TEST_F(BatchStreamTest, EveryExampleOnceInFullBatchesWhateverIsPrefetched) {
  WriteFiles({40, 0, 61, 3});
  std::vector<std::string> all;
  for (std::uint32_t stream = 0; stream < kStreams; ++stream) {
    const std::vector<std::string> plain = TrainAll(stream, 1);
    EXPECT_EQ(TrainAll(stream, 4), plain);
    EXPECT_EQ(TrainAll(stream, 0), plain);  // none is one
    for (std::size_t b = 0; b + 1 < plain.size(); ++b) {
      EXPECT_EQ(std::ranges::count(plain[b], ' '), 7) << b;
    }
    all.insert(all.end(), plain.begin(), plain.end());
  }
  std::vector<std::uint64_t> ids;
  for (const std::string& batch : all) {
    std::istringstream in(batch);
    for (std::uint64_t id = 0; in >> id;) ids.push_back(id);
  }
  EXPECT_FALSE(std::ranges::is_sorted(ids));
  std::ranges::sort(ids);
  ASSERT_EQ(ids.size(), 104U);
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], 101 + i);
}

TEST_F(BatchStreamTest, GoesOnAfterACutWithTheSameBatches) {
  WriteFiles({50, 30});
  const std::vector<std::string> undisturbed = TrainAll(0, 3);
  ASSERT_GT(undisturbed.size(), 4U);
  for (std::size_t cut = 0; cut <= undisturbed.size(); ++cut) {
    SCOPED_TRACE(StrCat("cut after ", cut, " batches"));
    assigner_.emplace(assigner_options_);
    const auto first = Open(0, 3);
    std::vector<std::string> trained = Train(first.get(), cut);
    (void)Next(first.get());  // read, never trained
    Close(first.get());
    const std::vector<InputPosition> positions = {first->trained()};
    assigner_ = WorkAssigner::Restore(assigner_options_, assigner_->Snapshot(positions)).value();
    const auto second = Open(0, 1);
    const std::vector<std::string> rest = Train(second.get());
    Close(second.get());
    trained.insert(trained.end(), rest.begin(), rest.end());
    EXPECT_EQ(trained, undisturbed);
  }
}

TEST_F(BatchStreamTest, AnErrorInTheInputComesAfterTheBatchesBeforeIt) {
  WriteFiles({16}, "1,2,3\n");
  options_.shuffle.enabled = false;
  options_.batch_examples = 4;
  assigner_options_.streams = 1;
  assigner_options_.chunks_per_lease = 1;
  assigner_.emplace(assigner_options_);
  const auto stream = Open(0, 2);
  EXPECT_GE(Train(stream.get(), 3).size(), 3U);
  Status status;
  for (int i = 0; i < 3 && status.ok(); ++i) status = Next(stream.get()).status();
  EXPECT_EQ(status.code(), Code::kInvalidInput);
  EXPECT_THAT(status.message(), HasSubstr("in-0.csv:17"));
  EXPECT_EQ(Next(stream.get()).status().message(), status.message());  // and stays
  Close(stream.get());
}

TEST_F(BatchStreamTest, AnErrorOfTheSchedulerIsReturned) {
  WriteFiles({16});
  lease_error_ = Status(Code::kUnavailable, "shutting down");
  const auto stream = Open(0, 2);
  EXPECT_EQ(Next(stream.get()).status().code(), Code::kUnavailable);
  Close(stream.get());
}

TEST_F(BatchStreamTest, APositionBeyondTheFileIsRefused) {
  WriteFiles({16});
  AssignerState state;
  state.cursors = {{1, 0}, {1, 0}};
  state.pending = {{.stream = 0, .file = 0, .first = 0, .stride = 2, .count = 3, .skip = 99}};
  assigner_ = WorkAssigner::Restore(assigner_options_, state).value();
  const auto stream = Open(0, 2);
  EXPECT_THAT(Next(stream.get()).status().message(), HasSubstr("the file has changed"));
  Close(stream.get());
}

TEST_F(BatchStreamTest, ClosesAtAnyMomentOfReading) {
  WriteFiles({100});
  for (int tasks = 0; tasks < 60; ++tasks) {
    SCOPED_TRACE(StrCat("after ", tasks, " tasks"));
    assigner_.emplace(assigner_options_);
    const auto stream = Open(0, 2);
    EXPECT_FALSE(stream->Ready());
    bool got = false;
    Spawn([](BatchStream* from, bool* to) -> Task<> {
      const StatusOr<std::unique_ptr<PreparedBatch>> batch = co_await from->Next();
      *to = batch.ok();
    }(stream.get(), &got));
    for (int i = 0; i < tasks; ++i) (void)executor_.RunOne();
    Close(stream.get());
    EXPECT_TRUE(got);  // a batch or the end, but never nothing
    const int leases = leases_;
    executor_.RunReady();
    EXPECT_EQ(leases_, leases);  // it reads no further
  }
}

}  // namespace
}  // namespace rookery
