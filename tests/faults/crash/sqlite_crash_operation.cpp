#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "holdfast/open.hpp"
#include "sqlite_crash.hpp"

namespace holdfast::fault_tests {
namespace {

using Moment = KillPoint::Moment;
namespace fs = std::filesystem;

// Kills drivers on copies of a folder, one system call after the other.
class EachCall {
 public:
  // `order`: what a driver does in the folder whose copies are made; its URL is made anew for each.
  EachCall(const Trial& trial, const CrashFolder& temporary, std::string prepared, Order order,
           Tally& tally)
      : trial_(trial),
        temporary_(temporary),
        prepared_(std::move(prepared)),
        order_(std::move(order)),
        tally_(tally) {}

  // Says what is wrong with a folder after a kill.
  using Look = std::function<std::optional<std::string>(const std::string& folder, const Told&)>;

  void kill(std::size_t first, std::size_t stride, const Look& look) {
    for (std::size_t number = first; !::testing::Test::HasFailure(); number += stride) {
      const auto told = kill_at({Moment::after, number}, look);
      if (!told || told->killed.empty()) return;
      // Only what is written can be written by half.
      if (told->killed.starts_with("after write")) kill_at({Moment::half, number}, look);
    }
  }

 private:
  std::optional<Told> kill_at(const KillPoint& point, const Look& look) {
    const std::string folder = temporary_.copy(prepared_, "work");
    Order order = order_;
    order.url = sqlite_url(folder, trial_);
    order.folder = folder;
    if (order.script.name == "backup") order.script.backup = folder + "/backup.db";
    order.kill = point;
    CrashDriver driver(order);
    const auto told = driver.end(tally_);
    if (!told) return std::nullopt;
    if (const auto problem = look(folder, *told)) ADD_FAILURE() << driver.described() << *problem;
    return told;
  }

  const Trial& trial_;
  const CrashFolder& temporary_;
  const std::string prepared_;
  const Order order_;
  Tally& tally_;
};

// The same of a backup, where there is one: it is whole.
std::optional<std::string> problem_of_backup(ProcessModel& model, const std::string& folder,
                                             const std::string& scratch) {
  const std::string backup = folder + "/backup.db";
  if (!fs::exists(backup)) return std::nullopt;
  auto problem = problem_of_store(model, "sqlite:" + backup, scratch, true);
  if (problem) problem->insert(0, "the backup: ");
  return problem;
}

// A store of an earlier version of the format, closed. Made by taking away what came later.
void take_back(const std::string& file, int version) {
  std::string sql =
      "DROP TABLE search_vector; DROP TABLE search_block; DROP TABLE search_configuration; "
      "ALTER TABLE counter DROP COLUMN search_generation;";
  if (version < 2) sql += "DROP TABLE note;";
  sql += "PRAGMA user_version=" + std::to_string(version);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

void make_old_store(const std::string& file, int version) {
  Memory memory = open("sqlite:" + file, {.clock = std::make_shared<ManualClock>()});
  for (int i = 0; i < 200; ++i) {
    const Namespace ns = i % 3 == 0 ? "talk" : i % 3 == 1 ? "talk/a" : "other";
    const std::string text = i % 20 == 0 ? std::string(9000, 'l') : "a red car";
    memory.set(ns, std::to_string(i), text);
  }
  memory.close();
  take_back(file, version);
}

// What is seen of a store; its own model where nothing else is known of it.
std::optional<std::string> seen_in(const std::string& folder, const std::string& scratch,
                                   Answer& answer) {
  return with_store(url_to_look(folder), std::make_shared<ManualClock>(), scratch,
                    [&](Player& player) -> std::optional<std::string> {
                      answer = player.answer(see({Namespace(), true}, false));
                      return std::nullopt;
                    });
}

}  // namespace

namespace {

// A store that a process left when it died: with entries, a search index, and a log.
class PreparedStore {
 public:
  explicit PreparedStore(const Trial& trial) : trial_(trial), folder_(temporary_.make("prepared")) {
    Trial quick = trial;
    quick.durability = "normal";  // The file is the same, and comes sooner.
    CrashDriver driver({.url = sqlite_url(folder_, quick),
                        .folder = folder_,
                        .script = {.seed = trial.seed},
                        .to = steps_before_operation,
                        .dies_at_end = true});
    Tally unused;
    told_ = driver.end(unused).value_or(Told());
    EXPECT_EQ(told_.acknowledged.size(), steps_before_operation);
  }

