// Any text as a job file: what is accepted is written out in full and reads back as the same job.
// Behind a zero byte stands one --set override.
#include "common/check.h"
#include "launch/job.h"
#include "tests/fuzz/targets.h"

namespace rookery {

bool FuzzJobFile(FuzzBytes bytes) {
  const std::string_view text = TextOfBytes(bytes);
  const std::size_t zero = text.find('\0');
  std::vector<std::string> overrides;
  if (zero != std::string_view::npos) overrides.emplace_back(text.substr(zero + 1));
  const StatusOr<Job> job = ParseJob(text.substr(0, zero), "job.toml", overrides);
  if (!job.ok()) {
    ROOKERY_CHECK(job.status().code() == Code::kInvalidInput) << job.status().ToString();
    return false;
  }
  (void)JobHash(*job);
  const std::string toml = JobToToml(*job);
  const StatusOr<Job> again = ParseJob(toml, "resolved.toml", {});
  ROOKERY_CHECK(again.ok()) << again.status().message();
  ROOKERY_CHECK(JobToToml(*again) == toml && JobHash(*again) == JobHash(*job))
      << "another job came out";
  return true;
}

FuzzSeeds SeedsOfJobFile() {
  const std::string job = R"(seed = 7
[data]
format = "csv"
train = ["a.csv"]
[[data.column]]
name = "y"
type = "label"
[[data.column]]
name = "c"
type = "categorical"
[[data.column]]
name = "n"
type = "numeric"
transform = "log"
[[data.bucket]]
name = "b"
column = "n"
buckets = 4
[model]
name = "deepfm"
hidden = [8, 4]
[table.default]
dim = 4
updater = "adam"
learning_rate = 0.01
[dense]
updater = "sgd"
[train]
mode = "bounded"
batch_size = 64
[cluster]
servers = 2
[checkpoint]
every = "10min"
)";
  using namespace std::string_literals;
  return {job, job + "\0train.epochs=3"s,
          "[data]\nformat = \"criteo\"\ntrain = [\"x\"]\n[model]\nname = \"dlrm\"\nbottom = [4]\n",
          "[data]\nformat = \"blocks\"\ntrain = [\"x\"]\n[model]\nname = \"lr\"\n"};
}

}  // namespace rookery
