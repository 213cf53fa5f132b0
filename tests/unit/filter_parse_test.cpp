#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

#include "holdfast/error.hpp"
#include "holdfast/filter.hpp"

namespace holdfast {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal_of(std::string_view json) {
  try {
    return "accepted: " + std::string(Filter::parse(json).to_value().json_text());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
    return error.message();
  }
}

std::string rewritten(std::string_view json) {
  return std::string(Filter::parse(json).to_value().json_text());
}

TEST(FilterForm, ShortAndLongSpellings) {
  EXPECT_EQ(rewritten("{}"), "{}");
  EXPECT_EQ(rewritten(R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(rewritten(R"({"a":{"$eq":1}})"), R"({"a":1})");
  EXPECT_EQ(rewritten(R"({"a":{"b":1}})"), R"({"a":{"$eq":{"b":1}}})");
  EXPECT_EQ(rewritten(R"({"a":{}})"), R"({"a":{"$eq":{}}})");
  EXPECT_EQ(rewritten(R"({"a":{"$gte":1,"$lt":2}})"),
            R"({"$and":[{"a":{"$gte":1}},{"a":{"$lt":2}}]})");
  EXPECT_EQ(rewritten(R"({"b":1,"a":2})"), R"({"$and":[{"a":2},{"b":1}]})");
  EXPECT_EQ(rewritten(R"({"$not":{"$or":[]}})"), R"({"$not":{"$or":[]}})");
}

TEST(FilterForm, EachOperatorReadsBack) {
  for (const std::string_view json :
       {R"({"a":{"$ne":1}})", R"({"a":{"$gt":1}})", R"({"a":{"$gte":"x"}})", R"({"a":{"$lt":1.5}})",
        R"({"a":{"$lte":{"$bytes":"aGk="}}})", R"({"a":{"$in":[1,[2],{"$x":3}]}})",
        R"({"a":{"$nin":[]}})", R"({"a":{"$exists":false}})", R"({"a":{"$contains":{"b":1}}})",
        R"({"a":{"$eq":{"$x":1}}})", R"({"a[0].b":null})", R"({"":[1]})",
        R"({"$and":[{"a":1},{"$or":[{"b":2},{"$not":{"c":3}}]}]})", R"({"$and":[{}]})"}) {
    EXPECT_EQ(rewritten(json), json);
    EXPECT_EQ(rewritten(rewritten(json)), json);
  }
}

TEST(FilterForm, OperatorsStandForTheirEnumerators) {
  using Operator = Filter::Operator;
  const auto op_of = [](std::string_view json) {
    return std::get<Filter::Condition>(Filter::parse(json).node()).op;
  };
  EXPECT_EQ(op_of(R"({"a":{"$eq":1}})"), Operator::eq);
  EXPECT_EQ(op_of(R"({"a":{"$ne":1}})"), Operator::ne);
  EXPECT_EQ(op_of(R"({"a":{"$gt":1}})"), Operator::gt);
  EXPECT_EQ(op_of(R"({"a":{"$gte":1}})"), Operator::gte);
  EXPECT_EQ(op_of(R"({"a":{"$lt":1}})"), Operator::lt);
  EXPECT_EQ(op_of(R"({"a":{"$lte":1}})"), Operator::lte);
  EXPECT_EQ(op_of(R"({"a":{"$in":[]}})"), Operator::in);
  EXPECT_EQ(op_of(R"({"a":{"$nin":[]}})"), Operator::nin);
  EXPECT_EQ(op_of(R"({"a":{"$exists":true}})"), Operator::exists);
  EXPECT_EQ(op_of(R"({"a":{"$contains":1}})"), Operator::contains);
}

TEST(FilterForm, BytesAreAnOperandNotAnOperator) {
  const Filter filter = Filter::parse(R"({"a":{"$bytes":"aGk="}})");
  EXPECT_EQ(std::get<Filter::Condition>(filter.node()).operand.kind(), ValueKind::bytes);
  EXPECT_TRUE(filter.matches(MemoryValue::parse(R"({"a":{"$bytes":"aGk="}})")));
}

TEST(FilterForm, MapThatLooksLikeBytesIsAskedForWithEq) {
  const MemoryValue map = MemoryValue::map({{"$bytes", "aGk="}});
  const Filter filter = Filter::where("a", Filter::Operator::eq, map);
  const Filter again = Filter::parse(filter.to_value().json_text());
  EXPECT_TRUE(again.matches(MemoryValue::map({{"a", map}})));
  EXPECT_FALSE(again.matches(MemoryValue::parse(R"({"a":{"$bytes":"aGk="}})")));
}

TEST(FilterForm, KeysThatBeginWithADollarAreQuoted) {
  const Filter filter = Filter::parse(R"({"[\"$x\"].y":1})");
  EXPECT_TRUE(filter.matches(MemoryValue::parse(R"({"$x":{"y":1}})")));
  EXPECT_EQ(rewritten(R"({"[\"$x\"].y":1})"), R"({"[\"$x\"].y":1})");
  EXPECT_THAT(refusal_of(R"({"$x":1})"),
              AllOf(HasSubstr("no group \"$x\""), HasSubstr("$and, $or and $not"),
                    HasSubstr("[\"$key\"]")));
}

TEST(FilterForm, UnknownOperatorsAreRefusedAndTheOthersNamed) {
  EXPECT_EQ(refusal_of(R"({"$or":[{"n":1},{"n":{"$regex":"x"}}]})"),
            "filter at $or[1].\"n\": no operator \"$regex\"; there are $eq, $ne, $gt, $gte, $lt, "
            "$lte, $in, $nin, $exists, $contains");
  EXPECT_THAT(refusal_of(R"({"n":{"$not":{"$gt":1}}})"), HasSubstr("no operator \"$not\""));
  EXPECT_THAT(refusal_of(R"({"n":{"$":1}})"), HasSubstr("no operator \"$\""));
  EXPECT_THAT(refusal_of(R"({"n":{"$GT":1}})"), HasSubstr("no operator \"$GT\""));
}

TEST(FilterForm, OperatorsAndOtherKeysDoNotMix) {
  EXPECT_THAT(refusal_of(R"({"n":{"$gt":1,"x":2}})"), HasSubstr("stand in one map"));
  EXPECT_THAT(refusal_of(R"({"n":{"a":1,"$x":2}})"), HasSubstr("\"n\""));
}

TEST(FilterForm, WrongShapesAreRefusedWithTheirPlace) {
  EXPECT_THAT(refusal_of("5"), HasSubstr("a filter is a map, not int64"));
  EXPECT_THAT(refusal_of("null"), HasSubstr("not null"));
  EXPECT_THAT(refusal_of("[]"), HasSubstr("not list"));
  EXPECT_THAT(refusal_of(R"({"$bytes":"aGk="})"), HasSubstr("not bytes"));
  EXPECT_THAT(refusal_of(R"({"$and":{"a":1}})"), HasSubstr("$and: a list of filters is needed"));
  EXPECT_THAT(refusal_of(R"({"$or":"a"})"), HasSubstr("$or: a list of filters is needed"));
  EXPECT_THAT(refusal_of(R"({"$not":[{"a":1}]})"), HasSubstr("$not: a filter is a map, not list"));
  EXPECT_THAT(refusal_of(R"({"$and":[{"a":1},{"$not":{"$or":[7]}}]})"),
              HasSubstr("$and[1].$not.$or[0]: a filter is a map, not int64"));
  EXPECT_THAT(refusal_of(R"({"a..b":1})"), HasSubstr("\"a..b\": path: byte 2"));
}

TEST(FilterForm, BrokenJsonIsRefused) {
  for (const std::string_view json :
       {"", "{", R"({"a":})", R"({"a":1,"a":2})", R"({"a":{"$gt":1,"$gt":2}})", "{}x",
        R"({"a":{"$gt":1})", "\xff", R"({"a":NaN})", R"({"n":{"$gt":1e999}})"}) {
    EXPECT_THAT(refusal_of(json), testing::Not(HasSubstr("accepted"))) << json;
  }
}

TEST(FilterForm, DeepFiltersAreRefusedWithoutRecursingIntoThem) {
  const auto nested = [](std::size_t levels, std::string_view inner) {
    std::string json;
    for (std::size_t i = 0; i < levels; ++i) json += R"({"$not":)";
    json += inner;
    return json + std::string(levels, '}');
  };
  EXPECT_THAT(refusal_of(nested(32, R"({"a":1})")), HasSubstr("accepted"));
  EXPECT_THAT(refusal_of(nested(33, R"({"a":1})")), HasSubstr("nest over 32 deep"));
  EXPECT_THAT(refusal_of(nested(32, R"({"a":1,"b":2})")), HasSubstr("nest over 32 deep"));
  EXPECT_THAT(refusal_of(nested(100'000, "{}")), testing::Not(HasSubstr("accepted")));
}

TEST(FilterForm, WideFiltersAreRefused) {
  const auto wide = [](std::size_t members) {
    std::string json = "{";
    for (std::size_t i = 0; i < members; ++i) {
      json += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
    }
    return json + "}";
  };
  EXPECT_THAT(refusal_of(wide(999)), HasSubstr("accepted"));
  EXPECT_THAT(refusal_of(wide(1000)), HasSubstr("over 1000 conditions and groups"));
  EXPECT_THAT(refusal_of(wide(20'000)), HasSubstr("over 1000 conditions and groups"));
  std::string groups = R"({"$or":[{})";
  for (int i = 0; i < 1000; ++i) groups += ",{}";
  EXPECT_THAT(refusal_of(groups + "]}"), HasSubstr("over 1000"));
}

TEST(FilterForm, LongListsAndLongNamesAreFine) {
  std::string json = R"({"id":{"$in":[0)";
  for (int i = 1; i < 20'000; ++i) json += "," + std::to_string(i);
  const Filter filter = Filter::parse(json + "]}}");
  EXPECT_TRUE(filter.matches(MemoryValue::parse(R"({"id":19999})")));
  EXPECT_FALSE(filter.matches(MemoryValue::parse(R"({"id":20000})")));
  const std::string name(100'000, 'x');
  EXPECT_LT(refusal_of(R"({"n":{"$)" + name + R"(":1}})").size(), 400U);
  EXPECT_LT(refusal_of(R"({")" + name + R"(":{"$in":1}})").size(), 400U);
  EXPECT_LT(refusal_of(R"({"$)" + name + R"(":1})").size(), 400U);
}

TEST(FilterForm, MessagesStayValidUtf8) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "\u00e9";
  for (const std::string& lead : {std::string(), std::string("a")}) {
    const std::string operators = refusal_of(R"({"n":{"$)" + lead + name + R"(":1}})");
    EXPECT_NO_THROW(static_cast<void>(MemoryValue(operators))) << operators;
    const std::string paths = refusal_of(R"({")" + lead + name + R"(":{"$in":1}})");
    EXPECT_NO_THROW(static_cast<void>(MemoryValue(paths))) << paths;
  }
}

TEST(FilterForm, OperandTooDeepForTheFormIsRefusedByToValueAlone) {
  const std::size_t levels = MemoryValue::max_depth;
  const MemoryValue deep = MemoryValue::parse(std::string(levels, '[') + std::string(levels, ']'));
  const Filter filter = Filter::where("", Filter::Operator::eq, deep);
  EXPECT_TRUE(filter.matches(deep));
  EXPECT_THROW(static_cast<void>(filter.to_value()), Error);
}

}  // namespace
}  // namespace holdfast
