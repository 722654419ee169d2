#include "launch/selection/selection_arguments.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace rookery {
namespace {

std::vector<std::string> Words(std::string_view text, char separator) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t end = text.find(separator);
    words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

template <class Number>
bool Parse(std::string_view text, Number* value) {
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, *value);
  return error == std::errc() && end == last;
}

void ReadDedup(const SelectionArguments& arguments, SelectionOptions* options) {
  options->dedup_keep = arguments.dedup_keep == "last" ? Repeat::kLast : Repeat::kFirst;
  options->dedup_lines = arguments.dedup == "all";
  if (!arguments.dedup.empty() && !options->dedup_lines) {
    options->dedup = Words(arguments.dedup, ',');
  }
}

Status ReadCore(const std::string& text, SelectionOptions* options) {
  if (text.empty()) return OkStatus();
  for (const std::string& word : Words(text, ',')) {
    const std::size_t colon = word.rfind(':');
    SelectionOptions::Core core;
    core.column = word.substr(0, colon);
    if (colon == std::string::npos ||
        !Parse(std::string_view(word).substr(colon + 1), &core.least) || core.least == 0) {
      return InvalidInput("--core ", text,
                          ": write COLUMN:COUNT with a count of 1 or more, as in user:5,item:5");
    }
    options->core.push_back(core);
  }
  return OkStatus();
}

Status ReadShares(const std::string& text, SplitShares* shares) {
  double train = 0;
  const std::vector<std::string> words = Words(text, ',');
  const bool numbers = words.size() == 3 && Parse(words[0], &train) &&
                       Parse(words[1], &shares->valid) && Parse(words[2], &shares->test);
  constexpr double kRounding = 1e-6;
  if (numbers && train > 0 && shares->valid >= 0 && shares->test >= 0 &&
      std::abs(train + shares->valid + shares->test - 1) < kRounding) {
    return OkStatus();
  }
  return InvalidInput("--shares ", text,
                      ": write those of train, valid and test, which add up to 1, as in "
                      "0.8,0.1,0.1 or 0.9,0,0.1");
}

bool HasThreshold(const SelectionArguments& arguments) {
  return !arguments.valid_from.empty() || !arguments.test_from.empty();
}

Status ReadThreshold(const char* name, const std::string& text, std::optional<double>* value) {
  if (text.empty()) return OkStatus();
  double number = 0;
  if (!Parse(text, &number) || !std::isfinite(number)) {
    return InvalidInput(name, " ", text, ": write a number, as the column of --order has them");
  }
  *value = number;
  return OkStatus();
}

Status ReadThresholds(const SelectionArguments& arguments, SelectionOptions* options) {
  ROOKERY_RETURN_IF_ERROR(
      ReadThreshold("--valid-from", arguments.valid_from, &options->valid_from));
  ROOKERY_RETURN_IF_ERROR(ReadThreshold("--test-from", arguments.test_from, &options->test_from));
  if (!options->valid_from || !options->test_from || *options->valid_from <= *options->test_from) {
    return OkStatus();
  }
  return InvalidInput("--valid-from ", arguments.valid_from, " is later than --test-from ",
                      arguments.test_from, "; valid comes before test");
}

Status CheckTime(const SelectionArguments& arguments) {
  const bool thresholds = HasThreshold(arguments);
  if (arguments.order.empty()) {
    return InvalidInput("--split time needs --order COLUMN, the column with the time");
  }
  if (thresholds == !arguments.shares.empty()) {
    return InvalidInput(
        "--split time needs either --valid-from and --test-from or --shares TRAIN,VALID,TEST");
  }
  if (thresholds && !arguments.group.empty()) {
    return InvalidInput("--group: a split of groups in time needs --shares, not --test-from");
  }
  return OkStatus();
}

Status CheckLeaveOneOut(const SelectionArguments& arguments) {
  if (arguments.group.empty()) {
    return InvalidInput("--split leave-one-out needs --group COLUMN, such as the user");
  }
  if (!arguments.shares.empty() || HasThreshold(arguments)) {
    return InvalidInput(
        "--split leave-one-out takes the last two of each group; leave out --shares, --valid-from "
        "and --test-from");
  }
  return OkStatus();
}

Status CheckRatio(const SelectionArguments& arguments) {
  if (!arguments.shares.empty() && !HasThreshold(arguments)) {
    return OkStatus();
  }
  return InvalidInput(
      "--split ratio needs --shares TRAIN,VALID,TEST, and no --valid-from or "
      "--test-from, which are of --split time");
}

Status ReadSplit(const SelectionArguments& arguments, SelectionOptions* options) {
  options->group = arguments.group;
  options->order = arguments.order;
  if (arguments.split.empty()) {
    if (arguments.group.empty() && arguments.shares.empty() && !HasThreshold(arguments)) {
      return OkStatus();
    }
    return InvalidInput(
        "--group, --shares, --valid-from and --test-from need --split leave-one-out, time or "
        "ratio");
  }
  if (arguments.split == "leave-one-out") {
    options->split = SplitKind::kLeaveOneOut;
    return CheckLeaveOneOut(arguments);
  }
  options->split = arguments.split == "time" ? SplitKind::kTime : SplitKind::kRatio;
  ROOKERY_RETURN_IF_ERROR(options->split == SplitKind::kTime ? CheckTime(arguments)
                                                             : CheckRatio(arguments));
  if (!arguments.shares.empty()) return ReadShares(arguments.shares, &options->shares);
  return ReadThresholds(arguments, options);
}

Status ReadSequence(const std::string& text, SelectionOptions* options) {
  if (text.empty()) return OkStatus();
  const std::vector<std::string> words = Words(text, ',');
  if (words.size() != 2 || words[0].empty() || words[1].empty() || words[0] == words[1]) {
    return InvalidInput("--sequence ", text,
                        ": write the columns of the user and the item, as in user,item");
  }
  options->sequence_user = words[0];
  options->sequence_item = words[1];
  return OkStatus();
}

}  // namespace

bool AsksForSelection(const SelectionArguments& arguments) {
  return !GivenOf(arguments).empty();
}

StatusOr<SelectionOptions> SelectionOptionsOf(const SelectionArguments& arguments) {
  SelectionOptions options;
  if (arguments.dedup.empty() && arguments.core.empty() && arguments.split.empty() &&
      arguments.sequence.empty()) {
    return InvalidInput("--", GivenOf(arguments).front().first,
                        " needs --dedup, --core, --split or --sequence to have a meaning");
  }
  ReadDedup(arguments, &options);
  ROOKERY_RETURN_IF_ERROR(ReadCore(arguments.core, &options));
  ROOKERY_RETURN_IF_ERROR(ReadSplit(arguments, &options));
  ROOKERY_RETURN_IF_ERROR(ReadSequence(arguments.sequence, &options));
  return options;
}

std::vector<std::pair<std::string, std::string>> GivenOf(const SelectionArguments& arguments) {
  std::vector<std::pair<std::string, std::string>> given;
  const auto add = [&given](const char* name, const std::string& text) {
    if (!text.empty()) given.emplace_back(name, text);
  };
  add("dedup", arguments.dedup);
  add("dedup-keep", arguments.dedup_keep);
  add("core", arguments.core);
  add("split", arguments.split);
  add("group", arguments.group);
  add("order", arguments.order);
  add("shares", arguments.shares);
  add("valid-from", arguments.valid_from);
  add("test-from", arguments.test_from);
  add("sequence", arguments.sequence);
  return given;
}

}  // namespace rookery
