// The server's choice among awkward values against Filter::matches, at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "preselection.hpp"
#include "value_table.hpp"

namespace holdfast::postgresql {
namespace {

using Operator = Filter::Operator;

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  template <typename T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

  std::string key() {
    static const std::vector<std::string> keys{"a",
                                               "a",
                                               "b",
                                               "b",
                                               "c",
                                               "0",
                                               "1",
                                               "-1",
                                               "+0",
                                               " 1",
                                               "",
                                               "$bytes",
                                               "$map",
                                               "$x",
                                               "NULL",
                                               "a\"b",
                                               "it's",
                                               "{a,b}",
                                               "a.b",
                                               "\\a",
                                               "\\u0000",
                                               "\\ufffd",
                                               "\xef\xbf\xbd",
                                               "\x01",
                                               "\x10",
                                               "\xc3\xa9"};
    static const std::vector<std::string> with_nul{std::string("a\0", 2), std::string("\0", 1),
                                                   std::string("\0b", 2)};
    return below(12) == 0 ? one_of(with_nul) : one_of(keys);
  }

  std::string string() {
    static const std::vector<std::string> pieces{"a",
                                                 "b",
                                                 "c",
                                                 "0",
                                                 "7",
                                                 "\x01",
                                                 "\x02",
                                                 "\x07",
                                                 "\x08",
                                                 "\x0b",
                                                 "\x0e",
                                                 "\x0f",
                                                 "\x10",
                                                 "\x11",
                                                 "\x17",
                                                 "\x1b",
                                                 "\n",
                                                 "\t",
                                                 "\\",
                                                 "\"",
                                                 "\x7f",
                                                 "u0000",
                                                 "\\u0000",
                                                 "\\u0001",
                                                 "\\u005c",
                                                 "\xc3\xa9",
                                                 "\xf0\x9f\x98\x80",
                                                 "\xef\xbf\xbd",
                                                 "\xee\x80\x80",
                                                 ",",
                                                 "]"};
    std::string text;
    for (std::size_t i = below(4); i > 0; --i) {
      text += below(8) == 0 ? std::string(1, '\0') : one_of(pieces);
    }
    return text;
  }

  MemoryValue number() {
    constexpr std::int64_t two_to_53 = std::int64_t{1} << 53U;
    constexpr std::int64_t two_to_60 = std::int64_t{1} << 60U;
    using Integers = std::numeric_limits<std::int64_t>;
    using Doubles = std::numeric_limits<double>;
    static const std::vector<MemoryValue> numbers{0,
                                                  1,
                                                  2,
                                                  -1,
                                                  10,
                                                  0.0,
                                                  -0.0,
                                                  1.0,
                                                  0.5,
                                                  0.1,
                                                  -2.5,
                                                  1e2,
                                                  100,
                                                  two_to_53,
                                                  two_to_53 + 1,
                                                  two_to_53 - 1,
                                                  9007199254740992.0,
                                                  9007199254740991.0,
                                                  9007199254740994.0,
                                                  4503599627370497.5,
                                                  two_to_60,
                                                  two_to_60 + 1,
                                                  two_to_60 - 1,
                                                  1152921504606846976.0,
                                                  1152921504606847000,
                                                  1152921504606847232.0,
                                                  9223372036800000000,
                                                  9223372036799999999,
                                                  9223372036800000001,
                                                  9.2233720368e18,
                                                  Integers::max(),
                                                  Integers::min(),
                                                  Integers::min() + 1,
                                                  9223372036854775808.0,
                                                  -9223372036854775808.0,
                                                  9223372036854774784.0,
                                                  1e19,
                                                  -1e19,
                                                  1e308,
                                                  -1e308,
                                                  5e-324,
                                                  -5e-324,
                                                  Doubles::max(),
                                                  Doubles::min(),
                                                  1e22,
                                                  123456789012345680.0,
                                                  123456789012345680,
                                                  123456789012345683};
    if (below(3) != 0) return one_of(numbers);
    // The shortest decimal of these doubles is seldom their exact value.
    const std::size_t millions = 4611686018428 + below(4588313981572);
    return static_cast<double>(millions) * 1e6;
  }

  MemoryValue scalar() {
    switch (below(8)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return bytes();
      case 3:
      case 4:
      case 5:
        return number();
      default:
        return string();
    }
  }

