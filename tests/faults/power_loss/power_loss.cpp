#include "power_loss.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "recorder.hpp"
#include "support/temporary_folder.hpp"
#include "vfs/watching_vfs.hpp"

namespace holdfast::fault_tests {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, damages> damage_names{"lost", "kept", "cut", "dropped", "torn"};

class PowerLossRun {
 public:
  explicit PowerLossRun(const PowerLossPlan& plan)
      : plan_(plan), workload_(play_.path(), plan.durability, plan.beginning, plan.seed) {}

  PowerLossCount run() {
    record();
    std::mt19937_64 random(plan_.seed);
    Disk disk(initial_);
    for (std::size_t at = 0; at <= events_.size() && !testing::Test::HasFailure(); ++at) {
      const std::size_t every = at < reached_.front() ? plan_.opening_every : plan_.every;
      if (at % every == plan_.seed % every) {
        const auto damage = static_cast<Damage>(random() % damages);
        lose(disk, at, damage, random());
      }
      if (at < events_.size()) disk.take(events_[at]);
    }
    return count_;
  }

 private:
  struct Moment {
    std::size_t acknowledged = 0;  // The last stage that had been reached.
    std::size_t begun = 0;         // The one that may have been.
  };

  void record() {
    Recorder recorder(play_.path());
    initial_ = recorder.initial();
    if (plan_.syncs_fail) workload_.fail_calls_of(recorder);
    for (std::size_t i = 0; i <= plan_.steps; ++i) {
      workload_.step();
      reached_.push_back(recorder.events().size());
    }
    workload_.close();
    events_ = recorder.events();
  }

  // With so many operations done.
  [[nodiscard]] Moment moment(std::size_t operations) const {
    Moment moment;
    while (moment.acknowledged < reached_.size() && reached_[moment.acknowledged] <= operations) {
      ++moment.acknowledged;
    }
    moment.begun = std::min(moment.acknowledged + 1, workload_.stages().size() - 1);
    return moment;
  }

  void lose(const Disk& disk, std::size_t at, Damage damage, std::uint64_t chance) {
    ++count_.losses;
    SCOPED_TRACE("seed " + std::to_string(plan_.seed) + ", lost before operation " +
                 std::to_string(at) + " of " + std::to_string(events_.size()) + ", damage " +
                 damage_names.at(static_cast<std::size_t>(damage)) + ", chance " +
                 std::to_string(chance));
    const TemporaryFolder folder;
    write_files(disk.lose_power(damage, chance), folder.path());
    try {
      if (plan_.again_every != 0 && count_.losses % plan_.again_every == 0) {
        lose_again(folder.path(), moment(at), chance);
      } else {
        expect_kept(folder.path(), moment(at));
      }
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }

  // Loses power once more while the store is opened.
  void lose_again(const fs::path& folder, const Moment& moment, std::uint64_t chance) {
    ++count_.second_losses;
    std::mt19937_64 random(chance);
    std::optional<Disk> disk;
    std::size_t operations = 0;
    {
      Recorder recorder(folder);
      { Memory memory = open_sqlite(workload_.options(folder)); }
      disk.emplace(recorder.initial());
      operations = random() % (recorder.events().size() + 1);
      for (std::size_t i = 0; i < operations; ++i) disk->take(recorder.events()[i]);
    }
    const auto damage = static_cast<Damage>(random() % damages);
    SCOPED_TRACE("again before operation " + std::to_string(operations) + " of opening, damage " +
                 damage_names.at(static_cast<std::size_t>(damage)));
    const TemporaryFolder second;
    write_files(disk->lose_power(damage, random()), second.path());
    expect_kept(second.path(), moment);
  }

  void expect_kept(const fs::path& folder, const Moment& moment) {
    const std::vector<Stage>& stages = workload_.stages();
    const Stage& begun = stages[moment.begun];
    workload_.clock().set(begun.now);
    SCOPED_TRACE("while it did: " + begun.doing);
    Memory memory = open_sqlite(workload_.options(folder));
    expect_sound(memory);
    const std::string held = everything_in(memory);
    EXPECT_TRUE(is_allowed(held, moment))
        << "it holds:\n"
        << held << "it should hold:\n"
        << everything_in(stages[moment.acknowledged].model, begun.now);
    const WriteResult result = memory.set("afterwards", "k", 1);
    EXPECT_GT(result.revision, stages[moment.acknowledged].greatest) << "given twice";
    EXPECT_EQ(memory.get("afterwards", "k"), MemoryValue(1));
    expect_backup(folder, stages[moment.acknowledged]);
  }

  // At `full` nothing that was acknowledged may be missing, at `normal` the last writes may.
  [[nodiscard]] bool is_allowed(const std::string& held, const Moment& moment) {
    const std::vector<Stage>& stages = workload_.stages();
    const bool full = plan_.durability == SqliteDurability::full;
    const std::size_t first = full ? moment.acknowledged : 0;
    const Stage& begun = stages[moment.begun];
    for (std::size_t i = moment.begun + 1; i-- > first;) {
      if (everything_in(stages[i].model, begun.now) == held) return true;
    }
    const bool has_returned = moment.begun == moment.acknowledged;
    return !has_returned && begun.otherwise && everything_in(*begun.otherwise, begun.now) == held;
  }

  static void expect_sound(Memory& memory) {
    const auto report = memory.maintenance().check_integrity({});
    EXPECT_TRUE(report.ok) << (report.problems.empty() ? "" : report.problems.front());
  }

  // A backup that was reported as done is there, whole, whatever the durability.
  void expect_backup(const fs::path& folder, const Stage& stage) {
    if (stage.backup.empty()) return;
    SqliteOptions options = workload_.options(folder);
    options.path = (folder / stage.backup).string();
    Memory copy = open_sqlite(options);
    expect_sound(copy);
    const Timestamp now = workload_.clock().now();
    EXPECT_EQ(everything_in(copy), everything_in(workload_.stages()[stage.backed_up].model, now))
        << stage.backup;
  }

  const PowerLossPlan plan_;
  const WatchingVfs vfs_;
  const WithoutSyncing without_syncing_;
  const TemporaryFolder play_;
  PowerLossWorkload workload_;
  Files initial_;
  std::vector<DiskEvent> events_;
  std::vector<std::size_t> reached_;  // Operations that were done when a stage was reached.
  PowerLossCount count_;
};

}  // namespace

PowerLossCount lose_power(const PowerLossPlan& plan) { return PowerLossRun(plan).run(); }

}  // namespace holdfast::fault_tests
