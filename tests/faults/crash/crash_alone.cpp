#include <gtest/gtest.h>

#include "crash_run.hpp"

namespace holdfast::fault_tests {
namespace {

// A driver draws all steps before its own, so that longer ones take longer to start.
constexpr std::size_t steps_of_a_store = 500;
constexpr std::size_t steps_of_a_life = 40;
// Opening makes some 40, a step 10.
constexpr std::uint64_t calls_of_a_life = 300;
constexpr std::uint64_t microseconds_of_a_life = 40'000;

class Chain {
 public:
  Chain(const Ground& ground, const Trial& trial, Tally& tally)
      : ground_(ground),
        trial_(trial),
        tally_(tally),
        random_(trial.seed),
        folder_(temporary_.make("store")),
        script_{.name = "alone", .seed = trial.seed},
        model_(script_, steps_of_a_store, trial.change_log, temporary_.path().string()) {}

  [[nodiscard]] bool goes_on() const {
    return !::testing::Test::HasFailure() && model_.next() + steps_of_a_life <= steps_of_a_store;
  }

  // One life of a process, and a look at what it left.
  void live(bool is_killed) {
    Order order{.url = ground_.url(folder_, trial_),
                .folder = folder_,
                .script = script_,
                .from = model_.next(),
                .to = model_.next() + steps_of_a_life,
                .watches_sockets = !ground_.in_files};
    if (is_killed) order.kill = random_kill(random_, calls_of_a_life, microseconds_of_a_life);
    CrashDriver driver(order);
    const auto told = driver.end(tally_);
    if (!told) return;
    if (ground_.settle) ground_.settle();
    auto problem = model_.follow(*told);
    // Half of the time the next process finds the files as they were left, and recovers them.
    const bool on_a_copy = ground_.in_files && random_() % 2 == 0;
    const std::string looked_at = on_a_copy ? temporary_.copy(folder_, "copy") : folder_;
    if (!problem) {
      problem = problem_of_store(model_, ground_.url(looked_at, trial_), temporary_.path().string(),
                                 on_a_copy);
    }
    if (problem) ADD_FAILURE() << driver.described() << *problem;
  }

 private:
  const Ground& ground_;
  const Trial trial_;
  Tally& tally_;
  std::mt19937_64 random_;
  CrashFolder temporary_;
  const std::string folder_;
  const Script script_;
  ProcessModel model_;
};

}  // namespace

void crash_alone(const Ground& ground, Trial trial, std::size_t kills, Tally& tally) {
  const std::size_t enough = tally.kills + kills;
  for (; tally.kills < enough && !::testing::Test::HasFailure(); ++trial.seed) {
    Chain chain(ground, trial, tally);
    while (chain.goes_on() && tally.kills < enough) chain.live(true);
    if (chain.goes_on()) chain.live(false);
  }
}

}  // namespace holdfast::fault_tests