  MemoryValue value(int depth) {
    if (depth == 0 || below(3) == 0) return scalar();
    if (below(12) == 0) return special();
    std::vector<MemoryValue> elements;
    std::map<std::string, MemoryValue> members;
    const bool is_list = below(3) == 0;
    for (std::size_t i = below(5); i > 0; --i) {
      if (is_list) {
        elements.push_back(value(depth - 1));
      } else {
        members.insert_or_assign(key(), value(depth - 1));
      }
    }
    if (is_list) return MemoryValue::list(elements);
    return MemoryValue::map(std::vector<MemoryValue::Member>(members.begin(), members.end()));
  }

  Filter filter(const std::vector<MemoryValue>& values, int depth) {
    if (depth == 0 || below(3) != 0) return condition(values);
    std::vector<Filter> parts;
    for (std::size_t i = below(4); i > 0; --i) parts.push_back(filter(values, depth - 1));
    switch (below(3)) {
      case 0:
        return Filter::all_of(std::move(parts));
      case 1:
        return Filter::any_of(std::move(parts));
      default:
        return Filter::none_of(filter(values, depth - 1));
    }
  }

  // A path to somewhere in a value, now and then to nowhere.
  Path path(const MemoryValue& value) {
    std::vector<Path::Step> steps;
    std::vector<MemoryItem> items = items_of(value);
    while (!items.empty() && below(5) != 0) {
      const std::size_t index = below(items.size());
      const bool is_list = items.front().key.empty() && items.back().key.empty();
      if (is_list) {
        steps.emplace_back(index);
      } else {
        steps.emplace_back(items[index].key);
      }
      items = items_of(MemoryValue(items[index].value));
    }
    if (below(8) == 0) steps.push_back(stray_step());
    if (below(20) == 0 && !steps.empty()) steps.front() = stray_step();
    return Path(steps);
  }

  Filter condition(const std::vector<MemoryValue>& values) {
    const MemoryValue& value = one_of(values);
    Path where = path(value);
    const MemoryValue found = where.resolve(below(8) == 0 ? one_of(values) : value).value_or(key());
    const auto op = static_cast<Operator>(below(10));
    return Filter::where(std::move(where), op, operand(op, found));
  }

 private:
  // One that a value at hand may well meet, or just miss.
  MemoryValue operand(Operator op, const MemoryValue& found) {
    switch (op) {
      case Operator::in:
      case Operator::nin:
        return choices(found);
      case Operator::exists:
        return below(2) == 0;
      case Operator::gt:
      case Operator::gte:
      case Operator::lt:
      case Operator::lte:
        return ordered(found);
      case Operator::contains:
        return part(found);
      default:
        return below(4) == 0 ? value(2) : respelled(found);
    }
  }

  MemoryValue choices(const MemoryValue& found) {
    std::vector<MemoryValue> elements;
    for (std::size_t i = below(4); i > 0; --i) elements.push_back(value(1));
    if (below(4) != 0) elements.push_back(respelled(found));
    return MemoryValue::list(elements);
  }

  MemoryValue ordered(const MemoryValue& found) {
    const ValueKind kind = found.kind();
    if (kind == ValueKind::int64 || kind == ValueKind::float64) {
      return below(2) == 0 ? near(found) : respelled(found);
    }
    if (kind == ValueKind::bytes) return below(2) == 0 ? bytes() : found;
    if (kind == ValueKind::string && below(2) == 0) return found;
    return below(3) == 0 ? number() : MemoryValue(string());
  }

  // Integers that may lie between a double and its shortest decimal.
  MemoryValue near(const MemoryValue& found) {
    const auto real = found.get_if<double>();
    if (!real || std::abs(*real) < 9e15 || std::abs(*real) > 9.2e18) return number();
    return static_cast<std::int64_t>(*real) + static_cast<std::int64_t>(below(1025)) - 512;
  }

  MemoryValue part(const MemoryValue& found) {
    const std::vector<MemoryItem> items = items_of(found);
    if (!items.empty() && below(4) != 0) return respelled(one_of(items).value);
    if (const auto text = found.get_if<std::string>(); text && below(4) != 0) {
      std::size_t from = below(text->size() + 1);
      while (is_within_character(*text, from)) --from;
      std::size_t to = from + below(text->size() - from + 1);
      while (is_within_character(*text, to)) ++to;
      return text->substr(from, to - from);
    }
    return below(2) == 0 ? MemoryValue(string()) : value(1);
  }

  static bool is_within_character(const std::string& text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
  }

