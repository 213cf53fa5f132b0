#include <gtest/gtest.h>

#include <iterator>
#include <memory>
#include <vector>

#include "sqlite_crash.hpp"

namespace holdfast::fault_tests {
namespace {

constexpr std::size_t steps_of_a_store = 300;
constexpr std::size_t steps_of_a_life = 25;
constexpr std::uint64_t calls_of_a_life = 200;
constexpr std::uint64_t time_of_a_life = 60'000;

std::int64_t counter(Memory& memory, int number) {
  const auto value = memory.get(shared_namespace, "n" + std::to_string(number));
  return value ? value->get<std::int64_t>() : 0;
}

class SharedStore {
 public:
  SharedStore(const Trial& trial, const Workers& workers, Tally& tally)
      : trial_(trial),
        workers_(workers),
        tally_(tally),
        random_(trial.seed),
        folder_(temporary_.make("store")) {
    for (int i = 0; i < workers.processes * workers.threads; ++i) {
      models_.push_back(std::make_unique<ProcessModel>(
          script(i), steps_of_a_store, trial.change_log, temporary_.make("m" + std::to_string(i))));
    }
  }

  [[nodiscard]] bool goes_on() const {
    for (const auto& model : models_) {
      if (model->next() + steps_of_a_life > steps_of_a_store) return false;
    }
    return !::testing::Test::HasFailure();
  }

  // One life of all processes, of which the first to be looked at is always killed.
  void live() {
    std::vector<std::unique_ptr<CrashDriver>> drivers;
    const auto first = static_cast<int>(random_() % static_cast<unsigned>(workers_.processes));
    for (int i = 0; i < workers_.processes; ++i) {
      const bool is_killed = i == first || random_() % 2 == 0;
      drivers.push_back(std::make_unique<CrashDriver>(orders(i, is_killed)));
    }
    // The others work on.
    look_at(*drivers[static_cast<std::size_t>(first)]);
    for (int i = 0; i < workers_.processes; ++i) {
      if (i != first) look_at(*drivers[static_cast<std::size_t>(i)]);
    }
    if (!::testing::Test::HasFailure()) look_at_all();
  }

 private:
  [[nodiscard]] Script script(int worker) const {
    return {.name = "together", .seed = trial_.seed, .process = worker};
  }
  [[nodiscard]] ProcessModel& model_of(const Order& order) {
    return *models_[static_cast<std::size_t>(order.script.process)];
  }

  std::vector<Order> orders(int process, bool is_killed) {
    std::vector<Order> orders;
    for (int i = 0; i < workers_.threads; ++i) {
      Order order{.url = sqlite_url(folder_, trial_),
                  .folder = folder_,
                  .script = script(process * workers_.threads + i)};
      order.from = model_of(order).next();
      order.to = order.from + steps_of_a_life;
      orders.push_back(std::move(order));
    }
    if (is_killed) orders.front().kill = random_kill(random_, calls_of_a_life, time_of_a_life);
    return orders;
  }

  void look_at(CrashDriver& driver) {
    if (!driver.end(tally_)) return;
    for (const Order& order : driver.orders()) {
      ProcessModel& model = model_of(order);
      auto problem = model.follow(told_by(driver.text(), order.script.process));
      if (!problem) {
        problem = problem_of_store(model, url_to_look(folder_), temporary_.path().string(), false);
      }
      if (problem) ADD_FAILURE() << driver.described() << "beside others\n" << *problem;
    }
  }

  // All are dead or done: what each did is there still, and the shared counters are the sums.
  void look_at_all() {
    const auto problem =
        with_store(url_to_look(folder_), models_[0]->clock(), temporary_.path().string(),
                   [&](Player& store) -> std::optional<std::string> {
                     for (const auto& model : models_) {
                       if (auto one = model->explain(store)) return one;
                     }
                     for (int number = 0; number < shared_counters; ++number) {
                       std::int64_t sum = 0;
                       for (const auto& model : models_) sum += counter(model->memory(), number);
                       if (const auto found = counter(store.memory(), number); found != sum) {
                         return "shared counter " + std::to_string(number) + " is " +
                                std::to_string(found) + ", expected " + std::to_string(sum);
                       }
                     }
                     return std::nullopt;
                   });
    if (problem) {
      ADD_FAILURE() << workers_.processes << " processes of " << workers_.threads
                    << " threads, seed " << trial_.seed << ", durability " << trial_.durability
                    << ": " << *problem;
    }
  }

  const Trial trial_;
  const Workers workers_;
  Tally& tally_;
  std::mt19937_64 random_;
  CrashFolder temporary_;
  const std::string folder_;
  std::vector<std::unique_ptr<ProcessModel>> models_;
};

std::string sqlite_file(const std::string& folder) {
  return "sqlite:" + folder + "/store.db?busy_timeout=60s&max_value_bytes=" +
         std::to_string(differential::max_value_bytes_here);
}

}  // namespace

std::string sqlite_url(const std::string& folder, const Trial& trial) {
  // Options under which files are written and read in another way.
  constexpr const char* ways[] = {"", "&secure_erase=on", "&mmap=64MiB"};
  return sqlite_file(folder) + "&durability=" + trial.durability +
         ways[trial.seed % std::size(ways)] + (trial.change_log ? "&change_log=on" : "");
}

std::string url_to_look(const std::string& folder) {
  return sqlite_file(folder) + "&durability=normal";
}

Ground sqlite_ground() { return {.url = sqlite_url}; }

void crash_together(const Workers& workers, Trial trial, std::size_t kills, Tally& tally) {
  const std::size_t enough = tally.kills + kills;
  for (; tally.kills < enough && !::testing::Test::HasFailure(); ++trial.seed) {
    SharedStore store(trial, workers, tally);
    while (store.goes_on() && tally.kills < enough) store.live();
  }
}

}  // namespace holdfast::fault_tests
