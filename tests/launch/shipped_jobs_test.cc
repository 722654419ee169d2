// Every job of launch/jobs/ is readable, survives a round trip, and its model accepts its schema.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "io/posix_file_system.h"
#include "launch/job.h"
#include "launch/job_plan.h"

namespace rookery {
namespace {

std::string JobsDirectory() {
  const std::string here = __FILE__;
  return here.substr(0, here.rfind("tests/launch/")) + "launch/jobs";
}

TEST(ShippedJobs, AreSound) {
  setenv("ROOKERY_DATA", "/data", 1);
  PosixFileSystem files;
  const StatusOr<std::vector<std::string>> jobs = files.Glob(JobsDirectory() + "/*.toml");
  ASSERT_TRUE(jobs.ok());
  ASSERT_GE(jobs->size(), 8U);
  for (const std::string& path : *jobs) {
    SCOPED_TRACE(path);
    const StatusOr<Job> job = LoadJob(files, path, {});
    ASSERT_TRUE(job.ok()) << job.status().message();
    const std::string text = JobToToml(*job);
    const StatusOr<Job> again = ParseJob(text, "job.toml", {});
    ASSERT_TRUE(again.ok()) << again.status().message();
    EXPECT_EQ(JobToToml(*again), text);
    EXPECT_EQ(JobHash(*again), JobHash(*job));
    EXPECT_FALSE(job->data.test.empty());
    const auto model = MakeModel(ModelSpecOf(*job, {}));
    ASSERT_TRUE(model.ok()) << model.status().message();
    for (const auto& [name, table] : job->tables) {
      const auto has_name = [&name = name](const ModelTable& t) { return t.name == name; };
      const std::vector<ModelTable>& tables = (*model)->tables();
      EXPECT_TRUE(std::any_of(tables.begin(), tables.end(), has_name)) << name;
    }
  }
}

}  // namespace
}  // namespace rookery
