#include "preselection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value_table.hpp"

namespace holdfast::postgresql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Ids = std::vector<std::size_t>;

Preselection preselected(const Filter& filter, const std::vector<Path>& indexed = {}) {
  Arguments arguments;
  return preselection_of(filter, indexed, arguments);
}

std::vector<MemoryValue> parsed(const std::vector<std::string>& texts) {
  std::vector<MemoryValue> values;
  for (const std::string& text : texts) values.push_back(MemoryValue::parse(text));
  return values;
}

// What the server selects, held against the matcher; `exact` is what the condition says of itself.
Ids selected(ValueTable& table, const Filter& filter, bool exact = true,
             const std::vector<Path>& indexed = {}) {
  Arguments arguments;
  const Preselection preselection = preselection_of(filter, indexed, arguments);
  EXPECT_EQ(preselection.exact, exact);
  Ids ids = table.selected(preselection, arguments);
  if (exact) {
    EXPECT_EQ(ids, table.matched(filter));
  }
  return ids;
}

Ids selected(ValueTable& table, std::string_view filter, bool exact = true) {
  return selected(table, Filter::parse(filter), exact);
}

TEST(Preselection, EqualityTakesNumbersByValueAndMapsUnordered) {
  ValueTable table(parsed({R"({"a":1})", R"({"a":1.0})", R"({"a":"1"})", R"({"a":null})", "{}",
                           R"({"a":{"y":2.0,"x":[0,-0.0]}})", R"({"a":-0.0})", "[1]"}));
  EXPECT_THAT(selected(table, R"({"a":1})"), ElementsAre(0, 1));
  EXPECT_THAT(selected(table, R"({"a":1.0})"), ElementsAre(0, 1));
  EXPECT_THAT(selected(table, R"({"a":"1"})"), ElementsAre(2));
  EXPECT_THAT(selected(table, R"({"a":null})"), ElementsAre(3));
  EXPECT_THAT(selected(table, R"({"a":{"x":[0.0,0],"y":2}})"), ElementsAre(5));
  EXPECT_THAT(selected(table, R"({"a":0})"), ElementsAre(6));
  EXPECT_THAT(selected(table, R"({"a":{"$ne":1}})"), ElementsAre(2, 3, 4, 5, 6, 7));
}

TEST(Preselection, NumbersBeyondTheIntegersOfDoublesAreComparedExactly) {
  // 2^60 as both kinds and its neighbour; a double that lies 448 above its shortest decimal, and an
  // integer between these two.
  ValueTable table(
      parsed({"1152921504606846976", "1152921504606846976.0", "1152921504606846977",
              "9007199254740993", "9007199254740992.0", "9.223372036801e+18", "1e+308", "5e-324",
              "-0.0", "-9223372036854775808", "-9223372036854775808.0", "9223372036801000200"}));
  const auto where = [](Filter::Operator op, MemoryValue operand) {
    return Filter::where(Path(), op, std::move(operand));
  };
  using enum Filter::Operator;
  constexpr std::int64_t two_to_60 = 1152921504606846976;
  EXPECT_THAT(selected(table, where(eq, two_to_60)), ElementsAre(0, 1));
  EXPECT_THAT(selected(table, where(gt, 1152921504606846976.0)), ElementsAre(2, 5, 6, 11));
  EXPECT_THAT(selected(table, where(eq, 9007199254740993)), ElementsAre(3));
  EXPECT_THAT(selected(table, where(lte, 9007199254740992.0)), ElementsAre(4, 7, 8, 9, 10));
  EXPECT_THAT(selected(table, where(gte, 9.223372036801e18)), ElementsAre(5, 6));
  EXPECT_THAT(selected(table, where(gte, 9223372036801000200)), ElementsAre(5, 6, 11));
  EXPECT_THAT(selected(table, where(lt, 0)), ElementsAre(9, 10));
  EXPECT_THAT(selected(table, where(gt, 0.0)), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 11));
  EXPECT_THAT(selected(table, where(lte, std::numeric_limits<std::int64_t>::min())),
              ElementsAre(9, 10));
}

