#include "holdfast/filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/error.hpp"

namespace holdfast {
namespace {

using testing::HasSubstr;
using Operator = Filter::Operator;

MemoryValue parsed(std::string_view json) { return MemoryValue::parse(json); }

bool meets(std::string_view value, std::string_view filter) {
  return Filter::parse(filter).matches(parsed(value));
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument) << error.what();
    return error.message();
  }
  return "accepted";
}

struct Kind {
  std::string_view low;
  std::string_view high;
  bool ordered;
};

// Two different values of each kind, in order where there is one.
constexpr std::array<Kind, 8> kinds{{
    {"null", "null", false},
    {"false", "true", false},
    {"1", "2", true},
    {"1.5", "2.5", true},
    {R"("1")", R"("2")", true},
    {R"({"$bytes":"AQ=="})", R"({"$bytes":"Ag=="})", true},
    {"[1]", "[2]", false},
    {R"({"a":1})", R"({"a":2})", false},
}};

bool is_number(const Kind& kind) { return kind.low.front() == '1'; }

TEST(Filter, EqualAndUnequalForEachPairOfKinds) {
  for (const Kind& stored : kinds) {
    for (const Kind& asked : kinds) {
      const MemoryValue value = MemoryValue::map({{"x", parsed(stored.low)}});
      const auto met = [&](Operator op) {
        return Filter::where("x", op, parsed(asked.low)).matches(value);
      };
      const bool same = stored.low == asked.low;
      EXPECT_EQ(met(Operator::eq), same) << stored.low << " and " << asked.low;
      EXPECT_EQ(met(Operator::ne), !same) << stored.low << " and " << asked.low;
    }
  }
}

TEST(Filter, OrderForEachPairOfKinds) {
  for (const Kind& stored : kinds) {
    for (const Kind& asked : kinds) {
      if (!asked.ordered) continue;
      const MemoryValue low = MemoryValue::map({{"x", parsed(stored.low)}});
      const MemoryValue high = MemoryValue::map({{"x", parsed(stored.high)}});
      const auto met = [&](const MemoryValue& value, Operator op, std::string_view operand) {
        return Filter::where("x", op, parsed(operand)).matches(value);
      };
      const bool comparable = stored.low == asked.low || (is_number(stored) && is_number(asked));
      EXPECT_EQ(met(high, Operator::gt, asked.low), comparable) << stored.high << asked.low;
      EXPECT_EQ(met(high, Operator::gte, asked.low), comparable) << stored.high << asked.low;
      EXPECT_EQ(met(low, Operator::lt, asked.high), comparable) << stored.low << asked.high;
      EXPECT_EQ(met(low, Operator::lte, asked.high), comparable) << stored.low << asked.high;
      EXPECT_FALSE(met(low, Operator::gt, asked.high)) << stored.low << asked.high;
      EXPECT_FALSE(met(low, Operator::gte, asked.high)) << stored.low << asked.high;
      EXPECT_FALSE(met(high, Operator::lt, asked.low)) << stored.high << asked.low;
      EXPECT_FALSE(met(high, Operator::lte, asked.low)) << stored.high << asked.low;
    }
  }
}

TEST(Filter, OrderAtTheVeryValue) {
  EXPECT_TRUE(meets(R"({"n":5})", R"({"n":{"$gte":5,"$lte":5.0}})"));
  EXPECT_FALSE(meets(R"({"n":5})", R"({"n":{"$gt":5}})"));
  EXPECT_FALSE(meets(R"({"n":5})", R"({"n":{"$lt":5.0}})"));
  EXPECT_TRUE(meets(R"({"n":9007199254740993})", R"({"n":{"$gt":9007199254740992.0}})"));
  EXPECT_FALSE(meets(R"({"n":9})", R"({"n":{"$gt":10}})"));
}

TEST(Filter, OperandsThatDoNotFitAreRefused) {
  for (const Kind& kind : kinds) {
    const MemoryValue operand = parsed(kind.low);
    const auto accepted = [&](Operator op) {
      const std::string text = refusal([&] { static_cast<void>(Filter::where("x", op, operand)); });
      if (text != "accepted") {
        EXPECT_THAT(text, HasSubstr(std::string(to_string(operand.kind()))));
      }
      return text == "accepted";
    };
    for (const Operator op : {Operator::gt, Operator::gte, Operator::lt, Operator::lte}) {
      EXPECT_EQ(accepted(op), kind.ordered) << kind.low;
    }
    EXPECT_EQ(accepted(Operator::in), operand.kind() == ValueKind::list);
    EXPECT_EQ(accepted(Operator::nin), operand.kind() == ValueKind::list);
    EXPECT_EQ(accepted(Operator::exists), operand.kind() == ValueKind::boolean);
    EXPECT_TRUE(accepted(Operator::eq));
    EXPECT_TRUE(accepted(Operator::ne));
    EXPECT_TRUE(accepted(Operator::contains));
  }
  EXPECT_EQ(refusal([] { static_cast<void>(Filter::parse(R"({"a.b":{"$in":5}})")); }),
            R"(filter: $in at "a.b" takes a list, not int64)");
}

