// The options of the commands that look ahead: what a job will take, whether a cluster is fit.
#include "launch/command_line/command_line.h"

namespace rookery {

void AddPlan(CLI::App& app, Arguments* all) {
  PlanArguments& to = all->plan;
  CLI::App* plan = Command(
      app, "plan", "Say what a job will take: memory, messages, disk; nothing is trained",
      "  rookery plan JOB.toml\n"
      "  rookery plan -n 16 JOB.toml --set cluster.servers=8 --set cluster.memory_limit=30GB\n"
      "  rookery plan JOB.toml --full --json\n"
      "Status 2 when a server would pass cluster.memory_limit.");
  AddJob(plan, &to.job, &to.overrides, &to.run);
  plan->add_option("-n,--ranks", to.ranks, "processes under mpirun; default: cluster.workers")
      ->check(CLI::Range(3, 4096))
      ->type_name("N");
  plan->add_option("--examples", to.examples, "how many of the first training examples are read")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U))
      ->capture_default_str();
  plan->add_flag("--full", to.full, "read all training data and count the rows, within 1 %");
  plan->add_flag("--json", to.json, "for scripts");
  OnRun(plan, all, [all] { return RunPlan(all->plan); });
}

void AddDoctor(CLI::App& app, Arguments* all) {
  DoctorArguments& to = all->doctor;
  CLI::App* doctor =
      Command(app, "doctor", "Look at a cluster, a job and its data before the job runs",
              "  rookery doctor JOB.toml\n"
              "  rookery launch -n 16 --hostfile hosts doctor JOB.toml --run runs/big\n"
              "One line a check: ok, warn or FAIL. Status 2 when a check fails.");
  AddJob(doctor, &to.job, &to.overrides, &to.run);
  OnRun(doctor, all, [all] { return RunDoctor(all->doctor); });
}

void AddDescribe(CLI::App& app, Arguments* all) {
  DescribeArguments& to = all->describe;
  CLI::App* describe = Command(
      app, "describe", "Say what is in the columns of a job's data, and what has changed",
      "  rookery describe JOB.toml\n"
      "  rookery describe JOB.toml --against test --html data.html\n"
      "  rookery describe JOB.toml --set 'data.test=[\"today.csv\"]' --against test --json\n"
      "Drift is the population stability index: from .1 on some, from .25 on MUCH.");
  AddJobFile(describe, &to.job, &to.overrides);
  const auto sets = CLI::IsMember({"train", "valid", "test"});
  describe->add_option("--data", to.data, "which files of the job")
      ->check(sets)
      ->capture_default_str();
  describe->add_option("--against", to.against, "what is compared with them")->check(sets);
  describe->add_option("--examples", to.examples, "how many of the first ones are read of each")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40U))
      ->capture_default_str();
  describe->add_option("--html", to.html, "also as a page")->type_name("FILE.html");
  describe->add_flag("--json", to.json, "for scripts");
  OnRun(describe, all, [all] { return RunDescribe(all->describe); });
}

}  // namespace rookery
