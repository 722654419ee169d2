// InputReaders that make examples of lines "user item item ..." (data/sequence.h).
//
// Owner    they own the reader of lines; the catalog outlives them. Threads: as data/input.h says.
#pragma once

#include <cstdint>
#include <memory>

#include "common/random.h"
#include "data/catalog.h"
#include "data/input.h"
#include "data/sequence.h"

namespace rookery {

// For training, with label 1:
//   kPairs     (user, item, negative) for each item of the line, `negatives` times
//   kNextItem  (user, item, negative, history) of a line of two training items or more: the history
//              has all but the last of them, or as many as are kept; item j is the one after
//              element j of the history, and its negatives are those from j * `negatives` on
// A negative is never one of the user's training items; a user who has all gives no examples,
// unless there are no negatives. Negatives are drawn from the stream (seed, epoch, run), so a run
// gives the same examples whoever reads it, whenever.
[[nodiscard]] std::unique_ptr<InputReader> MakeTrainingReader(std::unique_ptr<InputReader> lines,
                                                              const Catalog* catalog,
                                                              const SequenceOptions& options,
                                                              std::uint64_t seed);

// For ranking: one example of a line that has items in the set: the user; the line's items of the
// set as a list; no negative. The history is what is kept of the items before them: those of the
// line with kLeaveOneOut, else the user's training items, for test followed by those of valid, in
// the order of the files. The catalog is used only for these.
[[nodiscard]] std::unique_ptr<InputReader> MakeRankingReader(std::unique_ptr<InputReader> lines,
                                                             const Catalog* catalog,
                                                             const SequenceOptions& options,
                                                             SequenceSet set);

// Of these two the one for a set.
[[nodiscard]] std::unique_ptr<InputReader> MakeSetReader(std::unique_ptr<InputReader> lines,
                                                         const Catalog* catalog,
                                                         const SequenceOptions& options,
                                                         std::uint64_t seed, SequenceSet set);

// One item that is not in `own` (ascending); nothing when all are. Uniform or by popularity: of the
// items outside `own`, after 64 misses the next one behind.
[[nodiscard]] std::optional<Catalog::Item> DrawNegative(const Catalog& catalog,
                                                        NegativeSampling sampling,
                                                        std::span<const Catalog::Item> own,
                                                        Random& random);

}  // namespace rookery
