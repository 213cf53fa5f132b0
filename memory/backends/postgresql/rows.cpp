#include "rows.hpp"

#include <charconv>
#include <concepts>
#include <string>
#include <type_traits>
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

// Of so many bytes, the most significant one first.
template <std::unsigned_integral Unsigned>
std::int64_t number_of(std::string_view bytes) noexcept {
  Unsigned number = 0;
  for (const char byte : bytes.substr(0, sizeof number)) {
    number = static_cast<Unsigned>(number << 8U | static_cast<unsigned char>(byte));
  }
  return static_cast<std::make_signed_t<Unsigned>>(number);
}

}  // namespace

Rows::Rows(pqxx::result result) : result_(std::move(result)) {}

Rows::Rows(std::shared_ptr<PGresult> result) : binary_(std::move(result)) {}

std::size_t Rows::size() const noexcept {
  if (binary_ != nullptr) return static_cast<std::size_t>(PQntuples(binary_.get()));
  return static_cast<std::size_t>(result_.size());
}

bool Rows::is_null(std::size_t row, std::size_t column) const {
  if (binary_ != nullptr) {
    return PQgetisnull(binary_.get(), static_cast<int>(row), static_cast<int>(column)) != 0;
  }
  return libpqxx::is_null(result_, row, column);
}

std::string_view Rows::text(std::size_t row, std::size_t column) const {
  if (binary_ != nullptr) {
    const auto at = static_cast<int>(row);
    const auto in = static_cast<int>(column);
    return {PQgetvalue(binary_.get(), at, in),
            static_cast<std::size_t>(PQgetlength(binary_.get(), at, in))};
  }
  return libpqxx::text(result_, row, column);
}

std::int64_t Rows::binary_integer(std::size_t row, std::size_t column) const {
  const std::string_view bytes = text(row, column);
  if (bytes.size() == sizeof(std::int64_t)) return number_of<std::uint64_t>(bytes);
  if (bytes.size() == sizeof(std::int32_t)) return number_of<std::uint32_t>(bytes);
  fail_reading(row, column, "an integer");
}

std::int64_t Rows::integer(std::size_t row, std::size_t column) const {
  if (binary_ != nullptr) return binary_integer(row, column);
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

// A head of the number of dimensions, whether there are nulls, the type, the size and the first
// index, four bytes each; then each element behind its length. Nothing but the first three where
// there are no elements.
std::vector<std::int64_t> Rows::binary_integers(std::size_t row, std::size_t column) const {
  constexpr std::size_t head = 20;
  constexpr std::size_t element = 12;
  const std::string_view bytes = text(row, column);
  std::vector<std::int64_t> numbers;
  if (bytes.size() < head) return numbers;
  const auto size = static_cast<std::size_t>(number_of<std::uint32_t>(bytes.substr(12)));
  if (bytes.size() != head + size * element) fail_reading(row, column, "an array of bigint");
  numbers.reserve(size);
  for (std::size_t at = head; at < bytes.size(); at += element) {
    numbers.push_back(number_of<std::uint64_t>(bytes.substr(at + 4)));
  }
  return numbers;
}

// The text form is "{1,2}".
std::vector<std::int64_t> Rows::integers(std::size_t row, std::size_t column) const {
  if (binary_ != nullptr) return binary_integers(row, column);
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
  if (binary_ != nullptr && word.size() == 1) return word[0] != '\0';
  if (word != "t" && word != "f") fail_reading(row, column, "a truth value");
  return word == "t";
}

}  // namespace holdfast::postgresql
