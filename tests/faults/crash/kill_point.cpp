#include "kill_point.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace holdfast::fault_tests {
namespace {

constexpr std::array<std::string_view, 5> moments{"never", "before", "half", "after", "timer"};

}  // namespace

std::string to_string(KillPoint::Moment moment) {
  return std::string(moments.at(static_cast<std::size_t>(moment)));
}

KillPoint::Moment moment_named(const std::string& name) {
  for (std::size_t i = 0; i < moments.size(); ++i) {
    if (moments[i] == name) return static_cast<KillPoint::Moment>(i);
  }
  throw std::invalid_argument("no moment: " + name);
}

}  // namespace holdfast::fault_tests