TEST(Filter, InMeansEquivalentToAnElement) {
  EXPECT_TRUE(meets(R"({"x":2})", R"({"x":{"$in":[1,2.0]}})"));
  EXPECT_FALSE(meets(R"({"x":3})", R"({"x":{"$in":[1,2]}})"));
  EXPECT_FALSE(meets(R"({"x":3})", R"({"x":{"$in":[]}})"));
  EXPECT_TRUE(meets(R"({"x":null})", R"({"x":{"$in":[null]}})"));
  EXPECT_TRUE(meets(R"({"x":[1]})", R"({"x":{"$in":[[1.0]]}})"));
  EXPECT_FALSE(meets(R"({"x":[1]})", R"({"x":{"$in":[1]}})"));
  EXPECT_TRUE(meets(R"({"x":{"a":1}})", R"({"x":{"$in":["n",{"a":1}]}})"));
  EXPECT_FALSE(meets(R"({"x":2})", R"({"x":{"$nin":[1,2.0]}})"));
  EXPECT_TRUE(meets(R"({"x":3})", R"({"x":{"$nin":[1,2]}})"));
  EXPECT_TRUE(meets(R"({"x":3})", R"({"x":{"$nin":[]}})"));
}

TEST(Filter, ContainsLooksIntoListsAndStrings) {
  EXPECT_TRUE(meets(R"({"x":["a","b"]})", R"({"x":{"$contains":"b"}})"));
  EXPECT_FALSE(meets(R"({"x":["ab"]})", R"({"x":{"$contains":"b"}})"));
  EXPECT_TRUE(meets(R"({"x":[1.0]})", R"({"x":{"$contains":1}})"));
  EXPECT_TRUE(meets(R"({"x":[{"a":1,"b":2}]})", R"({"x":{"$contains":{"b":2.0,"a":1}}})"));
  EXPECT_TRUE(meets(R"({"x":"hay needle hay"})", R"({"x":{"$contains":"needle"}})"));
  EXPECT_TRUE(meets(R"({"x":"abc"})", R"({"x":{"$contains":""}})"));
  EXPECT_TRUE(meets(R"({"x":""})", R"({"x":{"$contains":""}})"));
  EXPECT_FALSE(meets(R"({"x":"abc"})", R"({"x":{"$contains":"B"}})"));
  EXPECT_FALSE(meets(R"({"x":"123"})", R"({"x":{"$contains":2}})"));
  EXPECT_FALSE(meets(R"({"x":{"a":1}})", R"({"x":{"$contains":"a"}})"));
  EXPECT_FALSE(meets(R"({"x":{"$bytes":"aGk="}})", R"({"x":{"$contains":"aGk="}})"));
  EXPECT_FALSE(meets(R"({"x":[]})", R"({"x":{"$contains":null}})"));
}

TEST(Filter, ContainsIsNotMisledByEscapes) {
  EXPECT_FALSE(meets(R"({"x":"\n"})", R"({"x":{"$contains":"n"}})"));
  EXPECT_FALSE(meets(R"({"x":"\\n"})", R"({"x":{"$contains":"\n"}})"));
  EXPECT_TRUE(meets(R"({"x":"\\n"})", R"({"x":{"$contains":"n"}})"));
  EXPECT_TRUE(meets(R"({"x":"a\nb"})", R"({"x":{"$contains":"\nb"}})"));
  EXPECT_FALSE(meets(R"({"x":"\u0001"})", R"({"x":{"$contains":"01"}})"));
  EXPECT_TRUE(meets(R"({"x":"a\"b"})", R"({"x":{"$contains":"\""}})"));
}

TEST(Filter, MissingFieldMeetsNeNinAndExistsFalseAlone) {
  for (const std::string_view value : {R"({})", R"({"y":1})", "5", "null", R"([1])", R"("x")"}) {
    EXPECT_TRUE(meets(value, R"({"x":{"$ne":1}})")) << value;
    EXPECT_TRUE(meets(value, R"({"x":{"$ne":null}})")) << value;
    EXPECT_TRUE(meets(value, R"({"x":{"$nin":[1,null]}})")) << value;
    EXPECT_TRUE(meets(value, R"({"x":{"$exists":false}})")) << value;
    EXPECT_FALSE(meets(value, R"({"x":{"$exists":true}})")) << value;
    EXPECT_FALSE(meets(value, R"({"x":null})")) << value;
    EXPECT_FALSE(meets(value, R"({"x":{"$in":[null]}})")) << value;
    EXPECT_FALSE(meets(value, R"({"x":{"$lt":9}})")) << value;
    EXPECT_FALSE(meets(value, R"({"x":{"$gte":""}})")) << value;
    EXPECT_FALSE(meets(value, R"({"x":{"$contains":""}})")) << value;
  }
}

