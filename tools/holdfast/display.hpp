/// @file
/// Text for people: widths, shortening, times, sizes; and the times and durations people type.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "holdfast/time.hpp"

namespace holdfast::program {

/// Columns that `text` takes on a terminal: two for wide characters, none for combining ones.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

/// The beginning of `text` that fits into `width` columns, ending in an ellipsis where it was cut.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t width);

/// Control characters and invalid UTF-8 as \u001b or \xff, so that text from a store cannot steer
/// the terminal and stays one line.
[[nodiscard]] std::string escape_controls(std::string_view text);

/// ISO 8601 in UTC with milliseconds: 2026-01-31T12:00:00.000Z.
[[nodiscard]] std::string format_time(Timestamp time);

/// For example "1.5 MiB"; below 1 KiB "512 B".
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

/// "1 entry", "2 entries": the number and the word that goes with it.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view one,
                                  std::string_view many);

/// Reads "500ms", "30s", "5min", "2h" or "1d". Throws `InvalidArgument`.
[[nodiscard]] std::chrono::milliseconds parse_duration(std::string_view text);

/// Reads milliseconds since the epoch, "2026-01-31" or "2026-01-31T12:00:00[.123]Z". Throws
/// `InvalidArgument`.
[[nodiscard]] Timestamp parse_time(std::string_view text);

}  // namespace holdfast::program
