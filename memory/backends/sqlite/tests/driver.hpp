// A process of its own, for tests of several.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "driver_process.hpp"

namespace holdfast::sqlite_tests {

// A running sharing_driver and what it prints.
class Driver : public test_processes::DriverProcess {
 public:
  explicit Driver(std::vector<std::string> arguments)
      : DriverProcess(SHARING_DRIVER, std::move(arguments)) {}

  // Kills it, and reads what it still said.
  std::string kill_and_read() {
    kill();
    return text();
  }
};

}  // namespace holdfast::sqlite_tests