TEST(Filter, ExplicitNullIsThereAndEqualsNull) {
  EXPECT_TRUE(meets(R"({"x":null})", R"({"x":null})"));
  EXPECT_TRUE(meets(R"({"x":null})", R"({"x":{"$exists":true}})"));
  EXPECT_FALSE(meets(R"({"x":null})", R"({"x":{"$exists":false}})"));
  EXPECT_FALSE(meets(R"({"x":null})", R"({"x":{"$ne":null}})"));
}

TEST(Filter, NotIsTheExactOpposite) {
  for (const std::string_view value : {R"({})", R"({"x":1})", R"({"x":"1"})", R"({"x":null})"}) {
    for (const std::string_view filter :
         {R"({"x":1})", R"({"x":{"$ne":1}})", R"({"x":{"$gt":0}})", R"({"x":{"$lte":0}})",
          R"({"x":{"$exists":true}})", R"({"x":{"$in":[null]}})", R"({})", R"({"$or":[]})"}) {
      const std::string opposite = R"({"$not":)" + std::string(filter) + "}";
      EXPECT_NE(meets(value, filter), meets(value, opposite)) << value << filter;
    }
  }
  EXPECT_TRUE(meets(R"({})", R"({"$not":{"x":{"$gt":0}}})"));
}

TEST(Filter, GroupsOfNoneAndOfMany) {
  const MemoryValue value = parsed(R"({"a":1,"b":2})");
  const Filter a = Filter::where("a", Operator::eq, 1);
  const Filter b = Filter::where("b", Operator::eq, 1);
  EXPECT_TRUE(Filter::all_of({}).matches(value));
  EXPECT_FALSE(Filter::any_of({}).matches(value));
  EXPECT_FALSE(Filter::all_of({a, b}).matches(value));
  EXPECT_TRUE(Filter::any_of({b, a}).matches(value));
  EXPECT_TRUE(Filter::none_of(b).matches(value));
  EXPECT_FALSE(Filter::none_of(a).matches(value));
  EXPECT_TRUE(meets(R"({"a":1,"b":2})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(meets(R"({"a":1,"b":2})", R"({"a":1,"b":3})"));
  EXPECT_TRUE(meets(R"({"a":1})", R"({"$or":[{"a":2},{"a":1}],"$and":[{},{"a":{"$gt":0}}]})"));
}

TEST(Filter, KnowsWhenItIsMetByEverything) {
  EXPECT_TRUE(Filter().matches_everything());
  EXPECT_TRUE(Filter().matches(nullptr));
  EXPECT_TRUE(Filter::parse("{}").matches_everything());
  EXPECT_TRUE(Filter::all_of({Filter(), Filter()}).matches_everything());
  EXPECT_FALSE(Filter::any_of({}).matches_everything());
  EXPECT_FALSE(Filter::none_of(Filter()).matches_everything());
  EXPECT_FALSE(Filter::parse(R"({"a":1})").matches_everything());
}

TEST(Filter, EqualityIsDeepAndMapsAreUnordered) {
  EXPECT_TRUE(
      meets(R"({"x":{"a":[1,{"b":2.0}],"c":null}})", R"({"x":{"c":null,"a":[1.0,{"b":2}]}})"));
  EXPECT_FALSE(meets(R"({"x":{"a":1,"b":2}})", R"({"x":{"a":1}})"));
  EXPECT_FALSE(meets(R"({"x":{"a":[9007199254740993]}})", R"({"x":{"a":[9007199254740992.0]}})"));
  EXPECT_TRUE(meets(R"({"x":{}})", R"({"x":{}})"));
  EXPECT_FALSE(meets(R"({"x":[]})", R"({"x":{}})"));
}

TEST(Filter, EmptyPathIsTheWholeValue) {
  EXPECT_TRUE(meets("5", R"({"":5})"));
  EXPECT_TRUE(meets("5", R"({"":{"$gt":4}})"));
  EXPECT_TRUE(meets("[1,2]", R"({"":{"$contains":2}})"));
  EXPECT_FALSE(meets("null", R"({"":{"$exists":false}})"));
}

TEST(Filter, PathsThatLookLikeInjectionAreOnlyKeys) {
  for (const std::string_view key : {"a') OR 1=1--", "x'; DROP TABLE entries; --", "$.a", "a\"b",
                                     "%", "a' UNION SELECT 1 --", "#>>'{}'"}) {
    const auto path = Path(std::vector<Path::Step>{std::string(key)});
    const Filter filter = Filter::where(path, Operator::eq, 1);
    EXPECT_TRUE(filter.matches(MemoryValue::map({{std::string(key), 1}}))) << key;
    EXPECT_FALSE(filter.matches(parsed(R"({"a":1})"))) << key;
    EXPECT_EQ(Filter::from_value(filter.to_value()).to_value(), filter.to_value()) << key;
  }
  EXPECT_FALSE(meets(R"({"a":1})", R"({"a') OR 1=1--":1})"));
}

// A value is ruled out where the operand's text is nowhere in it: never one that meets the filter.
TEST(Filter, OperandsAreFoundWhereverTheyStandAndHoweverTheyAreSpelt) {
  const std::vector<MemoryValue> operands{nullptr,
                                          true,
                                          "",
                                          "plain",
                                          "a\nb\"\\",
                                          std::string(1, '\0'),
                                          "\u00e9",
                                          parsed(R"({"$bytes":""})"),
                                          parsed(R"({"$bytes":"aGk="})")};
  const std::vector<std::string> keys{"", "k", "a.b[0]", "q\"\n\\", "\u00e9", "$bytes", "$map"};
  for (const MemoryValue& operand : operands) {
    EXPECT_TRUE(Filter::where("", Operator::eq, operand).matches(operand));
    EXPECT_TRUE(
        Filter::where("[1]", Operator::eq, operand).matches(MemoryValue::list({1, operand})));
    EXPECT_TRUE(
        Filter::where("", Operator::contains, operand).matches(MemoryValue::list({1, operand})));
    for (const std::string& key : keys) {
      const auto map = MemoryValue::map({{key, operand}, {"zz", 1}});
      const auto single = MemoryValue::map({{key, operand}});
      const Path path(std::vector<Path::Step>{key});
      EXPECT_TRUE(Filter::where(path, Operator::eq, operand).matches(map)) << key;
      EXPECT_TRUE(Filter::where(path, Operator::eq, operand).matches(single)) << key;
      const Path deeper(std::vector<Path::Step>{"$map", key});
      EXPECT_TRUE(Filter::where(deeper, Operator::eq, operand)
                      .matches(MemoryValue::map({{"$map", single}})))
          << key;
    }
  }
}

TEST(Filter, TextOfTheOperandElsewhereMeetsNothing) {
  EXPECT_FALSE(meets(R"({"other":{"role":"user"},"role":"x"})", R"({"role":"user"})"));
  EXPECT_FALSE(meets(R"({"role":"\"role\":\"user\""})", R"({"role":"user"})"));
  EXPECT_FALSE(meets(R"({"text":"needle","x":"hay"})", R"({"x":{"$contains":"needle"}})"));
  EXPECT_FALSE(meets(R"({"needle":1,"x":["hay"]})", R"({"x":{"$contains":"needle"}})"));
}

TEST(Filter, CopiesShareAndOutliveTheirOrigin) {
  Filter copy;
  {
    const Filter origin = Filter::parse(R"({"a":{"$in":["some text that is long enough"]}})");
    copy = origin;
  }
  EXPECT_TRUE(copy.matches(parsed(R"({"a":"some text that is long enough"})")));
}

TEST(Filter, NodesAreBoundedHoweverTheyAreShared) {
  const Filter leaf = Filter::where("a", Operator::eq, 1);
  const std::vector<Filter> most(Filter::max_nodes - 1, leaf);
  EXPECT_TRUE(Filter::all_of(most).matches(parsed(R"({"a":1})")));
  EXPECT_THAT(refusal([&] {
                static_cast<void>(Filter::any_of(std::vector<Filter>(Filter::max_nodes, leaf)));
              }),
              HasSubstr("over 1000 conditions and groups"));
  // Each level doubles what is evaluated, though only one node is new.
  EXPECT_THAT(refusal([&] {
                Filter doubled = leaf;
                for (int i = 0; i < 30; ++i) doubled = Filter::all_of({doubled, doubled});
              }),
              HasSubstr("over 1000"));
}

TEST(Filter, DepthIsBounded) {
  Filter nested = Filter::where("a", Operator::eq, 1);
  for (std::size_t i = 0; i < Filter::max_depth; ++i) nested = Filter::none_of(nested);
  EXPECT_TRUE(nested.matches(parsed(R"({"a":1})")));
  EXPECT_EQ(Filter::from_value(nested.to_value()).to_value(), nested.to_value());
  EXPECT_THAT(refusal([&] { static_cast<void>(Filter::none_of(nested)); }),
              HasSubstr("groups nest over 32 deep"));
}

}  // namespace
}  // namespace holdfast