  void kill(const std::string& operation, std::size_t first, std::size_t stride, Tally& tally) {
    const Script script{.name = operation, .seed = trial_.seed};
    const bool opens = operation == "nothing";
    const Order order{.script = script,
                      .from = steps_before_operation,
                      .to = steps_before_operation + (opens ? 0 : 1),
                      .opens_undisturbed = !opens};
    const std::string scratch = temporary_.path().string();
    EachCall calls(trial_, temporary_, folder_, order, tally);
    calls.kill(first, stride, [&](const std::string& folder, const Told& told) {
      ProcessModel model(script, order.to, trial_.change_log, scratch);
      auto problem = model.follow(told_);
      if (!problem) problem = model.follow(told);
      // The backup first, since a probe follows in the store.
      if (!problem) problem = problem_of_backup(model, folder, scratch);
      if (problem) return problem;
      return problem_of_store(model, url_to_look(folder), scratch, true);
    });
  }

 private:
  const Trial trial_;
  const CrashFolder temporary_;
  const std::string folder_;
  Told told_;  // By the process that made it.
};

}  // namespace

void crash_operations(const Trial& trial, std::size_t stride, Tally& tally) {
  PreparedStore store(trial);
  std::size_t first = 0;
  for (const std::string& operation : operation_names()) {
    if (::testing::Test::HasFailure()) return;
    const std::size_t before = tally.kills;
    store.kill(operation, 1 + first, stride, tally);
    std::cout << operation << ": " << tally.kills - before << " kills\n";
    EXPECT_GT(tally.kills, before) << operation;
    // Not the same calls of each.
    first = (first + 7) % std::min<std::size_t>(stride, 20);
  }
}

void crash_creating(const Trial& trial, std::size_t first, std::size_t stride, Tally& tally) {
  const CrashFolder temporary;
  const std::string scratch = temporary.path().string();
  const Script script{.name = "alone", .seed = trial.seed};
  const Order order{.script = script, .to = 2};
  EachCall calls(trial, temporary, temporary.make("prepared"), order, tally);
  calls.kill(first, stride, [&](const std::string& folder, const Told& told) {
    ProcessModel model(script, order.to, trial.change_log, scratch);
    auto problem = model.follow(told);
    if (problem) return problem;
    return problem_of_store(model, sqlite_url(folder, trial), scratch, true);
  });
}

void crash_migrating(int version, const Trial& trial, std::size_t first, std::size_t stride,
                     Tally& tally) {
  const CrashFolder temporary;
  const std::string scratch = temporary.path().string();
  const std::string prepared = temporary.make("prepared");
  ASSERT_NO_FATAL_FAILURE(make_old_store(prepared + "/store.db", version));
  Answer expected;
  ASSERT_EQ(seen_in(temporary.copy(prepared, "undisturbed"), scratch, expected), std::nullopt);
  const std::string name = "format " + std::to_string(version);
  const Order order{.script = {.name = name, .seed = trial.seed}};
  EachCall calls(trial, temporary, prepared, order, tally);
  calls.kill(first, stride,
             [&](const std::string& folder, const Told&) -> std::optional<std::string> {
               Answer real;
               if (auto problem = seen_in(folder, scratch, real)) return problem;
               conformance::RevisionPairs pairs;
               const auto difference = expected.first_difference(real, pairs);
               if (!difference) return std::nullopt;
               return "expected " + difference->reference + ", found " + difference->other;
             });
}

}  // namespace holdfast::fault_tests
