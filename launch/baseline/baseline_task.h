// BaselineTask: one kind of data with the methods for it. Private to launch/baseline/.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/input.h"
#include "launch/baseline/baseline.h"

namespace rookery {

struct BaselineSetting {
  std::string name;
  double value;  // without valid files
  double minimum;
  bool whole;                // a whole number
  std::vector<double> grid;  // tried with valid files
};

struct BaselineMethod {
  std::string name;
  std::vector<BaselineSetting> settings;
};

enum class BaselineSet : std::uint8_t { kValid, kTest };

class FittedBaseline {
 public:
  virtual ~FittedBaseline() = default;
  // Nothing when there is no such set.
  [[nodiscard]] virtual MetricValues Measure(BaselineSet set) const = 0;
};

// Outlives what it fitted.
class BaselineTask {
 public:
  virtual ~BaselineTask() = default;
  [[nodiscard]] virtual std::vector<BaselineMethod> methods() const = 0;
  [[nodiscard]] virtual bool has_valid() const = 0;
  [[nodiscard]] virtual bool ranks() const = 0;
  // REQUIRES: a method of methods(), all of its settings.
  [[nodiscard]] virtual StatusOr<std::unique_ptr<FittedBaseline>> Fit(const std::string& method,
                                                                      const Settings& settings) = 0;
  // `a` and `b` come from Fit and outlive the result. REQUIRES: ranks().
  [[nodiscard]] virtual std::unique_ptr<FittedBaseline> Blend(const FittedBaseline& a,
                                                              const FittedBaseline& b,
                                                              double weight) = 0;
};

[[nodiscard]] StatusOr<std::unique_ptr<BaselineTask>> OpenRankingTask(
    FileSystem& files, const Job& job, const BaselineOptions& options, ComputePool* pool);
[[nodiscard]] StatusOr<std::unique_ptr<BaselineTask>> OpenRatingTask(FileSystem& files,
                                                                     const Job& job,
                                                                     const BaselineOptions& options,
                                                                     ComputePool* pool);

// kExhausted when a method would take more than options.memory_bytes.
[[nodiscard]] Status CheckBaselineMemory(const BaselineOptions& options, const std::string& method,
                                         std::uint64_t bytes);

// Calls use(batch) for all examples of the reader's files.
template <class Use>
[[nodiscard]] Status ForEachBatch(InputReader* reader, std::size_t files, const Use& use) {
  constexpr std::uint64_t kChunks = 8;
  for (std::uint32_t file = 0; file < files; ++file) {
    ChunkRun run{file, 0, 1, kChunks};
    for (bool more = true; more; run.first += run.count) {
      ROOKERY_ASSIGN_OR_RETURN(RunResult result, reader->Read(run));
      use(result.examples);
      more = !result.end_of_file;
      reader->Recycle(std::move(result.examples));
    }
  }
  return OkStatus();
}

}  // namespace rookery
