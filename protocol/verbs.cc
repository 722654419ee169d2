#include "protocol/verbs.h"

#include "common/error.h"

namespace rookery {

std::string VerbName(VerbId verb) {
  for (const VerbInfo& info : kVerbs) {
    if (info.verb == verb) return info.name;
  }
  return StrCat("verb ", Raw(verb));
}

Role ClusterShape::role(Rank rank) const {
  if (Raw(rank) == 0) return Role::kScheduler;
  return Raw(rank) <= servers ? Role::kServer : Role::kWorker;
}

std::uint32_t ClusterShape::index(Rank rank) const {
  switch (role(rank)) {
    case Role::kScheduler:
      return 0;
    case Role::kServer:
      return Raw(rank) - 1;
    case Role::kWorker:
      return Raw(rank) - 1 - servers;
  }
  return 0;
}

std::string ClusterShape::Name(Rank rank) const {
  switch (role(rank)) {
    case Role::kScheduler:
      return StrCat("rank ", Raw(rank), " (scheduler)");
    case Role::kServer:
      return StrCat("rank ", Raw(rank), " (server ", index(rank), ")");
    case Role::kWorker:
      return StrCat("rank ", Raw(rank), " (worker ", index(rank), ")");
  }
  return StrCat("rank ", Raw(rank));
}

}  // namespace rookery
