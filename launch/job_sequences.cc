#include "launch/job_sequences.h"

#include <algorithm>
#include <vector>

#include "models/ranking_metrics.h"

namespace rookery {

bool ReadsSequences(const Job& job) {
  return !job.data.blocks && job.data.schema.format == InputFormat::kSequence;
}

SequenceOptions SequencesOf(const Job& job) {
  SequenceOptions options = job.data.sequence;
  if (LearnsNextItem(job.model.name)) options.examples = SequenceExamples::kNextItem;
  options.item_counts = WantsItemCounts(job.model.name);
  if (LearnsFromCatalog(job.model)) {
    options.told_from_catalog = true;
    options.negatives = 0;
  }
  return options;
}

Schema ExampleSchemaOf(const Job& job) {
  if (!ReadsSequences(job)) return job.data.schema;
  return ExampleSchemaOf(job.data.schema, SequencesOf(job));
}

Status CheckNextItem(const Job& job) {
  if (!LearnsNextItem(job.model.name) || ReadsSequences(job)) return OkStatus();
  return InvalidInput("model '", job.model.name,
                      "' learns the next item of a user's sequence, which this data has not: "
                      "data.format = \"sequence\", of lines \"user item item ...\", is what it "
                      "reads");
}

Status CheckRanking(const Job& job, const Model& model, const std::string& metric) {
  const bool ranks = ReadsSequences(job);
  if (ranks && model.ranking_width() == 0) {
    return InvalidInput("model '", job.model.name,
                        "' does not rank items, which data.format = \"sequence\" is for; choose "
                        "model.name = \"bpr_mf\", or \"sasrec\" for the next one");
  }
  const std::vector<std::string> names = RankingMetricNames();
  const bool of_ranking = std::ranges::find(names, metric) != names.end();
  if (of_ranking == ranks) return OkStatus();
  return InvalidInput("train.metric = \"", metric, "\": ",
                      ranks ? "items are ranked; choose one like \"ndcg@10\""
                            : "a metric of rankings, which need data.format = \"sequence\"");
}

}  // namespace rookery
