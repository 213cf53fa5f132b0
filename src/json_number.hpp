/// @file
/// Numbers of JSON text in their one canonical spelling: int64 in decimal; double in the fewest
/// digits that read back as the same double, always with a '.' or an 'e'.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast {

/// The most bytes that either function below writes.
inline constexpr std::size_t number_size_max = 32;
/// Writes at `out`; returns the end.
char* write_integer(std::int64_t integer, char* out) noexcept;
/// Writes a finite `number` at `out`; returns the end.
char* write_double(double number, char* out) noexcept;

/// Empty unless all of `text` is an integer within int64.
[[nodiscard]] std::optional<std::int64_t> read_integer(std::string_view text) noexcept;
/// Empty unless all of `text` is a number whose nearest double is finite. What is too small for
/// any other double is read as zero of its sign.
[[nodiscard]] std::optional<double> read_double(std::string_view text) noexcept;

}  // namespace holdfast
