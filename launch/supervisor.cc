#include "launch/supervisor.h"

#include <algorithm>
#include <utility>

#include "common/json.h"
#include "launch/exit_code.h"

namespace rookery {
namespace {

std::uint64_t Replayed(const Restart& restart) {
  return restart.step_reached - std::min(restart.step_reached, restart.step_resumed.value_or(0));
}

JsonObject ToJson(const Restart& restart) {
  JsonObject json;
  json["what"] = restart.end.what;
  json["kind"] = EndKindName(restart.end.kind);
  json["exit_status"] = restart.end.exit_code;
  if (restart.end.rank) json["rank"] = *restart.end.rank;
  if (!restart.end.host.empty()) json["host"] = restart.end.host;
  if (!restart.dropped_host.empty()) json["dropped_host"] = restart.dropped_host;
  json["servers"] = restart.cluster.servers;
  json["workers"] = restart.cluster.workers;
  json["backoff_seconds"] = restart.backoff_seconds;
  json["step_reached"] = restart.step_reached;
  if (!restart.step_resumed) return json;  // it died before it trained
  json["step_resumed"] = *restart.step_resumed;
  json["steps_replayed"] = Replayed(restart);
  if (restart.recovery_seconds) json["recovery_seconds"] = *restart.recovery_seconds;
  return json;
}

std::string ToText(const Restart& restart) {
  std::string text = restart.end.what;
  if (!restart.dropped_host.empty()) text += "; host dropped: " + restart.dropped_host;
  if (!restart.step_resumed) return text + "; died again before it trained";
  text += StrCat("; went on from step ", *restart.step_resumed, ", at least ", Replayed(restart),
                 " steps again");
  if (restart.recovery_seconds) text += StrCat(", after ", *restart.recovery_seconds, " s");
  return text;
}

}  // namespace

Supervisor::Supervisor(SupervisorOptions options, FileSystem* files)
    : options_(std::move(options)), files_(files) {}

StatusOr<int> Supervisor::Run() {
  if (!options_.hostfile.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(const std::string text,
                             ReadWholeFile(*files_, options_.hostfile, 1U << 20));
    hosts_ = ParseHostfile(text);
    hosts_before_ = hosts_.size();
  }
  if (options_.ranks < options_.job.cluster.servers + 2) {
    return InvalidInput("launch -n ", options_.ranks, ": a scheduler, ",
                        options_.job.cluster.servers, " servers and a worker need more ranks");
  }
  life_.cluster = {options_.job.cluster.servers, options_.ranks - 1 - options_.job.cluster.servers};
  life_.hostfile = options_.hostfile;
  // Left at 0 the number of slices would change with the workers, and it is part of the job.
  if (options_.job.train.slices == 0) options_.job.train.slices = life_.cluster.workers;
  const std::string stop_file = JoinPath(options_.run_directory, kStopFileName);
  std::uint32_t failures = 0;  // in a row without a new checkpoint
  while (true) {
    ROOKERY_ASSIGN_OR_RETURN(LifeEnd ended, options_.run(life_));
    if (!restarts_.empty() && ended.ready_seconds) {
      restarts_.back().step_resumed = ended.first_step;
      restarts_.back().recovery_seconds = restarts_.back().backoff_seconds + *ended.ready_seconds;
    }
    const bool stop_wished = files_->Exists(stop_file);
    const bool again =
        ended.end.WorthARestart() && !stop_wished && restarts_.size() < options_.restarts_max;
    failures = ended.saved_step > 0 ? 1 : failures + 1;
    Restart restart;
    restart.end = ended.end;
    restart.step_reached = std::max({ended.last_step, ended.saved_step, ended.first_step});
    bool go_on = again;
    if (again) {
      ROOKERY_RETURN_IF_ERROR(PlanNext(ended.end, &restart));
      const Duration wait = BackOff(options_.backoff, failures);
      restart.backoff_seconds = Seconds(wait);
      options_.print(StrCat(ended.end.what, "; restart ", restarts_.size() + 1, " of ",
                            options_.restarts_max, " in ", Seconds(wait), " s with ",
                            life_.cluster.servers, " servers and ", life_.cluster.workers,
                            " workers"));
      go_on = options_.wait(wait);
      if (go_on) restarts_.push_back(std::move(restart));
    }
    if (go_on) continue;
    if (stop_wished) ROOKERY_RETURN_IF_ERROR(files_->Remove(stop_file));
    ROOKERY_RETURN_IF_ERROR(WriteReport(ended.end));
    return ended.end.exit_code;
  }
}

Status Supervisor::PlanNext(const JobEnd& end, Restart* restart) {
  const std::size_t bad = faults_.Blame(end, hosts_);
  if (bad < hosts_.size()) {
    restart->dropped_host = hosts_[bad].name;
    hosts_.erase(hosts_.begin() + static_cast<std::ptrdiff_t>(bad));
    std::string text;
    for (const Host& host : hosts_) text += host.line + "\n";
    life_.hostfile = JoinPath(options_.run_directory, "hosts");
    ROOKERY_RETURN_IF_ERROR(files_->MakeDirectory(options_.run_directory));
    ROOKERY_RETURN_IF_ERROR(WriteFileAtomically(*files_, life_.hostfile, text));
    const std::uint32_t ranks = RanksOn(hosts_, hosts_before_, options_.ranks);
    ROOKERY_ASSIGN_OR_RETURN(life_.cluster, LargestShape(options_.job, ranks));
  }
  restart->cluster = life_.cluster;
  ++life_.number;
  life_.overrides = {StrCat("train.slices=", options_.job.train.slices),
                     StrCat("cluster.servers=", life_.cluster.servers)};
  return OkStatus();
}

Status Supervisor::WriteReport(const JobEnd& last) {
  JsonArray list;
  double recovery = 0;
  std::uint64_t steps = 0;
  for (const Restart& restart : restarts_) {
    options_.print(ToText(restart));
    list.emplace_back(ToJson(restart));
    recovery += restart.recovery_seconds.value_or(0);
    steps += restart.step_resumed ? Replayed(restart) : 0;
  }
  if (last.kind != EndKind::kDone) options_.print("the job ended: " + last.what);
  if (restarts_.empty()) return OkStatus();
  options_.print(StrCat(restarts_.size(), " restarts, at least ", steps, " steps again, ", recovery,
                        " s of recovery"));
  JsonObject json;
  json["restarts"] = list;
  json["steps_replayed"] = steps;
  json["recovery_seconds"] = recovery;
  json["ended"] = EndKindName(last.kind);
  json["exit_status"] = last.exit_code;
  return WriteFileAtomically(*files_, JoinPath(options_.run_directory, "restarts.json"),
                             WriteJsonPretty(json));
}

}  // namespace rookery
