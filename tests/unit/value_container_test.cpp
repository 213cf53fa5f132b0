// Lists and maps: building, looking into and changing them.
#include <gtest/gtest.h>

#include <latch>
#include <map>
#include <memory>
#include <thread>

#include "value_samples.hpp"

namespace holdfast {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

Members members_of(const MemoryValue& value) {
  Members members;
  for (const auto& [key, item] : value.items()) {
    members.emplace_back(key, std::string(item.json_text()));
  }
  return members;
}

MemoryValue lists_in_lists(std::size_t levels, MemoryValue inside = MemoryValue::list({})) {
  for (std::size_t level = 1; level < levels; ++level) inside = MemoryValue::list({inside});
  return inside;
}

TEST(ValueContainer, ListsKeepTheirOrder) {
  const MemoryValue list = MemoryValue::list({3, "x", nullptr, MemoryValue::list({true})});
  EXPECT_EQ(list.json_text(), R"([3,"x",null,[true]])");
  EXPECT_EQ(list.size(), 4U);
  EXPECT_EQ(list.at(1), MemoryValue("x"));
  EXPECT_EQ(list.at(3)->at(0), MemoryValue(true));
  EXPECT_FALSE(list.at(4));
  EXPECT_EQ(members_of(list), (Members{{"", "3"}, {"", "\"x\""}, {"", "null"}, {"", "[true]"}}));
}

TEST(ValueContainer, MapsSortTheirKeysAsBytes) {
  const MemoryValue map =
      MemoryValue::map({{"é", 1}, {"A", 2}, {"\"", 3}, {"!", 4}, {"", 5}, {"a\n", 6}, {"a", 7}});
  EXPECT_EQ(map.json_text(), R"({"":5,"!":4,"\"":3,"A":2,"a":7,"a\n":6,"é":1})");
  EXPECT_EQ(map, MemoryValue::parse(map.json_text()));
  EXPECT_EQ(map.size(), 7U);
}

TEST(ValueContainer, EveryMemberIsFoundAndNothingElse) {
  const MemoryValue map = MemoryValue::parse(canonical_sample);
  std::size_t members = 0;
  for (const auto& [key, value] : map.items()) {
    EXPECT_EQ(map.find(key), value) << key;
    EXPECT_EQ(map[key], value) << key;
    EXPECT_FALSE(map.find(key + "~")) << key;
    ++members;
  }
  EXPECT_EQ(members, map.size());
  EXPECT_EQ(map["z"]["é\n"], MemoryValue(1));
  EXPECT_TRUE(map["z"]["none"]["deeper"].is_null());
  EXPECT_FALSE(map.find("zz"));
  EXPECT_FALSE(map.find("\xFF"));
}

TEST(ValueContainer, OtherKindsHoldNothing) {
  for (const MemoryValue& value : {MemoryValue(), MemoryValue(1), MemoryValue("text"),
                                   MemoryValue::bytes(Bytes(3)), MemoryValue::list({})}) {
    EXPECT_FALSE(value.find("$bytes"));
    EXPECT_FALSE(value.at(0));
    EXPECT_EQ(value.size(), 0U);
    EXPECT_TRUE(members_of(value).empty());
  }
  EXPECT_FALSE(MemoryValue::map({{"0", 1}}).at(0));
}

TEST(ValueContainer, RangeOutlivesItsValue) {
  auto value = std::make_unique<MemoryValue>(MemoryValue::parse(R"({"a":[1],"b":2})"));
  const auto range = value->items();
  value.reset();
  Members members;
  for (const auto& [key, item] : range) members.emplace_back(key, item.json_text());
  EXPECT_EQ(members, (Members{{"a", "[1]"}, {"b", "2"}}));
}

TEST(ValueContainer, ElementSharesAndKeepsItsParentsText) {
  auto parent = std::make_unique<MemoryValue>(MemoryValue::parse(R"({"a":{"b":["long text"]}})"));
  const std::string_view parent_text = parent->json_text();
  const MemoryValue element = *(*parent)["a"]["b"].at(0);
  EXPECT_EQ(element.json_text().data(), parent_text.data() + parent_text.find("\"long"));
  parent.reset();
  EXPECT_EQ(element.get<std::string>(), "long text");
}

TEST(ValueContainer, CopySharesItsText) {
  const MemoryValue value = MemoryValue::parse(canonical_sample);
  const MemoryValue copy = value;
  EXPECT_EQ(copy.json_text().data(), value.json_text().data());
}

