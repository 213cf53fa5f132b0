#include "rows.hpp"

#include <charconv>
#include <string>
#include <utility>

#include "errors.hpp"
#include "libpqxx.hpp"

namespace holdfast::postgresql {

namespace {

[[noreturn]] void fail_reading(std::size_t row, std::size_t column, std::string_view expected) {
  std::string message = "the server sent something other than ";
  message.append(expected).append(" in row ").append(std::to_string(row));
  message.append(", column ").append(std::to_string(column)).append(" of a result");
  fail(ErrorCode::corruption, std::move(message));
}

}  // namespace

Rows::Rows(pqxx::result result) : result_(std::move(result)) {}

std::size_t Rows::size() const noexcept { return static_cast<std::size_t>(result_.size()); }

bool Rows::is_null(std::size_t row, std::size_t column) const {
  return libpqxx::is_null(result_, row, column);
}

std::string_view Rows::text(std::size_t row, std::size_t column) const {
  return libpqxx::text(result_, row, column);
}

std::int64_t Rows::integer(std::size_t row, std::size_t column) const {
  const std::string_view digits = text(row, column);
  std::int64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped_at, error] = std::from_chars(digits.data(), end, number);
  if (digits.empty() || error != std::errc() || stopped_at != end) {
    fail_reading(row, column, "an integer");
  }
  return number;
}

std::optional<std::int64_t> Rows::optional_integer(std::size_t row, std::size_t column) const {
  if (is_null(row, column)) return std::nullopt;
  return integer(row, column);
}

// The text form is "{1,2}".
std::vector<std::int64_t> Rows::integers(std::size_t row, std::size_t column) const {
  const std::string_view array = text(row, column);
  if (array.size() < 2) fail_reading(row, column, "an array");
  std::vector<std::int64_t> numbers;
  const char* at = array.data() + 1;
  const char* const end = array.data() + array.size() - 1;
  while (at < end) {
    std::int64_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) fail_reading(row, column, "an array of integers");
    numbers.push_back(number);
    at = next + 1;  // Past the comma or the brace.
  }
  return numbers;
}

bool Rows::boolean(std::size_t row, std::size_t column) const {
  const std::string_view word = text(row, column);
  if (word != "t" && word != "f") fail_reading(row, column, "a truth value");
  return word == "t";
}

}  // namespace holdfast::postgresql
