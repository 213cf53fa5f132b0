// Writers in other processes that know of no migration are caught up with by rounds.
#include <gtest/gtest.h>

#include <string>

#include "driver.hpp"
#include "holdfast/in_memory.hpp"
#include "holdfast/migration.hpp"
#include "stores.hpp"
#include "workload.hpp"

namespace holdfast::migration_tests {
namespace {

constexpr int steps = 150;

struct Source {
  Engine engine;
  bool change_log;
};

class MigrationBesideProcesses : public testing::TestWithParam<Source> {
 protected:
  const Stores stores_;
};

TEST_P(MigrationBesideProcesses, RoundsBringAllOnceTheWritersHaveStopped) {
  const std::string from =
      stores_.url(GetParam().engine, "from", GetParam().change_log ? "&change_log=on" : "");
  const std::string to =
      stores_.url(GetParam().engine == Engine::sqlite ? Engine::postgresql : Engine::sqlite, "to");
  Memory source = open(from);
  Memory destination = open(to);
  MigrationOptions options;
  options.batch_entries = 20;
  Driver first({"write", from, "1", std::to_string(steps)});
  Driver second({"write", from, "2", std::to_string(steps)});
  for (const std::size_t lines : {5U, 60U, 120U}) {
    ASSERT_TRUE(first.read_lines(lines)) << first.text();
    static_cast<void>(migrate(source, destination, options));
  }
  first.wait();
  second.wait();
  ASSERT_TRUE(first.succeeded());
  ASSERT_TRUE(second.succeeded());
  EXPECT_TRUE(migrate(source, destination, options).verified);

  Memory model = open_in_memory();
  for (const int number : {1, 2}) {
    Workload again(number);
    while (again.steps() < steps) again.step(model);
  }
  EXPECT_EQ(values_of(destination), values_of(model));
  EXPECT_EQ(entries_of(destination, OrderBy::created), entries_of(source, OrderBy::created));
  EXPECT_EQ(entries_of(destination, OrderBy::updated), entries_of(source, OrderBy::updated));
}

INSTANTIATE_TEST_SUITE_P(
    , MigrationBesideProcesses,
    testing::Values(Source{Engine::sqlite, false}, Source{Engine::sqlite, true},
                    Source{Engine::postgresql, false}, Source{Engine::postgresql, true}),
    [](const auto& tested) {
      return to_string(tested.param.engine) + (tested.param.change_log ? "_with_change_log" : "");
    });

}  // namespace
}  // namespace holdfast::migration_tests
