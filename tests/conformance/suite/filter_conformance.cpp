// Clause 7.5: filters.
#include "expectations.hpp"
#include "suite_links.hpp"

namespace holdfast::conformance {

HOLDFAST_CONFORMANCE_LINK(filter)
HOLDFAST_CONFORMANCE_SUITE_MAY_BE_EMPTY(FilterConformance);

namespace {

using Keys = std::vector<std::string>;

// Keys of the entries that meet the filter, by page, by count and by cursor alike.
Keys meeting(Memory& memory, const Filter& filter) {
  MemoryQuery query = query_of(below({}), OrderBy::key, Direction::ascending, 2);
  query.filter = filter;
  const Keys keys = keys_of(all_pages(memory, query));
  EXPECT_EQ(memory.count(query), keys.size());
  return keys;
}

Keys meeting(Memory& memory, const char* json) { return meeting(memory, Filter::parse(json)); }

void store_under_v(Memory& memory, const std::vector<std::pair<std::string, MemoryValue>>& pairs) {
  for (const auto& [key, value] : pairs) {
    memory.set("f", key, MemoryValue::map({{"v", value}}));
  }
}

}  // namespace

TEST_P(FilterConformance, EqualityIsDeepAndByMathematicalValue) {
  HOLDFAST_CLAUSE("7.5");
  store_under_v(memory(), {{"int", 1},
                           {"double", 1.0},
                           {"text", "1"},
                           {"true", true},
                           {"null", nullptr},
                           {"list", MemoryValue::list({1, 2})},
                           {"map", MemoryValue::parse(R"({"a":1,"b":2.0})")},
                           {"bytes", MemoryValue::bytes({})}});
  memory().set("f", "missing", MemoryValue::map({}));
  memory().set("f", "scalar", 1);
  EXPECT_EQ(meeting(memory(), R"({"v":1})"), (Keys{"double", "int"}));
  EXPECT_EQ(meeting(memory(), R"({"v":"1"})"), (Keys{"text"}));
  EXPECT_EQ(meeting(memory(), R"({"v":true})"), (Keys{"true"}));
  EXPECT_EQ(meeting(memory(), R"({"v":null})"), (Keys{"null"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$eq":[1.0,2]}})"), (Keys{"list"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$eq":{"b":2,"a":1}}})"), (Keys{"map"}));
  EXPECT_EQ(meeting(memory(), Filter::where("v", Filter::Operator::eq, MemoryValue::bytes({}))),
            (Keys{"bytes"}));
  EXPECT_EQ(meeting(memory(), Filter::where("", Filter::Operator::eq, 1)), (Keys{"scalar"}));
}

TEST_P(FilterConformance, LargeNumbersAreComparedExactly) {
  HOLDFAST_CLAUSE("7.5");
  store_under_v(memory(), {{"2^53", std::int64_t{9'007'199'254'740'992}},
                           {"2^53+1", std::int64_t{9'007'199'254'740'993}},
                           {"2^53 as double", 9007199254740992.0},
                           {"1e300", 1e300}});
  EXPECT_EQ(meeting(memory(), R"({"v":9007199254740993})"), (Keys{"2^53+1"}));
  EXPECT_EQ(meeting(memory(), R"({"v":9007199254740992})"), (Keys{"2^53", "2^53 as double"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$gt":9007199254740992.0}})"), (Keys{"1e300", "2^53+1"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$lt":9223372036854775807}})"),
            (Keys{"2^53", "2^53 as double", "2^53+1"}));
}

TEST_P(FilterConformance, NumbersCompareAsNumbersAndStringsBytewise) {
  HOLDFAST_CLAUSE("7.5");
  store_under_v(memory(), {{"9", 9},
                           {"10", 10},
                           {"10.5", 10.5},
                           {"-1", -1},
                           {"text 9", "9"},
                           {"text 10", "10"},
                           {"text z", "z"},
                           {"text \xc3\xa9", "\xc3\xa9"},
                           {"null", nullptr},
                           {"true", true}});
  EXPECT_EQ(meeting(memory(), R"({"v":{"$gt":9}})"), (Keys{"10", "10.5"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$gte":10,"$lt":10.5}})"), (Keys{"10"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$lte":9}})"), (Keys{"-1", "9"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$gt":"10"}})"),
            (Keys{"text 9", "text z", "text \xc3\xa9"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$gte":"z"}})"), (Keys{"text z", "text \xc3\xa9"}));
}

TEST_P(FilterConformance, NegationsAreMetByAMissingField) {
  HOLDFAST_CLAUSE("7.5");
  store_under_v(memory(), {{"one", 1}, {"two", 2}, {"null", nullptr}});
  memory().set("f", "missing", MemoryValue::map({{"w", 1}}));
  memory().set("f", "no map", "text");
  EXPECT_EQ(meeting(memory(), R"({"v":{"$ne":1}})"), (Keys{"missing", "no map", "null", "two"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$nin":[1,2]}})"), (Keys{"missing", "no map", "null"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$lt":5}})"), (Keys{"one", "two"}));
  EXPECT_EQ(meeting(memory(), R"({"$not":{"v":{"$lt":5}}})"), (Keys{"missing", "no map", "null"}));
}

TEST_P(FilterConformance, InExistsAndContains) {
  HOLDFAST_CLAUSE("7.5");
  store_under_v(memory(), {{"list", MemoryValue::list({"x", 1, nullptr})},
                           {"text", "a needle in hay"},
                           {"one", 1},
                           {"null", nullptr}});
  memory().set("f", "missing", MemoryValue::map({}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$in":[1.0,"x"]}})"), (Keys{"one"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$in":[null]}})"), (Keys{"null"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$in":[]}})"), Keys{});
  EXPECT_EQ(meeting(memory(), R"({"v":{"$exists":true}})"), (Keys{"list", "null", "one", "text"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$exists":false}})"), (Keys{"missing"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$contains":"needle"}})"), (Keys{"text"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$contains":"x"}})"), (Keys{"list"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$contains":1.0}})"), (Keys{"list"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$contains":null}})"), (Keys{"list"}));
}

TEST_P(FilterConformance, LogicIsTwoValued) {
  HOLDFAST_CLAUSE("7.5");
  store_under_v(memory(), {{"1", 1}, {"2", 2}, {"3", 3}, {"null", nullptr}});
  EXPECT_EQ(meeting(memory(), R"({"$or":[{"v":1},{"v":3}]})"), (Keys{"1", "3"}));
  EXPECT_EQ(meeting(memory(), R"({"$and":[{"v":{"$gt":1}},{"v":{"$lt":3}}]})"), (Keys{"2"}));
  EXPECT_EQ(meeting(memory(), R"({"$not":{"$or":[{"v":1},{"v":null}]}})"), (Keys{"2", "3"}));
  EXPECT_EQ(meeting(memory(), R"({"$not":{"v":{"$gt":1}}})"), (Keys{"1", "null"}));
  EXPECT_EQ(meeting(memory(), "{}"), (Keys{"1", "2", "3", "null"}));
  EXPECT_EQ(meeting(memory(), Filter::all_of({})).size(), 4U);
  EXPECT_EQ(meeting(memory(), Filter::any_of({})).size(), 0U);
}

TEST_P(FilterConformance, PathsLeadThroughMapsAndLists) {
  HOLDFAST_CLAUSE("7.5");
  memory().set("f", "1", MemoryValue::parse(R"({"a":{"b":[10,{"c":"x"}]},"a.b":"dotted"})"));
  memory().set("f", "2", MemoryValue::parse(R"({"a":{"b":[11]},"$gt":1,"":0})"));
  memory().set("f", "3", MemoryValue::parse(R"([{"id":1},{"id":2}])"));
  EXPECT_EQ(meeting(memory(), R"({"a.b[0]":10})"), (Keys{"1"}));
  EXPECT_EQ(meeting(memory(), R"({"a.b[1].c":"x"})"), (Keys{"1"}));
  EXPECT_EQ(meeting(memory(), R"({"a.b[0]":{"$gte":10}})"), (Keys{"1", "2"}));
  EXPECT_EQ(meeting(memory(), R"({"a.b[9]":{"$exists":true}})"), Keys{});
  EXPECT_EQ(meeting(memory(), R"({"[1].id":2})"), (Keys{"3"}));
  EXPECT_EQ(meeting(memory(), Filter::where(R"(["a.b"])", Filter::Operator::eq, "dotted")),
            (Keys{"1"}));
  EXPECT_EQ(meeting(memory(), Filter::where(R"(["$gt"])", Filter::Operator::eq, 1)), (Keys{"2"}));
  EXPECT_EQ(meeting(memory(), Filter::where(Path(std::vector<Path::Step>{std::string()}),
                                            Filter::Operator::eq, 0)),
            (Keys{"2"}));
}

TEST_P(FilterConformance, StringsWithNulAndQuotesAreWholeStrings) {
  HOLDFAST_CLAUSE("7.5");
  store_under_v(memory(), {{"x", "x"}, {"x-nul-y", std::string("x\0y", 3)}, {"quote", "it's"}});
  EXPECT_EQ(meeting(memory(), R"({"v":"x"})"), (Keys{"x"}));
  EXPECT_EQ(meeting(memory(), R"({"v":"x\u0000y"})"), (Keys{"x-nul-y"}));
  EXPECT_EQ(meeting(memory(), R"({"v":"it's"})"), (Keys{"quote"}));
  EXPECT_EQ(meeting(memory(), R"({"v":{"$contains":"\u0000"}})"), (Keys{"x-nul-y"}));
}

TEST_P(FilterConformance, NothingInAFilterIsEverRunAsText) {
  HOLDFAST_CLAUSE("7.5");
  memory().set("tenant/1", "own", MemoryValue::map({{"v", 1}}));
  memory().set("tenant/2", "secret", MemoryValue::map({{"v", 1}}));
  const std::vector<std::string> hostile{"' OR 1=1 --",
                                         "v') OR 1=1 --",
                                         "\" OR \"\"=\"",
                                         "v; DROP TABLE entries",
                                         "$.v",
                                         "%",
                                         "_",
                                         "') UNION SELECT * FROM entries --",
                                         "\\",
                                         "{v}",
                                         "v\nOR 1",
                                         "x' OR ns LIKE '%"};
  for (const std::string& text : hostile) {
    MemoryQuery query = query_of(below("tenant/1"));
    for (const auto op : {Filter::Operator::eq, Filter::Operator::contains, Filter::Operator::gt}) {
      query.filter = Filter::where(Path(std::vector<Path::Step>{text}), op, text);
      EXPECT_TRUE(memory().query(query).entries.empty()) << text;
      query.filter = Filter::where("v", op, text);
      EXPECT_TRUE(memory().query(query).entries.empty()) << text;
    }
    query.filter = Filter();
    query.key_prefix = text;
    EXPECT_TRUE(memory().query(query).entries.empty()) << text;
    query.scope = below(Namespace() / text);
    query.key_prefix.clear();
    EXPECT_TRUE(memory().query(query).entries.empty()) << text;
    EXPECT_EQ(memory().clear(query.scope), 0U) << text;
  }
  EXPECT_EQ(memory().count(below({})), 2U);
}

TEST_P(FilterConformance, WhatIsNoFilterIsRefused) {
  HOLDFAST_CLAUSE("7.5");
  for (const char* text :
       {"", "[]", "1", R"({"v":{"$gt":[1]}})", R"({"v":{"$in":1}})", R"({"v":{"$unknown":1}})",
        R"({"$or":1})", R"({"$exists":true})", R"({"v":{"$exists":1}})", R"({"v":{"$gt":null}})",
        R"({"$nor":[{}]})", R"({"a[":1})", R"({"a..b":1})"}) {
    EXPECT_TRUE(is_refused_as_invalid([&] { return Filter::parse(text); })) << text;
  }
}

}  // namespace holdfast::conformance
