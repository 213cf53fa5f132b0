#include "driver.hpp"

#include <utility>

namespace holdfast::migration_tests {

Driver::Driver(std::vector<std::string> arguments)
    : DriverProcess(MOVE_DRIVER, std::move(arguments)) {}

std::vector<std::string> MoveArguments::words() const {
  return {"move", source, destination,          std::to_string(clock_ms), std::to_string(batch),
          policy, side,   std::to_string(point)};
}

}  // namespace holdfast::migration_tests
