// That the disk loses what it may lose, and nothing else.
#include "disk.hpp"

#include <gtest/gtest.h>

#include <set>

namespace holdfast::fault_tests {
namespace {

using Kind = DiskEvent::Kind;

// What the file `f` holds after many losses; "-": there is none.
std::set<std::string> outcomes(const Disk& disk, Damage damage) {
  std::set<std::string> found;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Files files = disk.lose_power(damage, seed);
    found.insert(files.contains("f") ? files.at("f") : "-");
  }
  return found;
}

std::set<std::string> all_outcomes(const Disk& disk) {
  std::set<std::string> found;
  for (int damage = 0; damage < damages; ++damage)
    found.merge(outcomes(disk, static_cast<Damage>(damage)));
  return found;
}

TEST(PowerLossDisk, WhatWasSyncedStays) {
  Disk disk(Files{{"f", "old"}});
  disk.take({Kind::write, "f", 0, "new"});
  EXPECT_EQ(all_outcomes(disk), (std::set<std::string>{"old", "new"}));
  disk.take({Kind::sync, "f", 0, {}});
  EXPECT_EQ(all_outcomes(disk), std::set<std::string>{"new"});
}

TEST(PowerLossDisk, WritesAreDroppedReorderedAndTornBySectors) {
  Disk disk(Files{{"f", std::string(1024, '.')}});
  disk.take({Kind::write, "f", 0, std::string(1024, 'a')});
  const std::string old(512, '.');
  const std::string next(512, 'a');
  EXPECT_EQ(outcomes(disk, Damage::torn),
            (std::set<std::string>{old + old, old + next, next + old, next + next}));
  Disk two(Files{{"f", ".."}});
  two.take({Kind::write, "f", 0, "a"});
  two.take({Kind::write, "f", 1, "b"});
  EXPECT_EQ(outcomes(two, Damage::dropped), (std::set<std::string>{"..", "a.", ".b", "ab"}));
  EXPECT_EQ(outcomes(two, Damage::cut), (std::set<std::string>{"..", "a.", "ab"}));
  EXPECT_EQ(outcomes(two, Damage::lost), std::set<std::string>{".."});
}

TEST(PowerLossDisk, AFileIsCutOffAsAWholeOrNot) {
  const std::string whole(2048, '.');
  Disk disk(Files{{"f", whole}});
  disk.take({Kind::truncate, "f", 600, {}});
  EXPECT_EQ(all_outcomes(disk), (std::set<std::string>{whole, whole.substr(0, 600)}));
}

TEST(PowerLossDisk, NamesAreDurableOnceTheFolderIsSynced) {
  Disk disk(Files{});
  disk.take({Kind::make, "f", 0, {}});
  disk.take({Kind::write, "f", 0, "text"});
  disk.take({Kind::sync, "f", 0, {}});
  EXPECT_TRUE(all_outcomes(disk).contains("-"));
  disk.take({Kind::sync_folder, {}, 0, {}});
  EXPECT_EQ(all_outcomes(disk), std::set<std::string>{"text"});
  disk.take({Kind::remove, "f", 0, {}});
  EXPECT_EQ(all_outcomes(disk), (std::set<std::string>{"-", "text"}));
}

}  // namespace
}  // namespace holdfast::fault_tests
