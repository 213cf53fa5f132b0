// A store is moved by a mirror while writers go on at full speed: nothing that was acknowledged is
// missing, and nothing that was erased is back.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "holdfast/in_memory.hpp"
#include "holdfast/mirror.hpp"
#include "stores.hpp"
#include "workload.hpp"

namespace holdfast::migration_tests {
namespace {

constexpr int writers = 4;
constexpr int steps_after = 20;
constexpr int old_entries = 400;

struct Engines {
  Engine from;
  Engine to;
};

void fill(Memory& memory) {
  for (int i = 0; i < old_entries; ++i) memory.set("old", std::to_string(i), i);
}

class MigrationLive : public testing::TestWithParam<Engines> {
 protected:
  // One writer until the move is over, and some steps more.
  void write(Memory& memory, Workload& workload) {
    try {
      for (int after = 0; after < steps_after && !has_failed_; after += is_over_ ? 1 : 0) {
        workload.step(memory);
      }
    } catch (const std::exception& error) {
      has_failed_ = true;
      ADD_FAILURE() << error.what();
    }
  }

  MigrationResult move_under_writers(Mirror& mirror, Memory& agent,
                                     std::vector<Workload>& workloads) {
    std::vector<std::jthread> threads;
    for (Workload& workload : workloads) {
      threads.emplace_back([&] { write(agent, workload); });
    }
    MigrationResult result;
    try {
      static_cast<void>(mirror.copy());
      result = mirror.cut_over();
    } catch (const Error& error) {
      has_failed_ = true;
      ADD_FAILURE() << error.what();
    }
    is_over_ = true;
    return result;
  }

  const Stores stores_;
  std::atomic<bool> is_over_{false};
  std::atomic<bool> has_failed_{false};
};

TEST_P(MigrationLive, NothingAcknowledgedIsMissingAndNothingErasedIsBack) {
  const std::string from = stores_.url(GetParam().from, "from");
  const std::string to = stores_.url(GetParam().to, "to");
  {
    Memory before = open(from);
    fill(before);
  }
  const BackendRegistry registry = built_in_backends();
  MirrorOptions options;
  options.migration.batch_entries = 20;
  options.destination_patience = std::chrono::minutes(10);
  Mirror mirror(registry.open_backend(from), registry.open_backend(to), options);
  Memory agent = mirror.memory();
  std::vector<Workload> workloads;
  for (int number = 0; number < writers; ++number) workloads.emplace_back(number);
  const MigrationResult result = move_under_writers(mirror, agent, workloads);
  ASSERT_FALSE(has_failed_);
  EXPECT_TRUE(result.verified);
  EXPECT_TRUE(mirror.status().cut_over);
  EXPECT_EQ(mirror.status().behind, 0U);

  // The same steps, one writer after the other, in a store that was never moved.
  Memory model = open_in_memory();
  fill(model);
  for (const Workload& done : workloads) {
    Workload again(done.number());
    while (again.steps() < done.steps()) again.step(model);
  }
  EXPECT_EQ(values_of(agent), values_of(model));
}

INSTANTIATE_TEST_SUITE_P(, MigrationLive,
                         testing::Values(Engines{Engine::sqlite, Engine::postgresql},
                                         Engines{Engine::postgresql, Engine::sqlite},
                                         Engines{Engine::sqlite, Engine::sqlite}),
                         [](const auto& tested) {
                           return "From_" + to_string(tested.param.from) + "_to_" +
                                  to_string(tested.param.to);
                         });

}  // namespace
}  // namespace holdfast::migration_tests
