/// @file
/// Numbers that a person gives a random test through the environment.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

namespace holdfast::conformance {

/// The number in the variable `name`; empty where it is not set.
[[nodiscard]] inline std::optional<std::uint64_t> number_from_environment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  return std::stoull(text);
}

}  // namespace holdfast::conformance
