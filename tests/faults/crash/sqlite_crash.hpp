// SQLite stores under processes that are killed.
#pragma once

#include <cstddef>
#include <string>

#include "crash_run.hpp"

namespace holdfast::fault_tests {

// The store in a folder, to work on; the seed says in which of some ways it is written and read.
[[nodiscard]] std::string sqlite_url(const std::string& folder, const Trial& trial);
// The same to be looked at, where it is there already.
[[nodiscard]] std::string url_to_look(const std::string& folder);
[[nodiscard]] Ground sqlite_ground();

// Who works on one store at once.
struct Workers {
  int processes = 4;
  int threads = 1;  // Of each process, with one handle.
};
// As `crash_alone` with several workers. Some of the processes live on while what a dead one left
// is looked at.
void crash_together(const Workers& workers, Trial trial, std::size_t kills, Tally& tally);

// A process that does one operation is killed at each `stride`-th of its system calls; each time on
// another copy of the same store, whose log holds writes. So for each of `operation_names`.
void crash_operations(const Trial& trial, std::size_t stride, Tally& tally);

// The same from the `first` call on while a store is made, and while one of the format `version` is
// brought up to date.
void crash_creating(const Trial& trial, std::size_t first, std::size_t stride, Tally& tally);
void crash_migrating(int version, const Trial& trial, std::size_t first, std::size_t stride,
                     Tally& tally);

}  // namespace holdfast::fault_tests
