#include "launch/baseline/baseline.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "launch/baseline/baseline_task.h"
#include "launch/job_plan.h"
#include "models/metrics.h"

namespace rookery {
namespace {

constexpr double kSettingMax = 1e9;
constexpr const char* kWeight = "weight";  // of a blend's first method

struct Found {
  BaselineLine line;
  std::unique_ptr<FittedBaseline> fitted;
};

std::string NamesOf(const std::vector<BaselineMethod>& methods) {
  std::string names;
  for (const BaselineMethod& method : methods) {
    names += (names.empty() ? "" : ", ") + method.name;
  }
  return names;
}

// All combinations of the values of each setting, the last one changing first.
std::vector<Settings> Combinations(const std::vector<BaselineSetting>& settings,
                                   const Settings& given, bool search) {
  std::vector<Settings> all = {{}};
  for (const BaselineSetting& setting : settings) {
    std::vector<double> values = search ? setting.grid : std::vector<double>{setting.value};
    if (const auto one = given.find(setting.name); one != given.end()) values = {one->second};
    std::vector<Settings> longer;
    for (const Settings& shorter : all) {
      for (const double value : values) {
        longer.push_back(shorter);
        longer.back()[setting.name] = value;
      }
    }
    all = std::move(longer);
  }
  return all;
}

class Search {
 public:
  Search(BaselineTask* task, const BaselineOptions& options, std::string metric)
      : task_(*task), methods_(task->methods()), options_(options), metric_(std::move(metric)) {}

  [[nodiscard]] const std::string& metric() const { return metric_; }

  Status Prepare() {
    ROOKERY_ASSIGN_OR_RETURN(larger_, LargerIsBetter(metric_));
    for (const std::string& text : options_.settings) ROOKERY_RETURN_IF_ERROR(ReadSetting(text));
    names_ = options_.methods;
    if (names_.empty()) {
      for (const BaselineMethod& method : methods_) names_.push_back(method.name);
      if (task_.ranks()) names_.emplace_back("ease+user_knn");
    }
    for (const std::string& name : names_) ROOKERY_RETURN_IF_ERROR(CheckName(name));
    return OkStatus();
  }

  StatusOr<std::vector<BaselineLine>> Run() {
    std::vector<BaselineLine> lines;
    for (const std::string& name : names_) {
      const std::size_t plus = name.find('+');
      if (plus != std::string::npos) {
        ROOKERY_ASSIGN_OR_RETURN(Found found,
                                 FindBlend(name, name.substr(0, plus), name.substr(plus + 1)));
        lines.push_back(std::move(found.line));
      } else {
        ROOKERY_ASSIGN_OR_RETURN(const Found* found, FindMethod(name));
        lines.push_back(found->line);
        if (!BlendedLater(name)) found_.erase(name);
      }
    }
    return lines;
  }

 private:
  [[nodiscard]] const BaselineMethod* Known(const std::string& name) const {
    const auto found = std::ranges::find(methods_, name, &BaselineMethod::name);
    return found == methods_.end() ? nullptr : &*found;
  }

  Status CheckName(const std::string& name) const {
    const std::size_t plus = name.find('+');
    if (plus != std::string::npos && !task_.ranks()) {
      return InvalidInput("method '", name, "': rankings are blended, ratings are not");
    }
    for (const std::string& one : plus == std::string::npos
                                      ? std::vector<std::string>{name}
                                      : std::vector{name.substr(0, plus), name.substr(plus + 1)}) {
      if (Known(one) != nullptr) continue;
      if (one == "content") return InvalidInput("method 'content' needs --attributes FILE");
      return InvalidInput("unknown method '", one, "'; there are ", NamesOf(methods_),
                          task_.ranks() ? ", and A+B for the blend of two" : "");
    }
    return OkStatus();
  }

  // "method.name=value"
  Status ReadSetting(const std::string& text) {
    const std::size_t dot = text.find('.');
    const std::size_t equals = text.find('=', dot == std::string::npos ? 0 : dot);
    if (dot == std::string::npos || equals == std::string::npos) {
      return InvalidInput("--setting ", text,
                          ": write METHOD.NAME=VALUE, as in item_knn.shrinkage=10");
    }
    const BaselineMethod* const method = Known(text.substr(0, dot));
    if (method == nullptr) {
      return InvalidInput("--setting ", text, ": unknown method; there are ", NamesOf(methods_));
    }
    const std::string name = text.substr(dot + 1, equals - dot - 1);
    const auto setting = std::ranges::find(method->settings, name, &BaselineSetting::name);
    if (setting == method->settings.end()) {
      std::string names;
      for (const BaselineSetting& one : method->settings) names += " " + one.name;
      return InvalidInput("--setting ", text, ": ", method->name,
                          names.empty() ? " has no settings" : " has the settings" + names);
    }
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, value);
    if (error != std::errc() || stop != end ||
        !(value >= setting->minimum && value <= kSettingMax) ||
        (setting->whole && value != std::floor(value))) {
      return InvalidInput("--setting ", text, ": a ", setting->whole ? "whole number" : "number",
                          " from ", setting->minimum, " to ", kSettingMax, " is needed");
    }
    given_[method->name][name] = value;
    return OkStatus();
  }