  // As the other kind of number where there is one, also within lists and maps.
  MemoryValue respelled(const MemoryValue& value) {
    if (below(2) == 0) return value;
    if (value.kind() == ValueKind::list) {
      std::vector<MemoryValue> elements;
      for (const MemoryItem& item : value.items()) elements.push_back(respelled(item.value));
      return MemoryValue::list(elements);
    }
    if (value.kind() == ValueKind::map) {
      std::vector<MemoryValue::Member> members;
      for (const MemoryItem& item : value.items()) {
        members.emplace_back(item.key, respelled(item.value));
      }
      return MemoryValue::map(members);
    }
    if (const auto integer = value.get_if<std::int64_t>()) return static_cast<double>(*integer);
    const auto real = value.get_if<double>();
    if (!real) return value;
    if (*real == 0 || std::abs(*real) >= 9.2e18) return -*real;
    return static_cast<std::int64_t>(*real);
  }

  MemoryValue bytes() {
    Bytes bytes;
    for (std::size_t i = below(4); i > 0; --i) bytes.push_back(std::byte(below(256)));
    return MemoryValue::bytes(bytes);
  }

  // What begins as the stored forms of bytes and maps do.
  MemoryValue special() {
    static const std::vector<std::string> texts{R"({"$bytes":"no base64"})",
                                                R"({"$map":1})",
                                                R"({"$map":{"$bytes":"eA=="}})",
                                                R"({"$map":{"$map":{"$bytes":"eA=="}}})",
                                                R"({"$bytes":"eA==","a":1})",
                                                R"({"$bytes":{"a":1}})",
                                                R"({"$map":{"a":1}})"};
    return MemoryValue::parse(one_of(texts));
  }

  Path::Step stray_step() {
    static const std::vector<std::size_t> indexes{
        0, 1, 2, 2147483647, 2147483648, 4294967296, std::numeric_limits<std::size_t>::max()};
    if (below(2) == 0) return one_of(indexes);
    return key();
  }

  static std::vector<MemoryItem> items_of(const MemoryValue& value) {
    std::vector<MemoryItem> items;
    for (const MemoryItem& item : value.items()) items.push_back(item);
    return items;
  }

  std::mt19937_64 random_;
};

struct Tally {
  std::size_t filters = 0;
  std::size_t exact = 0;
  std::size_t not_translated = 0;
  std::size_t matches = 0;
};

void compare(ValueTable& table, const Filter& filter, const std::vector<Path>& indexed,
             Tally& tally) {
  Arguments arguments;
  const Preselection preselection = preselection_of(filter, indexed, arguments);
  const std::vector<std::size_t> selected = table.selected(preselection, arguments);
  const std::vector<std::size_t> matched = table.matched(filter);
  ++tally.filters;
  tally.matches += matched.size();
  if (preselection.exact) {
    ++tally.exact;
    EXPECT_EQ(selected, matched);
  } else {
    EXPECT_TRUE(std::ranges::includes(selected, matched))
        << ::testing::PrintToString(selected) << " lacks some of "
        << ::testing::PrintToString(matched);
  }
  if (preselection.sql.empty() && !preselection.exact) ++tally.not_translated;
  EXPECT_FALSE(preselection.sql.empty() && arguments.size() > 0);
}

TEST(PreselectionAgainstTheMatcher, LetsThroughAllThatMatchesAndNothingElseWhereItIsExact) {
  Generator generator(20240611);
  Tally tally;
  for (int round = 0; round < 16; ++round) {
    std::vector<MemoryValue> values;
    for (int i = 0; i < 250; ++i) values.push_back(generator.value(4));
    ValueTable table(values);
    for (int i = 0; i < 250 && !::testing::Test::HasFailure(); ++i) {
      const Filter filter = generator.filter(values, 3);
      std::vector<Path> indexed;
      for (const Path& path : {generator.path(generator.one_of(values)), Path("a"), Path("b")}) {
        if (can_be_indexed(path)) indexed.push_back(path);
      }
      SCOPED_TRACE("round " + std::to_string(round) + ", filter " + std::to_string(i));
      compare(table, filter, indexed, tally);
    }
  }
  RecordProperty("exact", static_cast<int>(tally.exact));
  RecordProperty("not_translated", static_cast<int>(tally.not_translated));
  // What is compared here is worth comparing.
  EXPECT_GT(tally.matches, 10 * tally.filters);
  EXPECT_GT(tally.exact, tally.filters * 7 / 10);
  EXPECT_LT(tally.not_translated, tally.filters / 10);
}

}  // namespace
}  // namespace holdfast::postgresql