TEST(Preselection, StringsAreInBytewiseOrderWithTheirControlCharacters) {
  std::vector<MemoryValue> values;
  for (const char* text : {"", "\x01", "\x08", "\x0b", "A", "a", "\xc3\xa9", "\xf0\x9f\x98\x80"}) {
    values.emplace_back(text);
  }
  values.emplace_back(std::string("\0", 1));
  values.emplace_back(std::string("a\0b", 3));
  values.emplace_back(1);
  ValueTable table(values);
  const auto where = [](Filter::Operator op, std::string operand) {
    return Filter::where(Path(), op, MemoryValue(operand));
  };
  using enum Filter::Operator;
  EXPECT_THAT(selected(table, where(gt, "a")), ElementsAre(6, 7, 9));
  EXPECT_THAT(selected(table, where(lt, "\x01")), ElementsAre(0, 8));
  EXPECT_THAT(selected(table, where(lte, "\x08")), ElementsAre(0, 1, 2, 8));
  EXPECT_THAT(selected(table, where(gte, std::string("a\0b", 3))), ElementsAre(6, 7, 9));
  EXPECT_THAT(selected(table, where(eq, std::string("\0", 1))), ElementsAre(8));
  // As the server has it, U+0001 is this.
  const MemoryValue choices = MemoryValue::list({"\x01\x11"});
  EXPECT_THAT(selected(table, Filter::where(Path(), in, choices)), IsEmpty());
}

TEST(Preselection, BytesAreNotOrderedByTheServerButAreToldFromStrings) {
  ValueTable table(parsed({R"({"$bytes":"eA=="})", R"("eA==")", R"({"$bytes":"no base64"})", "1",
                           R"({"$map":{"$bytes":"eA=="}})"}));
  const Filter filter =
      Filter::where(Path(), Filter::Operator::gt, MemoryValue::bytes(Bytes{std::byte{0x79}}));
  EXPECT_THAT(selected(table, filter, false), ElementsAre(0, 2));
  EXPECT_THAT(preselected(Filter::none_of(filter)).sql, IsEmpty());
  const Filter equal = Filter::where(Path(), Filter::Operator::eq, table.values()[0]);
  EXPECT_THAT(selected(table, equal), ElementsAre(0));
  EXPECT_THAT(selected(table, Filter::where(Path(), Filter::Operator::eq, table.values()[4])),
              ElementsAre(4));
}

