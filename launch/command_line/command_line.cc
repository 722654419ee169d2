#include "launch/command_line/command_line.h"

namespace rookery {

CLI::App* Command(CLI::App& app, const std::string& name, const std::string& what,
                  const std::string& examples) {
  CLI::App* command = app.add_subcommand(name, what);
  command->footer("Examples:\n" + examples);
  return command;
}

void AddJobFile(CLI::App* command, std::string* job, std::vector<std::string>* overrides) {
  command->add_option("job", *job, "job file (docs/job_reference.md)")
      ->required()
      ->type_name("JOB.toml");
  command->add_option("--set", *overrides, "override an option of the job: path.key=value")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void AddJob(CLI::App* command, std::string* job, std::vector<std::string>* overrides,
            std::string* run) {
  AddJobFile(command, job, overrides);
  command->add_option("--run", *run, "run directory; default: runs/ and the job's name")
      ->type_name("DIR");
}

}  // namespace rookery
