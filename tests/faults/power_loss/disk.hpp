// A disk as SQLite may find it after a loss of power: what was synced, and of the rest whatever
// chance lets survive.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace holdfast::fault_tests {

// One thing that was done to the files of a folder.
struct DiskEvent {
  enum class Kind : std::uint8_t {
    write,
    truncate,
    sync,
    failed_sync,
    make,
    remove,
    link,
    sync_folder
  };

  Kind kind = Kind::write;
  std::string name{};        // Of the file in the folder.
  std::uint64_t offset = 0;  // write; truncate: the size
  std::string bytes{};       // write; link: the new name
};

using Files = std::map<std::string, std::string>;  // Content by name.

// How what was not synced fares.
enum class Damage : std::uint8_t {
  lost,     // Nothing of it survives.
  kept,     // All of it does.
  cut,      // All that was written before a moment does.
  dropped,  // Some writes do, others do not, in no order.
  torn,  // Each sector of 512 bytes holds something that it has held since it was synced; cutting
         // a file off is done or not.
};
inline constexpr int damages = 5;

class Disk {
 public:
  // With `files`, all of them durable.
  explicit Disk(const Files& files);

  void take(const DiskEvent& event);
  // What is found when the power comes back. The same for the same numbers.
  [[nodiscard]] Files lose_power(Damage damage, std::uint64_t seed) const;

 private:
  struct Change {
    std::uint64_t offset = 0;
    std::optional<std::string> bytes{};  // Empty: cuts the file off at `offset`.
    std::uint64_t time = 0;
  };
  struct File {
    std::string synced{};
    std::vector<Change> pending{};
    // What processes read, once a sync has failed; empty before that.
    std::optional<std::string> cached{};
  };
  struct Renaming {
    std::string name;
    std::optional<std::size_t> file;  // Empty: the name goes.
    std::uint64_t time = 0;
  };
  using Names = std::map<std::string, std::size_t>;
  class Survival;

  static void apply(const Change& change, std::string& content);
  static void change(File& file, Change change);
  static void sync(File& file);
  static void fail_to_sync(File& file);
  void give_name(const std::string& name, std::optional<std::size_t> file);
  [[nodiscard]] std::string surviving(std::size_t file, const Survival& survival) const;
  [[nodiscard]] Names surviving_names(const Survival& survival) const;

  std::vector<File> files_;
  Names synced_names_;
  Names names_;  // As the running process sees them.
  std::vector<Renaming> pending_names_;
  std::uint64_t time_ = 0;
};

}  // namespace holdfast::fault_tests
