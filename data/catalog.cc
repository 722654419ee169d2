#include "data/catalog.h"

#include <algorithm>

namespace rookery {
namespace {

constexpr std::uint64_t kChunksPerRun = 8;
constexpr std::uint32_t kLinesPerChunk = 256;

void SortUnique(std::vector<Catalog::Interaction>* interactions) {
  std::ranges::sort(*interactions);
  const auto repeated = std::ranges::unique(*interactions);
  interactions->erase(repeated.begin(), repeated.end());
}

Status AddLines(const Batch& lines, SequenceSplit split, SequenceSet set,
                std::vector<Catalog::Interaction>* interactions) {
  const FeatureColumn& items = lines.features[1];
  for (std::size_t i = 0; i < lines.examples; ++i) {
    const auto [begin, end] = PartOfLine(split, set, items.End(i) - items.Begin(i));
    for (std::size_t k = items.Begin(i) + begin; k < items.Begin(i) + end; ++k) {
      interactions->push_back({lines.features[0].keys[i], items.keys[k]});
    }
  }
  if (interactions->size() <= Catalog::kInteractionsMax) return OkStatus();
  return InvalidInput("more than ", Catalog::kInteractionsMax,
                      " items in the lines of all users; format \"sequence\" keeps them in memory");
}

StatusOr<std::vector<Catalog::Interaction>> ReadAll(FileSystem* files, const FittedSchema& lines,
                                                    InputOptions input, SequenceSplit split,
                                                    SequenceSet set) {
  std::vector<Catalog::Interaction> interactions;
  input.chunk_examples = kLinesPerChunk;
  const std::unique_ptr<InputReader> reader = MakeInputReader(files, &lines, input);
  for (std::uint32_t file = 0; file < input.files.size(); ++file) {
    ChunkRun run{file, 0, 1, kChunksPerRun};
    for (bool more = true; more; run.first += run.count) {
      ROOKERY_ASSIGN_OR_RETURN(RunResult result, reader->Read(run));
      ROOKERY_RETURN_IF_ERROR(
          Annotate(AddLines(result.examples, split, set, &interactions), input.files[file]));
      more = !result.end_of_file;
      reader->Recycle(std::move(result.examples));
    }
  }
  return interactions;
}

}  // namespace

Catalog::Catalog(std::vector<Interaction> train, std::vector<Interaction> valid, bool in_order) {
  std::vector<Interaction> train_order, valid_order;
  if (in_order) {
    train_order = train;
    valid_order = valid;
    std::ranges::stable_sort(train_order, {}, &Interaction::user);
    std::ranges::stable_sort(valid_order, {}, &Interaction::user);
  }
  SortUnique(&train);
  SortUnique(&valid);
  for (const Interaction& one : train) keys_.push_back(one.item);
  std::ranges::sort(keys_);
  const auto repeated = std::ranges::unique(keys_);
  keys_.erase(repeated.begin(), repeated.end());
  keys_.shrink_to_fit();
  for (const Interaction& one : train) {
    users_.try_emplace(one.user, static_cast<std::uint32_t>(users_.size()));
  }
  train_ = ListsOf(train);
  valid_ = ListsOf(valid);
  train_order_ = ListsOf(train_order);
  valid_order_ = ListsOf(valid_order);
  users_of_.resize(keys_.size());
  for (const Item item : train_.items) ++users_of_[item];
}

// Users have ascending numbers in the order of their keys, as `by_user` has them.
Catalog::Lists Catalog::ListsOf(const std::vector<Interaction>& by_user) const {
  Lists lists;
  lists.offsets.resize(users_.size() + 1);
  for (const Interaction& one : by_user) {
    const auto user = users_.find(one.user);
    const std::optional<Item> item = Find(one.item);
    if (user == users_.end() || !item) continue;
    lists.items.push_back(*item);
    lists.offsets[user->second + 1] = lists.items.size();
  }
  for (std::size_t u = 1; u < lists.offsets.size(); ++u) {
    lists.offsets[u] = std::max(lists.offsets[u], lists.offsets[u - 1]);
  }
  lists.items.shrink_to_fit();
  return lists;
}

std::optional<Catalog::Item> Catalog::Find(Key item) const {
  const auto found = std::ranges::lower_bound(keys_, item);
  if (found == keys_.end() || *found != item) return std::nullopt;
  return static_cast<Item>(found - keys_.begin());
}

std::span<const Catalog::Item> Catalog::Of(const Lists& lists, Key user) const {
  const auto found = users_.find(user);
  if (found == users_.end()) return {};
  const std::uint64_t begin = lists.offsets[found->second];
  return std::span(lists.items).subspan(begin, lists.offsets[found->second + 1] - begin);
}

StatusOr<Catalog> ReadCatalog(FileSystem* files, const FittedSchema& lines,
                              const CatalogInput& input) {
  ROOKERY_ASSIGN_OR_RETURN(
      auto train, ReadAll(files, lines, input.train, input.options.split, SequenceSet::kTrain));
  if (train.empty()) {
    return InvalidInput(input.train.files.front(),
                        ": no user with an item to train on; a line is \"user item item ...\"");
  }
  ROOKERY_ASSIGN_OR_RETURN(
      auto valid, ReadAll(files, lines, input.valid, input.options.split, SequenceSet::kValid));
  Catalog catalog(std::move(train), std::move(valid), NeedsOrder(input.options));
  if (!input.options.told_from_catalog || catalog.keys().size() <= kToldItemsMax) return catalog;
  return InvalidInput(input.train.files.front(), ": ", catalog.keys().size(),
                      " items; model.item_loss = \"full_softmax\" tells an item from at most ",
                      kToldItemsMax, ": use \"softmax\" and data.negatives");
}

}  // namespace rookery
