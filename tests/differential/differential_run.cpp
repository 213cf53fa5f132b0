#include "differential_run.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>
#include <random>

#include "holdfast/conformance/environment.hpp"
#include "random_steps.hpp"

namespace holdfast::differential {
namespace {

// Long enough for what only many writes show, short enough to be made shorter.
constexpr std::size_t steps_of_a_run = 1000;

class Players {
 public:
  Players(std::span<const StoreUnderTest> stores, const RunOptions& options,
          const std::shared_ptr<ManualClock>& clock, const std::filesystem::path& folder)
      : clock_(clock) {
    for (const StoreUnderTest& store : stores) {
      StoreRequest request;
      request.folder = folder / std::to_string(players_.size());
      request.clock = clock;
      request.change_log = options.change_log;
      request.max_entries = options.max_entries;
      request.max_value_bytes = max_value_bytes_here;
      players_.push_back(std::make_unique<Player>(store, request));
    }
  }

  [[nodiscard]] Player& reference() { return *players_.front(); }

  // What they disagree on; empty: nothing.
  [[nodiscard]] std::optional<std::string> play(const Step& step) {
    clock_->advance(step.clock_moves);
    const Answer expected = reference().answer(step);
    std::optional<std::string> text;
    for (const auto& player : std::span(players_).subspan(1)) {
      const Answer answer = player->answer(step);
      const auto difference = expected.first_difference(answer, player->pairs);
      if (!difference) continue;
      text = text.value_or(abridged(step.text)) + "\n  " + reference().name() + ": " +
             difference->reference + "\n  " + player->name() + ": " + difference->other;
    }
    return text;
  }

 private:
  std::shared_ptr<ManualClock> clock_;
  std::vector<std::unique_ptr<Player>> players_;
};

std::vector<Entry> everything(Memory& memory) {
  MemoryQuery query;
  query.scope = {Namespace(), true};
  query.order = OrderBy::updated;
  query.limit = MemoryQuery::max_limit;
  return memory.query(query).entries;
}

// What one store holds, moved to new ones of every kind.
std::vector<Step> steps_after_moving(std::vector<Entry> entries, std::uint64_t seed) {
  std::vector<Step> steps{restore_all(std::move(entries)), see_everything(), see_changes(0, 7)};
  RandomSteps random(seed, ManualClock().now());
  for (int i = 0; i < 20; ++i) steps.push_back(random.next());
  steps.push_back(see_everything());
  return steps;
}

std::vector<Step> random_steps(std::uint64_t seed, std::size_t count) {
  RandomSteps random(seed, ManualClock().now());
  std::vector<Step> steps;
  if (seed % 5 == 0) steps.push_back(random.restore_with_revisions());
  while (steps.size() < count) steps.push_back(random.next());
  return steps;
}

RunOptions options_of(std::uint64_t seed) {
  RunOptions options;
  options.change_log = seed % 2 == 1;
  if (seed % 4 == 3) options.max_entries = 12;
  return options;
}

// Whether the last step shows a difference, and none before it.
bool differ_at_the_end(std::span<const StoreUnderTest> stores, const RunOptions& options,
                       std::span<const Step> steps, const std::filesystem::path& folder) {
  const auto difference = play(stores, options, steps, folder);
  return difference && difference->step + 1 == steps.size();
}

// Leaves out what can be left out before the last step, by halves, quarters, ..., single steps.
std::vector<Step> shortened(std::span<const StoreUnderTest> stores, const RunOptions& options,
                            std::vector<Step> steps, const std::filesystem::path& folder) {
  int attempts = 500;
  for (std::size_t length = steps.size() / 2; length > 0; length /= 2) {
    for (std::size_t at = 0; at + 1 < steps.size() && attempts > 0;) {
      const std::size_t end = std::min(at + length, steps.size() - 1);
      std::vector<Step> fewer(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(at));
      fewer.insert(fewer.end(), steps.begin() + static_cast<std::ptrdiff_t>(end), steps.end());
      --attempts;
      if (differ_at_the_end(stores, options, fewer, folder)) {
        steps = std::move(fewer);
      } else {
        at = end;
      }
    }
  }
  return steps;
}

std::string report(std::span<const StoreUnderTest> stores, const RunOptions& options,
                   std::vector<Step> steps, const Disagreement& first, std::uint64_t seed,
                   const std::filesystem::path& folder) {
  const std::size_t all = steps.size();
  std::string text = "seed " + std::to_string(seed) + ", step " + std::to_string(first.step) +
                     ", " + first.text +
                     "\nTo see it again: HOLDFAST_DIFFERENTIAL_SEED=" + std::to_string(seed) +
                     " HOLDFAST_DIFFERENTIAL_STEPS=" + std::to_string(all);
  if (first.step >= all) return text;  // All of them are needed to fill the store that is moved.
  steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(first.step) + 1, steps.end());
  steps = shortened(stores, options, std::move(steps), folder);
  text += "\nThe last of these steps shows a difference:";
  for (const Step& step : steps) text += "\n  " + abridged(step.text);
  const auto still = play(stores, options, steps, folder);
  return text + "\nIt is: " + (still ? still->text : "gone when it was tried again");
}

// Unique on this machine, also as the name of what lies in a server.
std::filesystem::path new_folder() {
  static std::atomic<int> folders{0};
  const std::string name =
      "differential_" + std::to_string(getpid()) + "_" + std::to_string(folders++);
  return std::filesystem::temp_directory_path() / name;
}

}  // namespace

