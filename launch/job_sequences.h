// What a job means for lines of users and items (data/sequence.h). Pure functions. Any thread.
#pragma once

#include <string>

#include "common/error.h"
#include "data/schema.h"
#include "data/sequence.h"
#include "launch/job.h"
#include "models/model.h"

namespace rookery {

// Lines of a user and items, which are ranked.
[[nodiscard]] bool ReadsSequences(const Job& job);
// What a line becomes, which follows from the model. REQUIRES: ReadsSequences.
[[nodiscard]] SequenceOptions SequencesOf(const Job& job);
// The columns of the examples: the job's own, unless its lines are sequences.
[[nodiscard]] Schema ExampleSchemaOf(const Job& job);

// A model of next items and other data. Before the model is made, which would speak of columns.
[[nodiscard]] Status CheckNextItem(const Job& job);
// A job whose lines are sequences and a model or metric that does not rank, and the opposite.
[[nodiscard]] Status CheckRanking(const Job& job, const Model& model, const std::string& metric);

}  // namespace rookery
