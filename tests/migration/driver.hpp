// A running move_driver and what it prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "driver_process.hpp"

namespace holdfast::migration_tests {

class Driver : public test_processes::DriverProcess {
 public:
  explicit Driver(std::vector<std::string> arguments);
};

// How a driver moves; see move_driver.cpp.
struct MoveArguments {
  std::string source;
  std::string destination;
  std::int64_t clock_ms = 0;
  int batch = 0;
  std::string policy = "fail";
  std::string side = "none";
  int point = 0;

  [[nodiscard]] std::vector<std::string> words() const;
};

}  // namespace holdfast::migration_tests