std::optional<Disagreement> play(std::span<const StoreUnderTest> stores, const RunOptions& options,
                                 std::span<const Step> steps, const std::filesystem::path& folder) {
  const auto clock = std::make_shared<ManualClock>();
  std::vector<Entry> held;
  {
    Players players(stores, options, clock, folder);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (auto text = players.play(steps[i])) return Disagreement{i, std::move(*text)};
    }
    if (auto text = players.play(see_everything())) {
      return Disagreement{steps.size(), std::move(*text)};
    }
    held = everything(players.reference().memory());
  }
  Players players(stores, options, clock, folder);
  for (const Step& step : steps_after_moving(std::move(held), steps.size())) {
    if (auto text = players.play(step)) {
      return Disagreement{steps.size(), "after moving to a new store, " + *text};
    }
  }
  return std::nullopt;
}

std::optional<std::string> compare_stores(std::span<const StoreUnderTest> stores,
                                          std::uint64_t seed, std::size_t steps) {
  const std::filesystem::path folder = new_folder();
  std::optional<std::string> difference;
  for (std::size_t done = 0; done < steps && !difference; ++seed) {
    const std::size_t length = std::min(steps_of_a_run, steps - done);
    const std::vector<Step> drawn = random_steps(seed, length);
    const RunOptions options = options_of(seed);
    if (const auto first = play(stores, options, drawn, folder)) {
      difference = report(stores, options, drawn, *first, seed, folder);
    }
    done += length;
  }
  std::error_code ignored;  // What stays behind lies in the folder for temporary files.
  std::filesystem::remove_all(folder, ignored);
  return difference;
}

void expect_that_stores_agree(std::size_t steps) {
  using conformance::number_from_environment;
  const std::uint64_t seed =
      number_from_environment("HOLDFAST_DIFFERENTIAL_SEED").value_or(std::random_device()());
  const std::uint64_t count =
      number_from_environment("HOLDFAST_DIFFERENTIAL_STEPS").value_or(steps);
  const std::vector<StoreUnderTest> stores = all_stores();
  for (const StoreUnderTest& store : stores) std::cout << store.name << ' ';
  std::cout << "compared over " << count << " random steps from seed " << seed << '\n';
  const auto difference = compare_stores(stores, seed, static_cast<std::size_t>(count));
  EXPECT_FALSE(difference.has_value()) << *difference;
}

}  // namespace holdfast::differential
