// The options of the commands that look into checkpoints.
#include "launch/command_line/command_line.h"

namespace rookery {

void AddInspect(CLI::App& app, Arguments* all) {
  InspectArguments& to = all->inspect;
  CLI::App* inspect = Command(app, "inspect", "What is in a checkpoint: tables, rows, norms",
                              "  rookery inspect runs/quickstart\n"
                              "  rookery inspect runs/quickstart/checkpoints --verify\n"
                              "  rookery inspect runs/quickstart/checkpoints/00000002 --digest");
  inspect->add_option("path", to.path, "run directory, its checkpoints/, or one checkpoint")
      ->required()
      ->type_name("PATH");
  inspect->add_flag("--digest", to.digest,
                    "one hash of the content, the same for any number of servers");
  inspect->add_flag("--verify", to.verify, "read every byte and compare every checksum");
  OnRun(inspect, all, [all] { return RunInspect(all->inspect); });
}

void AddVerify(CLI::App& app, Arguments* all) {
  VerifyArguments& to = all->verify;
  CLI::App* verify =
      Command(app, "verify", "Read every byte of checkpoints, or of an export; status 1: damaged",
              "  rookery verify runs/quickstart\n"
              "  rookery verify runs/quickstart/checkpoints/00000002 --json");
  verify
      ->add_option(
          "path", to.path,
          "run directory or its checkpoints/: all of them; one checkpoint, with those that "
          "it adds to; or an export")
      ->required()
      ->type_name("PATH");
  verify->add_flag("--json", to.json, "for scripts: what is damaged and where");
  OnRun(verify, all, [all] { return RunVerify(all->verify); });
}

void AddDiff(CLI::App& app, Arguments* all) {
  DiffArguments& to = all->diff;
  CLI::App* diff =
      Command(app, "diff", "What differs between two checkpoints: rows, weights, options",
              "  rookery diff runs/monday runs/tuesday\n"
              "  rookery diff runs/try/checkpoints/0000000{1,2} --json");
  diff->add_option("a", to.a, "run directory, its checkpoints/, or one checkpoint")
      ->required()
      ->type_name("A");
  diff->add_option("b", to.b, "the same")->required()->type_name("B");
  diff->add_flag("--json", to.json, "for scripts; member \"same\" tells all");
  OnRun(diff, all, [all] { return RunDiff(all->diff); });
}

}  // namespace rookery
