// Catalog: all items of the training files, and which of them each user has.
//
// Made by one pass over the files; the same on every worker, since it is ordered by keys. It takes
// 4 bytes an interaction (a user with an item, however often), 12 an item and some 40 a user, and
// 16 bytes an interaction while it is made, of which kInteractionsMax are possible; both twice when
// the order is kept.
// Owner    plain data. Threads: const methods from any.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/error.h"
#include "data/input.h"
#include "data/sequence.h"
#include "io/file_system.h"

namespace rookery {

class Catalog {
 public:
  using Item = std::uint32_t;  // an index into keys()
  struct Interaction {
    Key user;
    Key item;
    auto operator<=>(const Interaction&) const = default;
  };
  static constexpr std::size_t kInteractionsMax = std::size_t{1} << 27U;

  Catalog() = default;
  // Of `valid` those count whose user and item are in `train`. `in_order`: also keeps the order of
  // each user's items.
  Catalog(std::vector<Interaction> train, std::vector<Interaction> valid, bool in_order = false);

  // Ascending.
  [[nodiscard]] std::span<const Key> keys() const { return keys_; }
  [[nodiscard]] std::optional<Item> Find(Key item) const;
  [[nodiscard]] std::size_t users() const { return users_.size(); }  // of training
  // By item: how many users have it.
  [[nodiscard]] std::span<const std::uint32_t> users_of() const { return users_of_; }
  // An item of every interaction: a uniform choice is one by popularity.
  [[nodiscard]] std::span<const Item> interactions() const { return train_.items; }
  // Ascending; none of an unknown user.
  [[nodiscard]] std::span<const Item> TrainItems(Key user) const { return Of(train_, user); }
  [[nodiscard]] std::span<const Item> ValidItems(Key user) const { return Of(valid_, user); }
  // The same in the order of the files, as often as they are there. REQUIRES: the order was kept.
  [[nodiscard]] std::span<const Item> TrainOrder(Key user) const { return Of(train_order_, user); }
  [[nodiscard]] std::span<const Item> ValidOrder(Key user) const { return Of(valid_order_, user); }

 private:
  struct Lists {
    std::vector<std::uint64_t> offsets = {0};  // by user
    std::vector<Item> items;
  };
  [[nodiscard]] std::span<const Item> Of(const Lists& lists, Key user) const;
  [[nodiscard]] Lists ListsOf(const std::vector<Interaction>& by_user) const;

  std::vector<Key> keys_;
  std::vector<std::uint32_t> users_of_;
  std::unordered_map<Key, std::uint32_t> users_;
  Lists train_, valid_;
  Lists train_order_, valid_order_;
};

struct CatalogInput {
  InputOptions train;
  InputOptions valid;  // no files: there is no such set
  SequenceOptions options;
};

// `lines`: the schema of format sequence. kInvalidInput: a line that cannot be read, more than
// kInteractionsMax, training files without an item, or with more than kToldItemsMax where that
// matters.
[[nodiscard]] StatusOr<Catalog> ReadCatalog(FileSystem* files, const FittedSchema& lines,
                                            const CatalogInput& input);

}  // namespace rookery
