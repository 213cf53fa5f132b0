/// @file
/// What several tests of values share: the code of an error, a sample and random values.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/error.hpp"
#include "holdfast/value.hpp"

namespace holdfast {

/// The error that `call` throws; empty when it throws none.
template <typename Call>
std::optional<Error> error_of(Call call) {
  try {
    static_cast<void>(call());
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

template <typename Call>
std::optional<ErrorCode> code_of(Call call) {
  const std::optional<Error> error = error_of(call);
  if (!error) return std::nullopt;
  return error->code();
}

inline MemoryValue parsed(std::string_view text) { return MemoryValue::parse(text); }

/// Every kind, every sort of escape, nesting and both special forms, in canonical text.
inline constexpr std::string_view canonical_sample =
    R"({"":null,"bytes":{"$bytes":"AAEC/w=="},"double":[1.0,-0.0,0.1,1e+300,5e-324],)"
    R"("int":[0,-1,9223372036854775807,-9223372036854775808],"list":[[],[[]],[true,false]],)"
    R"("map":{"$map":{"$bytes":"AA=="}},"text":["","\"\\\b\f\n\r\t\u0000\u001f/)"
    "\x7F\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"
    R"("],"z":{"a":{"b":{}},"é\n":1}})";

/// Random values of every kind, with a liking for edges.
class RandomValues {
 public:
  explicit RandomValues(std::uint32_t seed) : random_(seed) {}

  MemoryValue next(int levels = 4) {
    switch (below(levels > 0 ? 9U : 6U)) {
      case 0:
        return {};
      case 1:
        return below(2) == 0;
      case 2:
        return integer();
      case 3:
        return number();
      case 4:
        return text();
      case 5:
        return MemoryValue::bytes(bytes());
      case 6:
        return list(levels);
      default:
        return map(levels);
    }
  }

  std::string text() {
    static const std::vector<std::string> pieces = {"a",
                                                    "b",
                                                    "\"",
                                                    "\\",
                                                    "/",
                                                    std::string(1, '\0'),
                                                    "\x1F",
                                                    "\n",
                                                    "\t",
                                                    "\x7F",
                                                    "\xC3\xA9",
                                                    "\xE2\x82\xAC",
                                                    "\xF0\x9F\x98\x80",
                                                    "$bytes",
                                                    "$map",
                                                    "AA==",
                                                    "some longer plain text"};
    std::string text;
    for (std::size_t count = below(4); count > 0; --count) text += pieces[below(pieces.size())];
    return text;
  }

  std::int64_t integer() {
    constexpr std::int64_t max = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t edges[] = {0, 1, -1, 10, max, -max - 1, (1LL << 53) + 1};
    if (below(2) == 0) return edges[below(std::size(edges))];
    return static_cast<std::int64_t>(bits());
  }

  /// A finite double of random bits.
  double number() {
    while (true) {
      const auto number = std::bit_cast<double>(bits());
      if (std::isfinite(number)) return number;
    }
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::uint64_t bits() { return std::uint64_t{random_()} << 32U | random_(); }

 private:
  Bytes bytes() {
    Bytes bytes(below(7));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random_());
    return bytes;
  }

  MemoryValue list(int levels) {
    std::vector<MemoryValue> elements(below(4));
    for (MemoryValue& element : elements) element = next(levels - 1);
    return MemoryValue::list(elements);
  }

  /// One in three is a map that looks like a special form.
  MemoryValue map(int levels) {
    MemoryValue map = MemoryValue::map({});
    if (below(6) == 0) return map.with("$bytes", "AAEC");
    if (below(5) == 0) return map.with("$map", next(levels - 1));
    for (std::size_t count = below(4); count > 0; --count) map = map.with(text(), next(levels - 1));
    return map;
  }

  std::mt19937 random_;
};

}  // namespace holdfast
