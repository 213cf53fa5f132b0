// Where a process kills itself: at a chosen one of its own system calls, or after a time.
//
// kill_points.cpp stands in the program between every library and the system: it defines the calls
// by which a store writes, syncs, locks, makes and removes files, or talks to a server. SQLite's
// and libpq's libraries find these before those of the C library.
#pragma once

#include <string>

#include "kill_point.hpp"

namespace holdfast::fault_tests {

// From now on counts the calls to files under `folder`, or, where that is "sockets", what is sent
// and received; kills at the point, after a line on standard output:
// "killed MOMENT CALL FILE DETAILS #NUMBER". Called once. A `timer` kills this process alone.
void arm(const std::string& folder, const KillPoint& point);

// From here on calls are numbered anew in what is said.
void begin_step();

// Kills this process by SIGKILL, and does not return.
[[noreturn]] void die();

}  // namespace holdfast::fault_tests