  [[nodiscard]] bool BlendedLater(const std::string& name) const {
    return std::ranges::any_of(names_, [&](const std::string& other) {
      return other.starts_with(name + "+") || other.ends_with("+" + name);
    });
  }

  [[nodiscard]] double Now() const { return options_.seconds ? options_.seconds() : 0; }

  // Keeps in *best the better of it and what `fit` makes of `settings`.
  template <class Fit>
  Status Try(const std::string& name, const Settings& settings, const Fit& fit, Found* best) {
    const double began = Now();
    ROOKERY_ASSIGN_OR_RETURN(std::unique_ptr<FittedBaseline> fitted, fit(settings));
    const double seconds = Now() - began;
    BaselineLine line{name, settings, seconds, 1, {}, {}};
    if (task_.has_valid()) line.valid = fitted->Measure(BaselineSet::kValid);
    if (best->fitted != nullptr) {
      const double now = line.valid.at(metric_), before = best->line.valid.at(metric_);
      if (larger_ ? !(now > before) : !(now < before)) return OkStatus();
    }
    if (task_.has_valid() && !line.valid.contains(metric_)) {
      return InvalidInput("train.metric = \"", metric_, "\" is no metric of these data");
    }
    best->line = std::move(line);
    best->fitted = std::move(fitted);
    return OkStatus();
  }

  template <class Fit>
  StatusOr<Found> TryAll(const std::string& name, const std::vector<Settings>& all,
                         const Fit& fit) {
    Found best;
    for (const Settings& settings : all) {
      ROOKERY_RETURN_IF_ERROR(Try(name, settings, fit, &best));
    }
    best.line.tried = static_cast<std::uint32_t>(all.size());
    best.line.test = best.fitted->Measure(BaselineSet::kTest);
    return best;
  }

  StatusOr<const Found*> FindMethod(const std::string& name) {
    if (const auto found = found_.find(name); found != found_.end()) return &found->second;
    const auto all = Combinations(Known(name)->settings, given_[name], task_.has_valid());
    ROOKERY_ASSIGN_OR_RETURN(Found found, TryAll(name, all, [&](const Settings& settings) {
                               return task_.Fit(name, settings);
                             }));
    return &(found_[name] = std::move(found));
  }

  StatusOr<Found> FindBlend(const std::string& name, const std::string& a, const std::string& b) {
    ROOKERY_ASSIGN_OR_RETURN(const Found* first, FindMethod(a));
    ROOKERY_ASSIGN_OR_RETURN(const Found* second, FindMethod(b));
    const BaselineSetting weight = {kWeight, 0.5, 0, false, {0.1, 0.3, 0.5, 0.7, 0.9}};
    const auto all = Combinations({weight}, {}, task_.has_valid());
    return TryAll(name, all,
                  [&](const Settings& settings) -> StatusOr<std::unique_ptr<FittedBaseline>> {
                    return task_.Blend(*first->fitted, *second->fitted, settings.at(kWeight));
                  });
  }

  BaselineTask& task_;
  const std::vector<BaselineMethod> methods_;
  const BaselineOptions& options_;
  const std::string metric_;
  bool larger_ = true;
  std::vector<std::string> names_;
  std::map<std::string, Settings> given_;
  std::map<std::string, Found> found_;  // those that a blend needs
};

StatusOr<std::unique_ptr<BaselineTask>> OpenTask(FileSystem& files, const Job& job,
                                                 const BaselineOptions& options,
                                                 ComputePool* pool) {
  if (job.data.blocks) {
    return InvalidInput("baselines read the text files of a job, not data.format = \"blocks\"");
  }
  if (ReadsSequences(job)) return OpenRankingTask(files, job, options, pool);
  if (TaskOf(job) == TaskKind::kRegression) return OpenRatingTask(files, job, options, pool);
  return InvalidInput(
      "baselines rank items (data.format = \"sequence\") or predict ratings (model.loss = "
      "\"squared\"); this job has neither");
}

}  // namespace

Status CheckBaselineMemory(const BaselineOptions& options, const std::string& method,
                           std::uint64_t bytes) {
  if (options.memory_bytes == 0 || bytes <= options.memory_bytes) return OkStatus();
  constexpr std::uint64_t kMebibyte = std::uint64_t{1} << 20U;
  return {Code::kExhausted,
          StrCat("method '", method, "' needs ", bytes / kMebibyte, " MiB for these data and ",
                 options.memory_bytes / kMebibyte, " MiB are free; leave it out with --method")};
}

StatusOr<BaselineReport> RunBaselines(FileSystem& files, const Job& job,
                                      const BaselineOptions& options, ComputePool* pool) {
  ROOKERY_ASSIGN_OR_RETURN(const auto task, OpenTask(files, job, options, pool));
  Search search(task.get(), options, MetricOf(job));
  ROOKERY_RETURN_IF_ERROR(search.Prepare());
  BaselineReport report;
  report.metric = search.metric();
  ROOKERY_ASSIGN_OR_RETURN(report.lines, search.Run());
  return report;
}

}  // namespace rookery
