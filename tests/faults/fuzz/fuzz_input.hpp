// What the fuzz targets share: taking an input apart, and saying what it broke.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "holdfast/error.hpp"

namespace holdfast::fault_tests {

// A property that does not hold for an input. libFuzzer takes the exception for a crash and keeps
// the input; the replay of a corpus fails with it.
class Broken : public std::logic_error {
 public:
  Broken(std::string_view property, std::string_view found)
      : std::logic_error(std::string(property) + ": " + std::string(found)) {}
};

inline void expect(bool holds, std::string_view property, std::string_view found = {}) {
  if (!holds) throw Broken(property, found);
}

// What `call` throws; empty where it returns. What is no `Error` passes through: it must not leave
// the library (contract, clause 11.2).
template <typename Call>
[[nodiscard]] std::optional<Error> refusal_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

// Whether `call` returned. It may refuse with `InvalidArgument` and with nothing else.
template <typename Call>
[[nodiscard]] bool is_taken(const Call& call) {
  const std::optional<Error> refusal = refusal_of(call);
  if (!refusal) return true;
  expect(refusal->code() == ErrorCode::invalid_argument, "refused with another code",
         refusal->what());
  return false;
}

// An input from front to back. At its end it gives zeros and empty texts.
class FuzzInput {
 public:
  explicit FuzzInput(std::string_view bytes) : rest_(bytes) {}
  FuzzInput(const std::uint8_t* bytes, std::size_t size)
      : rest_(size == 0 ? std::string_view()
                        : std::string_view(reinterpret_cast<const char*>(bytes), size)) {}

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  // A number below `bound`, from one byte. Digits stand for themselves, so that inputs are
  // readable.
  std::size_t below(std::size_t bound) {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    const bool is_digit = byte >= '0' && byte <= '9';
    return (is_digit ? byte - std::size_t{'0'} : std::size_t{byte}) % bound;
  }
  // Up to the next line feed, which is taken too.
  std::string_view line() {
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
  }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace holdfast::fault_tests

// One input, of any bytes; what libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);
