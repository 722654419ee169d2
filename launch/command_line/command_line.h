// The command line of `rookery`: one function adds one command with its options, help and examples;
// parsing the words then runs it. The work of a command is in launch/commands/.
//
// Owner    main. `Arguments` outlives the parse. Threads: the main one.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "launch/commands.h"

namespace rookery {

struct Arguments {
  TrainArguments train;
  EvaluateArguments evaluate;
  BaselineArguments baseline;
  PredictArguments predict;
  ExportArguments to_export;
  VerifyExportArguments verify_export;
  InspectArguments inspect;
  VerifyArguments verify;
  DiffArguments diff;
  SynthArguments synth;
  PrepareArguments prepare;
  LaunchArguments launch;
  StopArguments stop;
  PlanArguments plan;
  DoctorArguments doctor;
  DescribeArguments describe;
  int status = kExitDone;
};

// A command of `app`; `examples` end its help.
CLI::App* Command(CLI::App& app, const std::string& name, const std::string& what,
                  const std::string& examples);
// JOB.toml and --set.
void AddJobFile(CLI::App* command, std::string* job, std::vector<std::string>* overrides);
// The same, and --run.
void AddJob(CLI::App* command, std::string* job, std::vector<std::string>* overrides,
            std::string* run);

// When the words name this command its exit status is what `run` returns.
template <class Run>
void OnRun(CLI::App* command, Arguments* arguments, Run run) {
  command->callback([arguments, run] { arguments->status = run(); });
}

void AddTrain(CLI::App& app, Arguments* all);
void AddLaunch(CLI::App& app, Arguments* all);
void AddStop(CLI::App& app, Arguments* all);
void AddSynth(CLI::App& app, Arguments* all);
void AddPrepare(CLI::App& app, Arguments* all);
void AddEvaluate(CLI::App& app, Arguments* all);
void AddBaseline(CLI::App& app, Arguments* all);
void AddPredict(CLI::App& app, Arguments* all);
void AddExport(CLI::App& app, Arguments* all);
void AddVerifyExport(CLI::App& app, Arguments* all);
void AddInspect(CLI::App& app, Arguments* all);
void AddVerify(CLI::App& app, Arguments* all);
void AddDiff(CLI::App& app, Arguments* all);
void AddPlan(CLI::App& app, Arguments* all);
void AddDoctor(CLI::App& app, Arguments* all);
void AddDescribe(CLI::App& app, Arguments* all);

}  // namespace rookery
