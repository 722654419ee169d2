// [privacy]: which jobs may be trained with DP-SGD, and what it is set to in all roles.
// Pure; any thread.
#pragma once

#include "common/error.h"
#include "launch/job.h"
#include "launch/job_reader.h"
#include "models/model.h"
#include "protocol/privacy_spec.h"

namespace rookery {

// The rules between its options and others; errors as of CheckJob.
[[nodiscard]] Status CheckPrivacy(const JobReader& reader, const Job& job);
// Refuses a model whose gradient is no sum over examples.
[[nodiscard]] Status CheckPrivateModel(const Job& job, const Model& model);
[[nodiscard]] PrivacySpec PrivacyOf(const Job& job);

}  // namespace rookery