TEST(ValueContainer, DuplicateKeysAreRefused) {
  const auto error = error_of([] { return MemoryValue::map({{"k", 1}, {"j", 2}, {"k", 3}}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code(), ErrorCode::invalid_argument);
  EXPECT_NE(error->message().find("\"k\""), std::string::npos);
}

TEST(ValueContainer, KeysThatAreNotUtf8AreRefused) {
  EXPECT_EQ(code_of([] { return MemoryValue::map({{"\xFF", 1}}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { return MemoryValue().with("\xFF", 1); }), ErrorCode::invalid_argument);
}

TEST(ValueContainer, WithSetsAKeyWhereverItBelongs) {
  const MemoryValue map = MemoryValue::map({{"b", 1}, {"d", 2}});
  EXPECT_EQ(map.with("a", 0).json_text(), R"({"a":0,"b":1,"d":2})");
  EXPECT_EQ(map.with("c", 0).json_text(), R"({"b":1,"c":0,"d":2})");
  EXPECT_EQ(map.with("e", 0).json_text(), R"({"b":1,"d":2,"e":0})");
  EXPECT_EQ(map.with("b", "x").json_text(), R"({"b":"x","d":2})");
  EXPECT_EQ(map.with("d", "x").json_text(), R"({"b":1,"d":"x"})");
  EXPECT_EQ(map.with("b\n", 0).json_text(), R"({"b":1,"b\n":0,"d":2})");
  EXPECT_EQ(map.json_text(), R"({"b":1,"d":2})");
  EXPECT_EQ(MemoryValue().with("k", nullptr).json_text(), R"({"k":null})");
}

TEST(ValueContainer, WithoutTakesAKeyOutWhereverItStands) {
  const MemoryValue map = MemoryValue::map({{"a", 1}, {"b", 2}, {"c", 3}});
  EXPECT_EQ(map.without("a").json_text(), R"({"b":2,"c":3})");
  EXPECT_EQ(map.without("b").json_text(), R"({"a":1,"c":3})");
  EXPECT_EQ(map.without("c").json_text(), R"({"a":1,"b":2})");
  EXPECT_EQ(map.without("a").without("b").without("c").json_text(), "{}");
  EXPECT_EQ(map.without("none"), map);
}

TEST(ValueContainer, WithAndWithoutRefuseOtherKinds) {
  for (const MemoryValue& value :
       {MemoryValue(1), MemoryValue("x"), MemoryValue::list({}), MemoryValue::bytes(Bytes(3))}) {
    EXPECT_EQ(code_of([&] { return value.with("k", 1); }), ErrorCode::failed_precondition);
    EXPECT_EQ(code_of([&] { return value.without("k"); }), ErrorCode::failed_precondition);
  }
  EXPECT_EQ(code_of([] { return MemoryValue().without("k"); }), ErrorCode::failed_precondition);
}

/// `with` and `without` against a map of values.
TEST(ValueContainer, RandomChangesAgreeWithAModel) {
  RandomValues random(3);
  MemoryValue map = MemoryValue::map({});
  std::map<std::string, MemoryValue> model;
  for (int step = 0; step < 5000; ++step) {
    const std::string key = random.text();
    if (random.below(3) == 0) {
      map = map.without(key);
      model.erase(key);
    } else {
      const MemoryValue value = random.next(1);
      map = map.with(key, value);
      model[key] = value;
    }
    if (random.below(50) == 0) {
      map = MemoryValue::map({});
      model.clear();
    }
    const std::vector<MemoryValue::Member> members(model.begin(), model.end());
    ASSERT_EQ(map, MemoryValue::map(members)) << map.json_text();
    ASSERT_EQ(map, parsed(map.json_text()));
    ASSERT_EQ(map.size(), model.size());
  }
}

TEST(ValueContainer, BuildingNestsAsDeepAsParsingAndNoDeeper) {
  const MemoryValue deepest = lists_in_lists(128);
  EXPECT_EQ(deepest, parsed(std::string(128, '[') + std::string(128, ']')));
  const MemoryValue below = lists_in_lists(127);
  EXPECT_EQ(code_of([&] { return MemoryValue::list({deepest}); }), ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] {
              return MemoryValue::map({{"k", deepest}});
            }),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([&] { return MemoryValue().with("k", deepest); }), ErrorCode::invalid_argument);
  EXPECT_EQ(parsed(MemoryValue::map({{"k", below}}).json_text())["k"], below);
  EXPECT_EQ(MemoryValue().with("k", below)["k"], below);
}

TEST(ValueContainer, ScalarsAndBytesStandInTheDeepestList) {
  for (const MemoryValue& scalar :
       {MemoryValue(), MemoryValue("[[{{"), MemoryValue::bytes(Bytes(3)), MemoryValue(1.5)}) {
    const MemoryValue value = lists_in_lists(128, MemoryValue::list({scalar}));
    EXPECT_EQ(parsed(value.json_text()), value);
    EXPECT_EQ(code_of([&] { return MemoryValue::list({value}); }), ErrorCode::invalid_argument);
  }
}

TEST(ValueContainer, ManyThreadsUseOneValue) {
  const MemoryValue value = MemoryValue::parse(canonical_sample);
  std::latch start(4);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      for (int round = 0; round < 500; ++round) {
        const MemoryValue copy = value;
        const MemoryValue element = copy["z"]["a"];
        ASSERT_EQ(element.json_text(), R"({"b":{}})");
        ASSERT_EQ(members_of(copy).size(), 8U);
      }
    });
  }
}

}  // namespace
}  // namespace holdfast
