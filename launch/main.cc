// The command line of `rookery`: parses the words and runs the command that they name.
#include "launch/command_line/command_line.h"
#include "launch/nearest.h"

namespace {

using namespace rookery;

// CLI11 only says that a command is required.
Status CheckCommand(const CLI::App& app, int count, char** words) {
  if (count < 2 || words[1][0] == '-') return OkStatus();
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == words[1]) return OkStatus();
    if (!command->get_group().empty()) names.push_back(command->get_name());
  }
  return InvalidInput("unknown command ", words[1], "; the nearest is ",
                      NearestName(words[1], names), "; see rookery --help");
}

int Main(int count, char** words) {
  CLI::App app("Rookery trains click and recommender models whose tables outgrow one process.",
               "rookery");
  app.set_version_flag("--version", "rookery " + RookeryVersion());
  app.require_subcommand(1);
  app.footer("`rookery COMMAND --help` shows a command's options and examples.\n" +
             std::string(kExitCodesHelp));
  Arguments all;
  AddTrain(app, &all);
  AddEvaluate(app, &all);
  AddBaseline(app, &all);
  AddPredict(app, &all);
  AddExport(app, &all);
  AddVerifyExport(app, &all);
  AddInspect(app, &all);
  AddVerify(app, &all);
  AddDiff(app, &all);
  AddSynth(app, &all);
  AddPrepare(app, &all);
  AddLaunch(app, &all);
  AddStop(app, &all);
  AddPlan(app, &all);
  AddDoctor(app, &all);
  AddDescribe(app, &all);
  CLI::App* options = app.add_subcommand("job-options")->group("");
  OnRun(options, &all, [] { return RunJobOptions(); });
  if (const Status status = CheckCommand(app, count, words); !status.ok()) {
    return ReportStatus(status);
  }
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return ReportStatus(InvalidInput(error.what(), "; see rookery --help"));
  }
  return all.status;
}

}  // namespace

int main(int count, char** words) {
  return Main(count, words);
}
