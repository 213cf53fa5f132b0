#include "awkward.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <string_view>

namespace holdfast::differential {
namespace {

using conformance::below_bound;
using conformance::random_utf8;
using namespace std::string_view_literals;

constexpr std::array awkward_namespaces{"",
                                        "a",
                                        "a!b",
                                        "a/b",
                                        "a0",
                                        "a!",
                                        "a/b/c",
                                        "a%2Fb",
                                        "users/42",
                                        "users/421",
                                        "users/42/c",
                                        "%25",
                                        "_",
                                        "a\"b'",
                                        "a\\b",
                                        "\xc3\xa9/x",
                                        "\xf0\x9f\x98\x80",
                                        " "};
constexpr std::array awkward_keys{"",
                                  "k",
                                  "k1",
                                  "kk",
                                  "%",
                                  "_",
                                  "*",
                                  "?",
                                  "'",
                                  "\"",
                                  "\\",
                                  "\\x",
                                  "$1",
                                  "K",
                                  "\xc3\xa9",
                                  "e\xcc\x81",
                                  "/",
                                  "a/b",
                                  "a::b",
                                  "\n",
                                  "\x01\x7f",
                                  "{\"a\":1}",
                                  "\xef\xbf\xbf",
                                  "\xf0\x9f\x98\x80z"};
constexpr std::array awkward_patterns{"",
                                      "",
                                      "k*",
                                      "?",
                                      "*1",
                                      "\\*",
                                      "\\\\*",
                                      "*k*",
                                      "%",
                                      "_",
                                      "%*",
                                      "*\xc3\xa9*",
                                      "??",
                                      "*/*",
                                      "'*",
                                      "\\?",
                                      "*\"",
                                      "$*",
                                      "\xf0\x9f\x98\x80?"};

template <std::size_t Count>
std::vector<std::string> some_of(std::mt19937_64& random, const std::array<const char*, Count>& all,
                                 std::size_t count) {
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.emplace_back(all[below_bound(random, Count)]);
  return chosen;
}

template <std::size_t Count>
MemoryValue parsed(std::mt19937_64& random, const std::array<std::string_view, Count>& texts) {
  return MemoryValue::parse(texts[below_bound(random, Count)]);
}

MemoryValue awkward_number(std::mt19937_64& random) {
  static constexpr std::array texts{"-0.0"sv,
                                    "0"sv,
                                    "0.0"sv,
                                    "9007199254740993"sv,
                                    "9007199254740992.0"sv,
                                    "9007199254740992"sv,
                                    "1152921504606846976"sv,
                                    "1152921504606846976.0"sv,
                                    "1152921504606846977"sv,
                                    "9223372036854775807"sv,
                                    "9223372036854775808.0"sv,
                                    "-9223372036854775808"sv,
                                    "-9223372036854775808.0"sv,
                                    "1e300"sv,
                                    "1.7976931348623157e308"sv,
                                    "5e-324"sv,
                                    "-5e-324"sv,
                                    "2.2250738585072014e-308"sv,
                                    "0.1"sv,
                                    "0.30000000000000004"sv,
                                    "1e21"sv,
                                    "-1e-7"sv,
                                    "1"sv,
                                    "1.0"sv};
  return parsed(random, texts);
}

MemoryValue awkward_text(std::mt19937_64& random) {
  static constexpr std::array texts{R"("a\u0000b")"sv,
                                    R"("\u0000")"sv,
                                    R"("a")"sv,
                                    R"("\\u0000")"sv,
                                    R"("\"quoted\" 'too'")"sv,
                                    R"("null")"sv,
                                    R"("1")"sv,
                                    R"("%_*\\")"sv,
                                    R"("\u2028\uffff\ud83d\ude00")"sv,
                                    R"("")"sv,
                                    R"("\u001f\u007f\b\f\n")"sv,
                                    R"("\u00e9")"sv,
                                    R"("e\u0301")"sv,
                                    R"("\\")"sv,
                                    R"("x")"sv};
  return parsed(random, texts);
}

MemoryValue awkward_container(std::mt19937_64& random) {
  static constexpr std::array texts{R"({"$bytes":"eHg="})"sv,
                                    R"({"$bytes":1})"sv,
                                    R"({"$bytes":"no base64"})"sv,
                                    R"({"$map":{"$bytes":"eA=="}})"sv,
                                    R"({"$map":{"$map":{"x":1}}})"sv,
                                    R"({"$map":[]})"sv,
                                    R"({"n":{"$bytes":"AAEC/w=="},"s":"\u0000"})"sv,
                                    R"({"":{"":[[],{},null]}})"sv,
                                    R"({"a.b":{"n":1},"a":{"b":2},"n":-0.0,"$x":true})"sv,
                                    R"({"b":1,"B":2,"\u00e9":3,"aa":4})"sv,
                                    R"({"n\u0000":1,"n":2})"sv,
                                    R"([[[[[[]]]]]])"sv,
                                    R"([-0.0,0.0,0,"\u0000"])"sv};
  return parsed(random, texts);
}

// Over 8 KB, so that it does not lie in one page with others; compressible or not.
MemoryValue long_text(std::mt19937_64& random) {
  const std::size_t bytes = 8'000 + below_bound(random, 12'000);
  if (below_bound(random, 2) == 0) return std::string(bytes, 'l');
  return random_utf8(random, bytes);
}

