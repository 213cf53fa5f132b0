// What every kind of crash test shares: its folder, drivers that are killed, and the look at what
// they left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "crash_order.hpp"
#include "driver_process.hpp"
#include "process_model.hpp"
#include "support/temporary_folder.hpp"

namespace holdfast::fault_tests {

// What is on trial.
struct Trial {
  std::string durability = "full";
  bool change_log = false;
  std::uint64_t seed = 1;
};

class CrashFolder : public TemporaryFolder {
 public:
  // A new and empty one in it, in the place of an earlier one of that name.
  [[nodiscard]] std::string make(const std::string& name) const;
  [[nodiscard]] std::string copy(const std::string& from, const std::string& name) const;
};

// Kills that happened. Points are told apart by the script, its step, which of the step's (or of
// opening's) system calls it was, with its file and place, and the moment; with a timer by its
// time.
struct Tally {
  std::size_t kills = 0;
  std::set<std::string> points;
  std::size_t unfinished = 0;  // Kills within a step, which was applied or not.

  void add(const Order& order, const Told& told);
  [[nodiscard]] std::string text() const;
};

// A driver that has been started.
class CrashDriver : public test_processes::DriverProcess {
 public:
  explicit CrashDriver(const Order& order) : CrashDriver(std::vector<Order>{order}) {}
  // With a thread for each order.
  explicit CrashDriver(std::vector<Order> orders);

  [[nodiscard]] const std::vector<Order>& orders() const noexcept { return orders_; }
  [[nodiscard]] std::string described() const;  // To see it again.
  // Waits for its end. Counts it where it was killed. What the first order's thread said; empty,
  // and a failure of the test, where it ended by itself and badly.
  [[nodiscard]] std::optional<Told> end(Tally& tally);

 private:
  std::vector<Order> orders_;
};

// In one of `calls` system calls, or after up to `microseconds`.
[[nodiscard]] KillPoint random_kill(std::mt19937_64& random, std::uint64_t calls,
                                    std::uint64_t microseconds);

// A store's URL for `open`.
struct Ground {
  std::function<std::string(const std::string& folder, const Trial& trial)> url;
  bool in_files = true;            // In that folder, so that it can be copied.
  std::function<void()> settle{};  // Waits until what the dead left has come to its end.
};

// One process works on one store, and is killed so many times; each time the next one goes on with
// what the one before left. Further stores follow where the steps of one come to their end.
void crash_alone(const Ground& ground, Trial trial, std::size_t kills, Tally& tally);

// Opens the store and holds it to the model; `scratch` is a folder of the test. With `probes` a
// write has to succeed, too, with a revision above all those acknowledged. What is wrong; empty:
// nothing.
[[nodiscard]] std::optional<std::string> problem_of_store(ProcessModel& model,
                                                          const std::string& url,
                                                          const std::string& scratch, bool probes);

// Runs `body` with an open store, its integrity checked.
[[nodiscard]] std::optional<std::string> with_store(
    const std::string& url, const std::shared_ptr<ManualClock>& clock, const std::string& scratch,
    const std::function<std::optional<std::string>(Player&)>& body);

}  // namespace holdfast::fault_tests
