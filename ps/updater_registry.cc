#include <array>

#include "common/check.h"
#include "ps/updater.h"
#include "ps/updaters/rules.h"

namespace rookery {
namespace {

struct Entry {
  UpdaterKind kind;
  std::string_view name;
  std::unique_ptr<Updater> (*make)(const UpdaterSpec&);
};

constexpr std::array kUpdaters = {
    Entry{UpdaterKind::kSgd, "sgd", MakeSgd},
    Entry{UpdaterKind::kMomentum, "momentum", MakeMomentum},
    Entry{UpdaterKind::kAdagrad, "adagrad", MakeAdagrad},
    Entry{UpdaterKind::kRowwiseAdagrad, "rowwise_adagrad", MakeRowwiseAdagrad},
    Entry{UpdaterKind::kAdam, "adam", MakeAdam},
    Entry{UpdaterKind::kAdamW, "adamw", MakeAdam},
    Entry{UpdaterKind::kFtrl, "ftrl", MakeFtrl},
    Entry{UpdaterKind::kLamb, "lamb", MakeLamb},
};

const Entry* Find(UpdaterKind kind) {
  for (const Entry& entry : kUpdaters) {
    if (entry.kind == kind) return &entry;
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<Updater> MakeUpdater(const UpdaterSpec& spec) {
  const Entry* entry = Find(spec.kind);
  ROOKERY_CHECK(entry != nullptr) << "updater kind " << static_cast<int>(spec.kind);
  return entry->make(spec);
}

StatusOr<UpdaterKind> UpdaterKindFromName(std::string_view name) {
  std::string known;
  for (const Entry& entry : kUpdaters) {
    if (entry.name == name) return entry.kind;
    known += StrCat(known.empty() ? "" : ", ", entry.name);
  }
  return InvalidInput("unknown updater '", name, "'; known: ", known);
}

std::string_view UpdaterName(UpdaterKind kind) {
  const Entry* entry = Find(kind);
  return entry == nullptr ? "unknown" : entry->name;
}

}  // namespace rookery