MemoryValue awkward_scalar(std::mt19937_64& random) {
  return below_bound(random, 2) == 0 ? awkward_number(random) : awkward_text(random);
}

// Under the names that filters look at.
MemoryValue awkward_members(std::mt19937_64& random) {
  MemoryValue map = MemoryValue::map({{"n", awkward_number(random)}});
  if (below_bound(random, 2) == 0) map = map.with("s", awkward_text(random));
  if (below_bound(random, 2) == 0) {
    map = map.with("tags", MemoryValue::list({awkward_scalar(random), awkward_scalar(random)}));
  }
  if (below_bound(random, 4) == 0) map = map.with("a.b", awkward_scalar(random));
  return map;
}

Path awkward_path(std::mt19937_64& random) {
  static constexpr std::array paths{"n",         "n",      "s",        "tags", "tags[0]",     "",
                                    "[\"a.b\"]", "[\"\"]", "[\"$x\"]", "[0]",  "[\"$bytes\"]"};
  return paths[below_bound(random, paths.size())];
}

MemoryValue operand_for(Filter::Operator op, std::mt19937_64& random) {
  switch (op) {
    case Filter::Operator::in:
    case Filter::Operator::nin:
      return MemoryValue::list(
          {awkward_scalar(random), awkward_scalar(random), conformance::random_value(random)});
    case Filter::Operator::exists:
      return below_bound(random, 2) == 0;
    case Filter::Operator::gt:
    case Filter::Operator::gte:
    case Filter::Operator::lt:
    case Filter::Operator::lte:
      return awkward_scalar(random);
    default:
      return below_bound(random, 3) == 0 ? awkward_container(random) : awkward_scalar(random);
  }
}

}  // namespace

conformance::InputPool awkward_pool(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  conformance::InputPool pool;
  // Now and then so few keys that namespaces often become empty.
  const bool few_keys = below_bound(random, 3) == 0;
  pool.namespaces = some_of(random, awkward_namespaces, few_keys ? 12 : 7);
  pool.namespaces.push_back("a");  // So that "a!b" and its like often have it as a neighbour.
  pool.keys = some_of(random, awkward_keys, few_keys ? 1 : 9);
  const std::string long_key = random_utf8(random, max_key_bytes - 1);
  pool.keys.push_back(long_key + "x");
  pool.keys.push_back(long_key + "y");
  pool.patterns = some_of(random, awkward_patterns, 12);
  pool.value = awkward_value;
  return pool;
}

MemoryValue awkward_value(std::mt19937_64& random) {
  switch (below_bound(random, 24)) {
    case 0:
      return long_text(random);
    case 1:
    case 2:
    case 3:
      return awkward_number(random);
    case 4:
    case 5:
      return awkward_text(random);
    case 6:
    case 7:
    case 8:
      return awkward_container(random);
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
      return awkward_members(random);
    default:
      return conformance::random_value(random);
  }
}

Filter awkward_filter(std::mt19937_64& random, int depth) {
  // Groups no deeper than that.
  switch (depth > 0 ? below_bound(random, 6) : 4 * below_bound(random, 2)) {
    case 0:
      return conformance::RandomFilter::draw(random).filter();
    case 1:
      return Filter::all_of({awkward_filter(random, depth - 1), awkward_filter(random, depth - 1)});
    case 2:
      return Filter::any_of({awkward_filter(random, depth - 1), awkward_filter(random, depth - 1)});
    case 3:
      return Filter::none_of(awkward_filter(random, depth - 1));
    default: {
      const auto op = static_cast<Filter::Operator>(below_bound(random, 10));
      const Path path = awkward_path(random);
      return Filter::where(path, op, operand_for(op, random));
    }
  }
}

}  // namespace holdfast::differential
