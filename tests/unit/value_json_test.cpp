// Special forms, nlohmann::json and the round trips between all of them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "value_samples.hpp"

namespace holdfast {
namespace {

using nlohmann::json;

/// A random JSON document; one object in a few looks like a special form, or nearly.
json random_json(RandomValues& random, int levels) {
  switch (random.below(levels > 0 ? 8U : 5U)) {
    case 0:
      return nullptr;
    case 1:
      return random.below(2) == 0;
    case 2:
      return random.integer();
    case 3:
      return random.number();
    case 4:
      return random.text();
    case 5: {
      json array = json::array();
      for (std::size_t n = random.below(4); n > 0; --n) {
        array.push_back(random_json(random, levels - 1));
      }
      return array;
    }
    case 6: {
      static const std::vector<std::string> base64 = {"",   "AA==", "AAA=", "AAAA",
                                                      "AA", "AB==", "é"};
      json form = {{"$bytes", base64[random.below(base64.size())]}};
      while (random.below(2) == 0) form = json{{"$map", form}};
      if (random.below(4) == 0) form["x"] = 1;
      return form;
    }
    default: {
      json object = json::object();
      for (std::size_t n = random.below(5); n > 0; --n) {
        object[random.text()] = random_json(random, levels - 1);
      }
      return object;
    }
  }
}

/// A copy made element by element through the public interface.
MemoryValue rebuilt(const MemoryValue& value) {
  switch (value.kind()) {
    case ValueKind::null:
      return {};
    case ValueKind::boolean:
      return value.get<bool>();
    case ValueKind::int64:
      return value.get<std::int64_t>();
    case ValueKind::float64:
      return value.get<double>();
    case ValueKind::string:
      return value.get<std::string>();
    case ValueKind::bytes:
      return MemoryValue::bytes(value.get<Bytes>());
    case ValueKind::list: {
      std::vector<MemoryValue> elements;
      for (const auto& item : value.items()) elements.push_back(rebuilt(item.value));
      return MemoryValue::list(elements);
    }
    case ValueKind::map: {
      std::vector<MemoryValue::Member> members;
      for (const auto& item : value.items()) members.emplace_back(item.key, rebuilt(item.value));
      return MemoryValue::map(members);
    }
  }
  return {};
}

json nested_arrays(std::size_t levels) {
  json outermost = json::array();
  for (std::size_t level = 1; level < levels; ++level) {
    json outer = json::array();
    outer.push_back(std::move(outermost));
    outermost = std::move(outer);
  }
  return outermost;
}

TEST(ValueJson, ASpecialFormIsExact) {
  for (const std::string_view text :
       {R"({"$bytes":"AA"})", R"({"$bytes":"AB=="})", R"({"$bytes":1})",
        R"({"$bytes":"AA==","x":1})", R"({"$bytes":"\n"})", R"({"$Bytes":"AA=="})",
        R"({"$bytes":{"$bytes":"AA=="}})", R"({"$map":{}})", R"({"$map":{"$bytes":"A"}})",
        R"({"$map":1})"}) {
    const MemoryValue value = parsed(text);
    EXPECT_EQ(value.kind(), ValueKind::map) << text;
    EXPECT_EQ(rebuilt(value), value) << text;
  }
  EXPECT_EQ(parsed(R"({"$bytes":"AA=="})").get<Bytes>(), Bytes(1));
  EXPECT_EQ(parsed(R"({ "\u0024bytes" : "\u0041A==" })").get<Bytes>(), Bytes(1));
}

TEST(ValueJson, AMapThatLooksLikeBytesStaysAMap) {
  const MemoryValue map = MemoryValue::map({{"$bytes", "AA=="}});
  EXPECT_EQ(map.kind(), ValueKind::map);
  EXPECT_EQ(map.json_text(), R"({"$map":{"$bytes":"AA=="}})");
  EXPECT_EQ(map["$bytes"], MemoryValue("AA=="));
  EXPECT_EQ(map.size(), 1U);
}

TEST(ValueJson, AMapThatLooksLikeAWrapStaysAsItIs) {
  const MemoryValue bytes = MemoryValue::bytes(Bytes(1));
  const MemoryValue map = MemoryValue::map({{"$map", bytes}});
  EXPECT_EQ(map.json_text(), R"({"$map":{"$map":{"$bytes":"AA=="}}})");
  EXPECT_EQ(map["$map"], bytes);
  const MemoryValue outer = MemoryValue::map({{"$map", map}});
  EXPECT_EQ(outer["$map"]["$map"], bytes);
  EXPECT_EQ(rebuilt(outer), outer);
}

TEST(ValueJson, WithAndWithoutWrapAndUnwrap) {
  const MemoryValue map = MemoryValue::map({{"$bytes", "AA=="}, {"x", 1}});
  EXPECT_EQ(map.json_text(), R"({"$bytes":"AA==","x":1})");
  EXPECT_EQ(map.without("x").json_text(), R"({"$map":{"$bytes":"AA=="}})");
  EXPECT_EQ(map.without("x").with("x", 1), map);
  EXPECT_EQ(map.without("x").with("$bytes", "A").json_text(), R"({"$bytes":"A"})");
}

TEST(ValueJson, AnyValueReadsBackFromItsTextAndFromJson) {
  RandomValues random(1);
  for (int i = 0; i < 5000; ++i) {
    const MemoryValue value = random.next();
    ASSERT_EQ(parsed(value.json_text()), value) << value.json_text();
    ASSERT_EQ(parsed(value.json_text()).kind(), value.kind());
    ASSERT_EQ(MemoryValue::from_json(value.to_json()), value) << value.json_text();
    ASSERT_EQ(rebuilt(value), value) << value.json_text();
    ASSERT_EQ(MemoryValue::from_canonical(SharedText::copy_of(value.json_text())), value);
  }
}

TEST(ValueJson, AnyJsonComesBackUnchanged) {
  RandomValues random(2);
  for (int i = 0; i < 5000; ++i) {
    const json document = random_json(random, 4);
    const std::string text =
        document.dump(random.below(2) == 0 ? -1 : 2, ' ', random.below(2) == 0);
    const MemoryValue value = parsed(text);
    ASSERT_EQ(value.to_json(), json::parse(text)) << text;
    ASSERT_EQ(MemoryValue::from_json(document), value) << text;
    ASSERT_EQ(rebuilt(value), value) << text;
  }
}

TEST(ValueJson, KindsOfNumbersSurviveJson) {
  EXPECT_EQ(MemoryValue::from_json(1), MemoryValue(1));
  EXPECT_EQ(MemoryValue::from_json(1U), MemoryValue(1));
  EXPECT_EQ(MemoryValue::from_json(1.0), MemoryValue(1.0));
  EXPECT_TRUE(MemoryValue(1.0).to_json().is_number_float());
  EXPECT_TRUE(MemoryValue(1).to_json().is_number_integer());
  EXPECT_TRUE(std::signbit(MemoryValue(-0.0).to_json().get<double>()));
  EXPECT_EQ(MemoryValue(9007199254740993).to_json().get<std::int64_t>(), 9007199254740993);
}

TEST(ValueJson, NlohmannBinaryBecomesBytes) {
  EXPECT_EQ(MemoryValue::from_json(json::binary({0, 1, 2})).json_text(), R"({"$bytes":"AAEC"})");
  EXPECT_EQ(MemoryValue::from_json(json{{"b", json::binary({})}})["b"].get<Bytes>(), Bytes());
}

TEST(ValueJson, WhatHasNoPlaceInAValueIsRefused) {
  const std::vector<json> refused = {
      json(json::value_t::discarded),
      json(std::numeric_limits<double>::quiet_NaN()),
      json(std::numeric_limits<double>::infinity()),
      json(std::uint64_t{9223372036854775808U}),
      json("\xFF"),
      json{{"\xFF", 1}},
      json::binary({0}, 7),
  };
  for (const json& document : refused) {
    EXPECT_EQ(code_of([&] { return MemoryValue::from_json(document); }),
              ErrorCode::invalid_argument);
    EXPECT_EQ(code_of([&] { return MemoryValue::from_json(json::array({document})); }),
              ErrorCode::invalid_argument);
  }
}

TEST(ValueJson, FromJsonNestsAsDeepAsParsingAndNoDeeper) {
  EXPECT_EQ(MemoryValue::from_json(nested_arrays(128)),
            parsed(std::string(128, '[') + std::string(128, ']')));
  EXPECT_EQ(code_of([] { return MemoryValue::from_json(nested_arrays(129)); }),
            ErrorCode::invalid_argument);
  EXPECT_EQ(code_of([] { return MemoryValue::from_json(nested_arrays(100'000)); }),
            ErrorCode::invalid_argument);
}

TEST(ValueJson, FromJsonTakesBytesButNoMapInTheDeepestList) {
  const auto in_lists = [](json inside) {
    for (int level = 0; level < 128; ++level) {
      json outer = json::array();
      outer.push_back(std::move(inside));
      inside = std::move(outer);
    }
    return inside;
  };
  for (const json& bytes : {json::binary({0}), json{{"$bytes", "AA=="}}}) {
    const json document = in_lists(bytes);
    EXPECT_EQ(parsed(MemoryValue::from_json(document).json_text()).to_json().dump().size(),
              256U + 17U);
  }
  for (const json& map :
       {json::object(), json{{"$bytes", "AA"}}, json{{"a", 1}}, json{{"a", 1}, {"b", 1}}}) {
    const json document = in_lists(map);
    EXPECT_EQ(code_of([&] { return MemoryValue::from_json(document); }),
              ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace holdfast