TEST(Preselection, AnyOfAListIsOneChoice) {
  ValueTable table(
      parsed({R"({"a":1.0})", R"({"a":"NULL"})", R"({"a":null})", "{}", R"({"a":"{x,\"y\\"})"}));
  EXPECT_THAT(selected(table, R"({"a":{"$in":[1,"NULL"]}})"), ElementsAre(0, 1));
  EXPECT_THAT(selected(table, R"({"a":{"$in":["{x,\"y\\",null]}})"), ElementsAre(2, 4));
  EXPECT_THAT(selected(table, R"({"a":{"$in":[]}})"), IsEmpty());
  EXPECT_THAT(selected(table, R"({"a":{"$nin":[1]}})"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(selected(table, R"({"a":{"$nin":[]}})"), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Preselection, PresenceIsNotMistakenForNull) {
  ValueTable table(parsed({R"({"a":null})", R"({"a":{"b":false}})", "{}", R"(["a"])", "null"}));
  EXPECT_THAT(selected(table, R"({"a":{"$exists":true}})"), ElementsAre(0, 1));
  EXPECT_THAT(selected(table, R"({"a":{"$exists":false}})"), ElementsAre(2, 3, 4));
  EXPECT_THAT(selected(table, R"({"a.b":{"$exists":true}})"), ElementsAre(1));
  EXPECT_THAT(selected(table, Filter::where(Path(), Filter::Operator::exists, true)),
              ElementsAre(0, 1, 2, 3, 4));
}

TEST(Preselection, ContainsFindsElementsOfListsAndPartsOfStrings) {
  std::vector<MemoryValue> values = parsed({R"(["x",1])", R"("axb")", R"(["axb"])", R"([1.0,[2]])",
                                            R"({"x":"x"})", R"("a\\u0000")", "1"});
  values.emplace_back(std::string("a\0x", 3));
  ValueTable table(values);
  const auto containing = [](MemoryValue operand) {
    return Filter::where(Path(), Filter::Operator::contains, std::move(operand));
  };
  EXPECT_THAT(selected(table, containing("x")), ElementsAre(0, 1, 7));
  EXPECT_THAT(selected(table, containing("")), ElementsAre(1, 5, 7));
  EXPECT_THAT(selected(table, containing(1)), ElementsAre(0, 3));
  EXPECT_THAT(selected(table, containing(MemoryValue::list({2.0}))), ElementsAre(3));
  EXPECT_THAT(selected(table, containing("0")), ElementsAre(5));
  EXPECT_THAT(selected(table, containing(std::string("\0", 1))), ElementsAre(7));
  // As the server has it, U+0000 ends with U+0010.
  EXPECT_THAT(selected(table, containing("\x10"), false), IsEmpty());
  EXPECT_THAT(preselected(Filter::none_of(containing("\x10"))).sql, IsEmpty());
}

TEST(Preselection, AKeyIsNoIndexAndAnIndexNoKey) {
  ValueTable table(parsed({R"(["x"])", R"({"0":"x"})", R"({"-1":"x"})", R"([["y"],["x"]])",
                           R"([{"0":"x"}])", R"({" 1":"x"})"}));
  const auto at = [](std::vector<Path::Step> steps) {
    return Filter::where(Path(std::move(steps)), Filter::Operator::eq, "x");
  };
  EXPECT_THAT(selected(table, at({0U})), ElementsAre(0));
  EXPECT_THAT(selected(table, at({"0"})), ElementsAre(1));
  EXPECT_THAT(selected(table, at({"-1"})), ElementsAre(2));
  EXPECT_THAT(selected(table, at({1U, 0U})), ElementsAre(3));
  EXPECT_THAT(selected(table, at({0U, "0"})), ElementsAre(4));
  EXPECT_THAT(selected(table, at({" 1"})), ElementsAre(5));
  EXPECT_THAT(selected(table, at({std::size_t{4294967296}})), IsEmpty());
}

TEST(Preselection, KeysMayHoldAnyCharacter) {
  std::vector<MemoryValue> values;
  const std::vector<std::string> keys{std::string("a\0", 2),
                                      "a\x01",
                                      "a\xef\xbf\xbd",
                                      "\\u0000",
                                      "\\ufffd",
                                      "",
                                      "it's",
                                      "\"{,}\\",
                                      "$x"};
  for (const std::string& key : keys) values.push_back(MemoryValue::map({{key, "\\"}}));
  ValueTable table(values);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Path path(std::vector<Path::Step>{keys[i]});
    const Filter filter = Filter::where(path, Filter::Operator::eq, "\\");
    EXPECT_THAT(selected(table, filter), ElementsAre(i)) << path.text();
    EXPECT_THAT(selected(table, filter, true, {path}), ElementsAre(i)) << path.text();
  }
}

TEST(Preselection, TheKeysOfStoredFormsAreLeftToTheMatcher) {
  ValueTable table(parsed(
      {R"({"$bytes":"eA=="})", R"({"$map":{"$bytes":"eA=="}})", R"({"$bytes":"no base64"})"}));
  const Filter filter = Filter::where(Path("$bytes"), Filter::Operator::exists, MemoryValue(true));
  EXPECT_THAT(selected(table, filter, false), ElementsAre(0, 1, 2));
  EXPECT_THAT(table.matched(filter), ElementsAre(1, 2));
  EXPECT_FALSE(can_be_indexed(Path("a.$map")));
  EXPECT_TRUE(can_be_indexed(Path("a.$x[0]")));
}

TEST(Preselection, WhatCannotBeTranslatedBoundsAGroupFromNeitherSide) {
  ValueTable table(parsed({R"({"a":1})", R"({"a":2})", R"({"$map":1,"a":1})"}));
  const Filter is_one = Filter::parse(R"({"a":1})");
  const Filter unknown = Filter::where(Path("$map"), Filter::Operator::exists, true);
  EXPECT_THAT(selected(table, Filter::all_of({is_one, unknown}), false), ElementsAre(0, 2));
  EXPECT_THAT(preselected(Filter::any_of({is_one, unknown})).sql, IsEmpty());
  EXPECT_THAT(preselected(Filter::none_of(Filter::all_of({is_one, unknown}))).sql, IsEmpty());
  EXPECT_THAT(selected(table, Filter::none_of(Filter::any_of({is_one, unknown})), false),
              ElementsAre(1));
  EXPECT_THAT(selected(table, Filter::none_of(Filter::none_of(is_one))), ElementsAre(0, 2));
}

TEST(Preselection, EmptyGroupsAreMetByAllOrNothing) {
  ValueTable table(parsed({"1"}));
  EXPECT_THAT(preselected(Filter()).sql, IsEmpty());
  EXPECT_TRUE(preselected(Filter()).exact);
  EXPECT_THAT(selected(table, Filter::any_of({})), IsEmpty());
  EXPECT_THAT(selected(table, Filter::none_of(Filter::any_of({}))), ElementsAre(0));
  EXPECT_THAT(selected(table, Filter::none_of(Filter())), IsEmpty());
}

TEST(Preselection, NothingOfTheFilterStandsInTheSql) {
  const Filter filter = Filter::parse(
      R"({"secret_key.7":{"$eq":"secret text"},"[31].k":{"$gt":424242,"$contains":"secret bit"}})");
  Arguments arguments;
  arguments.add("there before");
  const std::string sql = preselection_of(filter, {}, arguments).sql;
  EXPECT_THAT(sql, Not(HasSubstr("secret")));
  EXPECT_THAT(sql, Not(HasSubstr("31")));
  EXPECT_THAT(sql, Not(HasSubstr("424242")));
  EXPECT_THAT(sql, Not(HasSubstr("$1::")));
  EXPECT_THAT(sql, HasSubstr("$2::"));
  EXPECT_THAT(sql, HasSubstr("$" + std::to_string(arguments.size()) + "::"));
}

TEST(Preselection, ManyNumbersInAnOperandAreLeftToTheMatcher) {
  ValueTable table(parsed({"[1,2,3,4,5,6]", "[1.0,2,3,4,5,6.0]", "[1,2,3,4,5,6,7]"}));
  EXPECT_THAT(selected(table, Filter::where(Path(), Filter::Operator::eq, table.values()[0])),
              ElementsAre(0, 1));
  const Filter filter = Filter::where(Path(), Filter::Operator::eq, table.values()[2]);
  EXPECT_THAT(selected(table, filter, false), ElementsAre(0, 1, 2));
}

TEST(Preselection, TheServerTakesTheLargestFilters) {
  ValueTable table(parsed({R"({"k1":1,"k2":"x"})", "{}"}));
  std::vector<Filter> parts;
  for (std::size_t i = 1; i < Filter::max_nodes - 40; ++i) {
    parts.push_back(Filter::where(Path("k" + std::to_string(i)), Filter::Operator::gt, "w"));
  }
  Filter filter = Filter::any_of(parts);
  for (std::size_t i = 1; i < Filter::max_depth; ++i) {
    filter = i % 2 == 0 ? Filter::all_of({filter}) : Filter::none_of(filter);
  }
  EXPECT_THAT(selected(table, filter), ElementsAre(0));  // Denied sixteen times.

  std::vector<MemoryValue> choices(100000, "absent");
  choices.emplace_back("x");
  const Filter choice = Filter::where("k2", Filter::Operator::in, MemoryValue::list(choices));
  EXPECT_THAT(selected(table, choice), ElementsAre(0));
  EXPECT_THAT(selected(table, choice, true, {"k2"}), ElementsAre(0));
}

TEST(Preselection, WhereTheArgumentsWouldBeTooManyThereIsNoCondition) {
  std::vector<Path::Step> steps(Path::max_steps, Path::Step(std::size_t{0}));
  const std::vector<Filter> parts(
      500, Filter::where(Path(steps), Filter::Operator::exists, MemoryValue(true)));
  Arguments arguments;
  const Preselection preselection = preselection_of(Filter::all_of(parts), {}, arguments);
  EXPECT_THAT(preselection.sql, IsEmpty());
  EXPECT_FALSE(preselection.exact);
  EXPECT_EQ(arguments.size(), 0U);
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Preselection, TheServerReadsTheLargestAndDeepestValues) {
  constexpr std::size_t mebibyte = std::size_t{1} << 20U;
  std::vector<MemoryValue> values;
  values.push_back(MemoryValue::parse("[" + repeated("{},", 5 * mebibyte) + "\"x\"]"));
  values.emplace_back(std::string(16 * mebibyte / 6 - 10, '\0'));
  values.push_back(MemoryValue::map({{std::string(16 * mebibyte - 100, 'k'), 1}}));
  values.push_back(MemoryValue::parse(std::string(128, '[') + std::string(128, ']')));
  ValueTable table(values);
  EXPECT_THAT(selected(table, R"({"[0]":{"$exists":true}})"), ElementsAre(0, 3));
  EXPECT_THAT(selected(table, Filter::where(Path(), Filter::Operator::contains, "x")),
              ElementsAre(0));
  EXPECT_THAT(selected(table, Filter::where(Path(), Filter::Operator::lt, "\x01")), ElementsAre(1));
}

// A table with an index on a path, as the store has it.
class IndexedTable {
 public:
  IndexedTable() : table_({}) {
    table_.run(
        "CREATE TEMPORARY TABLE entry (namespace text NOT NULL, key text NOT NULL, "
        "value text COLLATE \"C\" NOT NULL)");
    table_.run(
        "INSERT INTO entry SELECT 'n', n, format('{\"other\":%s,\"role\":%s}', n, "
        "CASE n % 3 WHEN 0 THEN n % 1000 || '.0' ELSE n % 1000 || '' END) "
        "FROM generate_series(1, 20000) AS s(n)");
    table_.run("CREATE INDEX ON entry (namespace, (" + index_expression("role", "value") +
               "), key)");
    table_.run("ANALYZE entry");
    table_.run("SET plan_cache_mode = force_generic_plan");
  }

  // The plan of a prepared statement, with what it did.
  std::string plan_of(const Filter& filter) {
    Arguments arguments;
    const Preselection preselection = preselection_of(filter, {"role"}, arguments);
    table_.run("PREPARE looking AS SELECT key FROM entry e WHERE namespace = 'n' AND " +
               preselection.sql);
    std::string values;
    for (const char* argument : arguments.pointers()) {
      values += (values.empty() ? "'" : ", '") + std::string(argument) + "'";
    }
    const Rows rows = table_.run(
        "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) "
        "EXECUTE looking(" +
        values + ")");
    table_.run("DEALLOCATE looking");
    std::string plan;
    for (std::size_t row = 0; row < rows.size(); ++row) plan.append(rows.text(row, 0)).append("\n");
    return plan;
  }

 private:
  ValueTable table_;
};

TEST(Preselection, AnIndexFindsNoMoreThanWhatIsEqual) {
  IndexedTable table;
  const std::vector<std::pair<std::string, std::string>> rows_by_filter{
      {R"({"role":7})", "rows=20 "},
      {R"({"role":{"$in":[7,8.0,"absent"]}})", "rows=40 "},
      {R"({"role":"absent"})", "rows=0 "},
      {R"({"role":7,"other":{"$gt":0}})", "rows=20 "}};
  for (const auto& [filter, rows] : rows_by_filter) {
    const std::string plan = table.plan_of(Filter::parse(filter));
    EXPECT_THAT(plan, HasSubstr("Index Cond"));
    EXPECT_THAT(plan, Not(HasSubstr("Seq Scan")));
    EXPECT_THAT(plan, Not(HasSubstr("Rows Removed")));
    EXPECT_THAT(plan, HasSubstr(rows));
  }
}

TEST(Preselection, LiteralsDoNotDependOnTheServersSettings) {
  const Path path(std::vector<Path::Step>{"a\\'\"{b", 0U, "1"});
  ValueTable table(
      {MemoryValue::map({{"a\\'\"{b", MemoryValue::list({MemoryValue::map({{"1", "x"}})})}}),
       MemoryValue(std::string("\0", 1))});
  table.run("SET standard_conforming_strings = off");
  table.run("SET backslash_quote = off");
  EXPECT_THAT(selected(table, Filter::where(path, Filter::Operator::eq, "x"), true, {path}),
              ElementsAre(0));
}

}  // namespace
}  // namespace holdfast::postgresql
