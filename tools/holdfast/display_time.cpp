#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <limits>
#include <optional>
#include <utility>

#include "display.hpp"
#include "holdfast/error.hpp"

namespace holdfast::program {
namespace {

using std::chrono::milliseconds;

struct Date {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

/// The Gregorian date of a day counted from 1970-01-01. std::chrono's years end at 32767, and a
/// deadline may lie beyond.
Date date_of(std::int64_t days) noexcept {
  days += 719'468;  // Days from 0000-03-01, so that a leap day ends its year.
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto shifted_month = static_cast<unsigned>((5 * day_of_year + 2) / 153);  // 0: March.
  const auto day = static_cast<unsigned>(day_of_year) - (153 * shifted_month + 2) / 5 + 1;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

/// Takes exactly `digits` digits from the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take_char(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Timestamp> parse_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take_char(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take_char(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return Timestamp(std::chrono::sys_days{date});
}

std::optional<milliseconds> parse_time_of_day(std::string_view& text) {
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take_char(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59 || !take_char(text, ':')) return std::nullopt;
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  int fraction_ms = 0;
  if (take_char(text, '.')) {
    const auto digits = take_digits(text, 3);
    if (!digits) return std::nullopt;
    fraction_ms = *digits;
  }
  if (!take_char(text, 'Z')) return std::nullopt;
  return std::chrono::hours{*hours} + std::chrono::minutes{*minutes} +
         std::chrono::seconds{*seconds} + milliseconds{fraction_ms};
}

std::optional<Timestamp> parse_iso(std::string_view text) {
  std::optional<Timestamp> time = parse_date(text);
  if (!time || text.empty()) return time;
  if (!take_char(text, 'T')) return std::nullopt;
  const auto time_of_day = parse_time_of_day(text);
  if (!time_of_day || !text.empty()) return std::nullopt;
  return *time + *time_of_day;
}

}  // namespace

std::string format_time(Timestamp time) {
  const std::int64_t total_ms = time.time_since_epoch().count();
  constexpr std::int64_t day_ms = 86'400'000;
  std::int64_t days = total_ms / day_ms;
  if (total_ms % day_ms < 0) --days;
  const auto ms = static_cast<long>(total_ms - days * day_ms);
  const Date date = date_of(days);
  std::array<char, 64> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%04lld-%02u-%02uT%02ld:%02ld:%02ld.%03ldZ",
                static_cast<long long>(date.year), date.month, date.day, ms / 3'600'000,
                ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
  return buffer.data();
}

milliseconds parse_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
      {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view suffix = text.substr(static_cast<std::size_t>(rest - text.data()));
  for (const auto& [unit, unit_ms] : units) {
    if (error != std::errc{} || suffix != unit) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / unit_ms || number < 0) break;
    return milliseconds{number * unit_ms};
  }
  throw_invalid_argument("\"" + std::string(text) +
                         "\" is no duration; write a whole number and ms, s, min, h or d, for "
                         "example 30s or 2h");
}

Timestamp parse_time(std::string_view text) {
  if (const auto time = parse_iso(text)) return *time;
  std::int64_t ms = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error == std::errc{} && rest == text.data() + text.size()) return Timestamp(milliseconds{ms});
  throw_invalid_argument("\"" + std::string(text) +
                         "\" is no time; write 2026-01-31, 2026-01-31T12:00:00Z or milliseconds "
                         "since 1970-01-01T00:00:00Z");
}

}  // namespace holdfast::program
