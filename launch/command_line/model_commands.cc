// The options of the commands that measure, use and export a model.
#include "launch/command_line/command_line.h"

namespace rookery {

void AddEvaluate(CLI::App& app, Arguments* all) {
  EvaluateArguments& to = all->evaluate;
  CLI::App* evaluate =
      Command(app, "evaluate", "Metrics of a checkpoint on data of its job",
              "  rookery evaluate launch/jobs/quickstart.toml\n"
              "  rookery evaluate JOB.toml --data valid --run runs/try\n"
              "  rookery evaluate JOB.toml --checkpoint runs/try/checkpoints/00000002");
  AddJob(evaluate, &to.job, &to.overrides, &to.run);
  evaluate->add_option("--checkpoint", to.checkpoint, "default: the newest of the run")
      ->type_name("DIR");
  evaluate->add_option("--data", to.data, "which files of the job")
      ->check(CLI::IsMember({"train", "valid", "test"}))
      ->capture_default_str();
  OnRun(evaluate, all, [all] { return RunEvaluate(all->evaluate); });
}

void AddBaseline(CLI::App& app, Arguments* all) {
  BaselineArguments& to = all->baseline;
  CLI::App* baseline = Command(
      app, "baseline", "Methods that need no gradient, measured as the job's model is",
      "  rookery baseline launch/jobs/ml1m-bpr.toml\n"
      "  rookery baseline JOB.toml --method popularity,item_knn,item_knn+als --out baselines.json\n"
      "  rookery baseline JOB.toml --method ease --setting ease.l2=500\n"
      "  rookery baseline JOB.toml --method content --attributes genres.txt\n"
      "Methods of rankings (data.format = \"sequence\"): popularity, item_knn, user_knn, als, "
      "ease,\n"
      "slim, content, and A+B for the blend of two; of ratings (model.loss = \"squared\", two columns):\n"
      "mean, bias, item_knn, user_knn. Their settings are in docs/models.md.");
  AddJobFile(baseline, &to.job, &to.overrides);
  baseline->add_option("--method", to.methods, "which ones, with commas; default: all")
      ->type_name("NAME,NAME...")
      ->delimiter(',')
      ->allow_extra_args(false);
  baseline
      ->add_option("--setting", to.settings,
                   "a setting of a method; others are chosen on the job's valid files, or have "
                   "their defaults without any")
      ->type_name("METHOD.NAME=VALUE")
      ->allow_extra_args(false);
  baseline
      ->add_option("--attributes", to.attributes,
                   "for content: a file of lines \"item attribute attribute ...\"")
      ->type_name("FILE")
      ->allow_extra_args(false);
  baseline->add_option("--out", to.output, "all metrics as JSON")->type_name("FILE.json");
  OnRun(baseline, all, [all] { return RunBaseline(all->baseline); });
}

void AddPredict(CLI::App& app, Arguments* all) {
  PredictArguments& to = all->predict;
  CLI::App* predict = Command(app, "predict", "Score data files with an export",
                              "  rookery predict export/ test.tsv\n"
                              "  rookery predict export/ 'day-*.csv.gz' --out scores.tsv");
  predict->add_option("model", to.model, "directory that `rookery export` made")
      ->required()
      ->type_name("EXPORT");
  predict
      ->add_option("data", to.inputs, "data files in the format of the job; labels may be absent")
      ->required()
      ->type_name("FILE...");
  predict->add_option("--out", to.output, "score and label a line; default: standard output")
      ->type_name("FILE");
  predict->add_flag("--bf16", to.bf16,
                    "multiply towers in bf16: faster, scores differ by about a thousandth");
  OnRun(predict, all, [all] { return RunPredict(all->predict); });
}

void AddExport(CLI::App& app, Arguments* all) {
  ExportArguments& to = all->to_export;
  CLI::App* command =
      Command(app, "export", "Write a model for serving: ONNX, safetensors, tables, schema",
              "  rookery export runs/quickstart --out export/\n"
              "  rookery export runs/try/checkpoints/00000002 --out export/ --force");
  command->add_option("path", to.path, "run directory, or one of its checkpoints")
      ->required()
      ->type_name("RUN");
  command->add_option("--out", to.output, "directory to make")->required()->type_name("DIR");
  command->add_option("--job", to.job, "job file; default: job.toml of the run")->type_name("FILE");
  command
      ->add_option("--golden", to.golden,
                   "data file whose first rows are kept with their scores; default: the job's "
                   "test files, or else its training files")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      ->add_option("--onnx-rows-max", to.onnx_rows_max,
                   "with more rows in all tables the ONNX model has the dense part alone")
      ->type_name("ROWS")
      ->capture_default_str();
  command->add_flag("--force", to.force, "replace an existing directory");
  OnRun(command, all, [all] { return RunExport(all->to_export); });
}

void AddVerifyExport(CLI::App& app, Arguments* all) {
  CLI::App* verify =
      Command(app, "verify-export", "Compare an export's checksums and score its golden rows again",
              "  rookery verify-export export/");
  verify->add_option("model", all->verify_export.model, "directory that `rookery export` made")
      ->required()
      ->type_name("EXPORT");
  OnRun(verify, all, [all] { return RunVerifyExport(all->verify_export); });
}

}  // namespace rookery
