// Moves that are killed and taken up again, until one comes to its end.
#pragma once

#include <gtest/gtest.h>

#include <iostream>
#include <set>
#include <string>

#include "driver.hpp"
#include "stores.hpp"

namespace holdfast::migration_tests {

// What moves where.
struct Move {
  const char* name;
  Engine from;
  Engine to;
  bool in_use = false;      // The destination holds entries before, some under the same names.
  bool change_log = false;  // The source's.
};

// Shown by GoogleTest where a test fails.
inline void PrintTo(const Move& move, std::ostream* out) { *out << move.name; }

class MigrationKillTest : public testing::TestWithParam<Move> {
 protected:
  // Two entries a batch.
  static constexpr int batch = 2;

  void SetUp() override;

  // Makes a destination and says its URL.
  [[nodiscard]] std::string new_destination(const std::string& name);
  // Updates, erasures, new entries; the clock moves on over some deadlines.
  void change_source();

  [[nodiscard]] MoveArguments arguments(const std::string& destination) const;
  // Runs a move to its end; says what it told.
  [[nodiscard]] MemoryValue move_undisturbed(const std::string& destination);
  // Runs it again and again. Each run is killed one point later than the one before, until one has
  // brought something further, as the destination remembers; then again from `first_point` on. With
  // a low one every state of the destination meets a kill at every point that leads to the next.
  [[nodiscard]] MemoryValue move_with_kills(const std::string& destination, int first_point);
  // Each run is killed from outside when it has told so many lines.
  [[nodiscard]] MemoryValue move_with_kills_from_outside(const std::string& destination,
                                                         std::size_t lines);
  // The same at the source: each run is killed `step` points later than the one before.
  [[nodiscard]] MemoryValue move_with_kills_at_source(const std::string& destination, int step);

  // Holds what was killed on its way to what was not.
  void expect_same(const std::string& destination, const MemoryValue& told,
                   const std::string& undisturbed, const MemoryValue& undisturbed_told);
  void expect_moved(const std::string& destination);
  [[nodiscard]] Memory open_store(const std::string& url) const;

  const Stores stores_;
  std::string source_;
  std::set<std::string> points_;  // Where runs were killed, each once.
  int kills_ = 0;

 private:
  void fill_source();
  // Runs a move; what it told at its end, or empty where it was killed.
  [[nodiscard]] std::optional<MemoryValue> run(const MoveArguments& arguments);

  std::string last_point_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
};

// What `told` says, without what a killed run may say otherwise.
[[nodiscard]] Values outcome(const MemoryValue& told);

inline std::string name_of_move(const testing::TestParamInfo<Move>& info) {
  return info.param.name;
}

inline constexpr Move moves[] = {
    {.name = "SqliteToNewPostgresql", .from = Engine::sqlite, .to = Engine::postgresql},
    {.name = "SqliteToPostgresqlInUse",
     .from = Engine::sqlite,
     .to = Engine::postgresql,
     .in_use = true,
     .change_log = true},
    {.name = "PostgresqlToNewSqlite",
     .from = Engine::postgresql,
     .to = Engine::sqlite,
     .change_log = true},
    {.name = "PostgresqlToSqliteInUse",
     .from = Engine::postgresql,
     .to = Engine::sqlite,
     .in_use = true},
    {.name = "SqliteToNewSqlite", .from = Engine::sqlite, .to = Engine::sqlite},
    {.name = "SqliteToSqliteInUse",
     .from = Engine::sqlite,
     .to = Engine::sqlite,
     .in_use = true,
     .change_log = true},
};

}  // namespace holdfast::migration_tests
