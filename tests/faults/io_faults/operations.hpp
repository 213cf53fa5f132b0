// Every operation of a store, on a store that has something for each of them to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "holdfast/sqlite.hpp"

namespace holdfast::fault_tests {

// One that changes something does it in one step here: for each of them there is one commit to
// make.
struct Operation {
  std::string name;
  // What it answers, as one text. The folder is the store's.
  std::function<std::string(Memory& memory, const std::filesystem::path& folder)> call;
};

[[nodiscard]] std::vector<Operation> all_operations();

// A way in which a store is opened.
struct Opening {
  std::string name;
  std::function<void(const std::filesystem::path& folder)> prepare;  // Makes the files.
  bool read_only = false;
};

[[nodiscard]] std::vector<Opening> all_openings();

inline constexpr const char* store_name = "store.db";

// What differs in how a store writes.
enum class Writing : std::uint8_t { full, normal, secure_erase };

[[nodiscard]] SqliteOptions store_options(const std::filesystem::path& folder,
                                          Writing writing = Writing::full);
// Makes the store that the operations work on.
void fill_store(const std::filesystem::path& folder);
// Everything that a store shows, as one text: entries, changes, searches, vectors, notes.
[[nodiscard]] std::string everything_shown(Memory& memory);

}  // namespace holdfast::fault_tests
